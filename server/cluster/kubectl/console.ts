/** What a verb works with: the objects it may read, the clock, the flags, and where its lines go. */
import type { Fields, K8sObject, Ref } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import type { ApiError, Millis, View } from '../types.ts'
import { notFound } from '../admission/refusal.ts'
import type { Subject } from '../rbac.ts'
import { evaluate, forbiddenError, serviceAccountSubject } from '../rbac.ts'
import { resourceOf, isNamespaced } from '../resources.ts'
import type { Flags } from './command-line.ts'
import { served } from './served.ts'

export type Session = {
  /** The current context's namespace. */
  namespace: string
  /** Files that `-f` can name. */
  files?: Readonly<Record<string, string>>
  columns?: number
  /** How much virtual time a command that waits (get -w, logs -f, rollout status, wait, delete, drain) may let pass; 60 s when absent. */
  patience?: Millis
  /** Look at this moment (virtual milliseconds since the cluster's first instant) and let no time pass. Verbs that change something are refused when it is past. */
  at?: Millis
  /** Only to look: verbs that change something are refused at the present moment too, for nobody will see what they did. */
  looks?: boolean
}

/** Field documentation for `kubectl explain`: the description of a kind (path []) or of a field, with its type and children; undefined when there is none. */
export type FieldDocument = { type: string; description: string; required?: boolean; enum?: string[]; fields?: { name: string; type: string; description: string; required?: boolean }[] }
export type Documentation = (kind: string, apiVersion: string, path: readonly string[]) => FieldDocument | undefined

/** Ends the command: the text goes to standard error as it is. */
export class Refusal extends Error {
  readonly exitCode: number
  /** What stands there instead when other failures stand beside it. */
  readonly amongOthers: string | undefined
  constructor(message: string, exitCode = 1, amongOthers?: string) {
    super(message)
    this.exitCode = exitCode
    this.amongOthers = amongOthers
  }
}

/** Ends the command with its help on standard error. */
export class HelpRefusal extends Refusal {
  constructor() {
    super('')
  }
}

export type Console = {
  readonly cluster: LiveCluster
  readonly view: View
  /** Virtual time of what is seen. */
  readonly at: Millis
  /** The same instant as milliseconds of the epoch, for ages. */
  readonly nowMs: number
  readonly past: boolean
  /** How much virtual time a waiting command may let pass; undefined: as long as suits the verb. 0: none, not even for a command to run. */
  readonly patience: Millis | undefined
  readonly flags: Flags
  readonly args: readonly string[]
  readonly rest: readonly string[] | undefined
  /** The command as usage lines name it: `kubectl rollout status`. */
  readonly path: string
  /** Namespace in effect (-n, or the context's). */
  readonly namespace: string
  readonly documentation: Documentation | undefined
  /** Who asks: --as, or undefined for the cluster's administrator. */
  readonly as: Subject | undefined
  session: Session
  mutated: boolean
  /** Standard input: text piped in. */
  readonly input: string
  out(line: string): void
  /** Text without a line break after it. */
  write(text: string): void
  err(line: string): void
  /** Text on standard error without a line break after it. */
  writeError(text: string): void
  /** Ends with exit code 1 once the verb is through. Several failures stand without `error: ` in front, as kubectl lists them; `own`: the words are the message's. */
  fail(line: string, own?: boolean, amongOthers?: string): void
}

/** The subject behind `--as` and `--as-group`. */
export function subjectOf(user: string, groups: readonly string[]): Subject | undefined {
  if (user === '') return undefined
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user)
  const subject = account ? serviceAccountSubject(account[1]!, account[2]!) : { user, groups: user === 'system:anonymous' ? ['system:unauthenticated'] : ['system:authenticated'] }
  return groups.length > 0 ? { user, groups: [...groups, ...(subject.groups.includes('system:authenticated') ? ['system:authenticated'] : [])] } : subject
}

/** How kubectl prints what the server refused (cmd/util/helpers.go:StandardErrorMessage). */
export function serverError(error: ApiError, prefix = ''): string {
  if (error.reason === 'Invalid' && prefix === '') {
    const match = /^(\w[\w.]*) "([^"]*)" is invalid: (.*)$/s.exec(error.message)
    if (!match) return `Error from server (Invalid): ${error.message}`
    const kind = match[1]!.split('.')[0]!
    const causes = (error.causes ?? []).filter((cause, i, all) => all.findIndex((other) => other.field === cause.field && other.message === cause.message) === i)
    if (causes.length <= 1) return `The ${kind} "${match[2]}" is invalid: ${match[3]}`
    return [`The ${kind} "${match[2]}" is invalid: `, ...causes.map((cause) => `* ${cause.field}: ${cause.message}`)].join('\n')
  }
  if (error.reason === 'InternalError') return `Error from server (InternalError): ${prefix}${error.message}`
  return `Error from server (${error.reason}): ${prefix}${error.message}`
}

/** The refusal of an object from a file: alone an Invalid one is listed, beside others it stands in one line with where it came from (cmd/util/helpers.go:checkErr, MultipleErrors). */
export function fileRefusal(error: ApiError, prefix: string): Refusal {
  if (error.reason !== 'Invalid') return new Refusal(serverError(error, prefix))
  return new Refusal(serverError(error), 1, `Error from server (Invalid): ${prefix}${error.message}`)
}

/** Throws the 403 when `--as` names someone who may not do this. */
export function authorise(console: Console, verb: string, kind: string, namespace: string, name?: string, subresource?: string): void {
  const denied = deniedTo(console, verb, kind, namespace, name, subresource)
  if (denied) throw new Refusal(serverError(denied))
}

/** The 403 when `--as` names someone who may not do this, for verbs that word it in their own way. */
export function deniedTo({ as, view }: Console, verb: string, kind: string, namespace: string, name?: string, subresource?: string): ApiError | undefined {
  if (!as) return undefined
  const { group, plural } = resourceOf(kind)
  const request = { verb, group, resource: plural, namespace: isNamespaced(kind) ? namespace : '', ...(name ? { name } : {}), ...(subresource ? { subresource } : {}) }
  return evaluate(as, request, view).allowed ? undefined : forbiddenError(as, request)
}

/** One object as the server sends it, or undefined. */
export function find(console: Console, ref: Ref): K8sObject | undefined {
  return served(console, ref.kind, ref.namespace).find((object) => object.metadata.name === ref.name && (object.metadata.namespace ?? '') === ref.namespace)
}

/** One object; the NotFound error when it is not there. */
export function get(console: Console, ref: Ref): K8sObject {
  authorise(console, 'get', ref.kind, ref.namespace, ref.name)
  const object = find(console, ref)
  if (!object) throw new Refusal(serverError(notFound(ref.kind, ref.name)))
  return object
}

/** All of a kind in a namespace ('' for all), sorted by namespace and name. */
export function list(console: Console, kind: string, namespace: string): K8sObject[] {
  authorise(console, 'list', kind, namespace)
  return [...served(console, kind, namespace)].sort((a, b) => compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compareText(a.metadata.name, b.metadata.name))
}

/** Refuses a verb that would change a moment that is over. A command in a container is let through where one may only look: it mostly asks. */
export function present(console: Console, asks = false): void {
  if (console.past || (console.session.looks && !asks)) throw new Refusal(`error: this is the cluster as it was at ${console.cluster.timestamp(console.at)}; what is past can be looked at, not changed`)
}

/** The object of a write, or the refusal printed as kubectl prints it. */
export function written(console: Console, result: { object: K8sObject; warnings: string[] } | { error: ApiError }, prefix = ''): K8sObject {
  if ('error' in result) throw new Refusal(serverError(result.error, prefix))
  for (const warning of result.warnings) console.err(`Warning: ${warning}`)
  console.mutated = true
  return result.object
}

export function fields(value: unknown): Fields {
  return (value ?? {}) as Fields
}
