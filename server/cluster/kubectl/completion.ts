/** Tab completion: verbs, flags, resource types, names, containers, namespaces, files. */
import type { K8sObject } from '../../k8s/object.ts'
import { compareText, refOf } from '../../k8s/object.ts'
import { podsOf } from '../references.ts'
import { isNamespaced, resources } from '../resources.ts'
import type { LiveCluster } from '../cluster.ts'
import { resourceNamed } from './arguments.ts'
import type { Flag } from './command-line.ts'
import { globalFlags } from './command-line.ts'
import type { Session } from './console.ts'
import { isTool, standingTools, toolNames } from './filters/index.ts'
import { verbs } from './verbs/index.ts'
import { containersOf } from './verbs/pods.ts'
import type { Verb } from './verbs/verb.ts'

export type Candidate = { text: string; /** What it is, one or two words. */ about: string }

/** What could stand at the cursor: `from` is where the word to replace begins. Sorted; empty when nothing fits. */
export function completeKubectl(cluster: LiveCluster, line: string, cursor: number = line.length, session: Session = { namespace: cluster.scenario.namespace }): { from: number; candidates: Candidate[] } {
  const before = line.slice(0, cursor)
  const from = before.length - (/[^\s|;&(]*$/.exec(before)?.[0].length ?? 0)
  const segmentStart = /.*(?:[|;&]|\$\()/s.exec(before)?.[0].length ?? 0
  const words = before.slice(segmentStart, from).split(/\s+/).filter((word) => word !== '')
  const current = before.slice(from)
  const piped = /(^|[^|])\|$/.test(before.slice(0, segmentStart))
  const all = words.length === 0 ? firstWords(piped) : candidates(cluster, words, current, session)
  const unique = new Map(all.filter((candidate) => candidate.text.startsWith(current)).map((candidate) => [candidate.text, candidate]))
  return { from, candidates: [...unique.values()].sort((a, b) => compareText(a.text, b.text)) }
}

/** What a command can begin with: behind a pipe a tool, elsewhere kubectl or one of the tools that need no pipe. */
function firstWords(piped: boolean): Candidate[] {
  const commands = (names: readonly string[]): Candidate[] => names.map((text) => ({ text, about: 'command' }))
  return piped ? commands([...toolNames, 'xargs']) : [...commands(['kubectl', ...standingTools]), ...verbNames(verbs)]
}

function candidates(cluster: LiveCluster, given: readonly string[], current: string, session: Session): Candidate[] {
  const words = withoutPrefix(given)
  if (words.length === 0) return firstWords(false)
  if (isTool(words[0]!)) return words[0] === 'echo' || current.startsWith('-') ? [] : fileNames(session)
  const isNamed = words[0] === 'kubectl' || words[0] === 'k'
  const { verb, list, flags, args, pending, behind, namespace } = placeOf(isNamed ? words.slice(1) : words)
  if (behind || (!verb && args.length > 0)) return []
  const there = { ...session, namespace: namespace ?? session.namespace }
  if (pending) return flagValues(cluster, verb, pending.name, args, there)
  const inline = /^--([\w-]+)=/.exec(current)
  if (inline) return flagValues(cluster, verb, inline[1]!, args, there).map((candidate) => ({ ...candidate, text: `--${inline[1]}=${candidate.text}` }))
  if (current.startsWith('-')) return flags.map((flag) => ({ text: `--${flag.name}`, about: 'flag' }))
  if (!verb) return verbNames(verbs)
  if (list && list.length > 0 && args.length === 0) return verbNames(list)
  return argumentsOf(cluster, verb, args, current, there.namespace)
}

/** The words without `watch -n 1` or `xargs -I {}` in front of the command. */
function withoutPrefix(words: readonly string[]): readonly string[] {
  if (words[0] !== 'watch' && words[0] !== 'xargs') return words
  let at = 1
  while (words[at]?.startsWith('-')) at += /^(-[nILP]|--interval)$/.test(words[at]!) ? 2 : 1
  return words.slice(at)
}

type Place = { verb: Verb | undefined; /** Subcommands that could follow. */ list: readonly Verb[] | undefined; flags: readonly Flag[]; /** Words that are neither verbs nor flags nor their values. */ args: string[]; /** The flag whose value stands at the cursor. */ pending: Flag | undefined; /** The words are those of a command in a container. */ behind: boolean; namespace: string | undefined }

/** Reads what stands before the cursor as kubectl reads it: flags take their values with them wherever they stand. */
function placeOf(words: readonly string[]): Place {
  const place: Place = { verb: undefined, list: verbs, flags: globalFlags, args: [], pending: undefined, behind: false, namespace: undefined }
  for (const word of words) {
    if (place.pending) {
      if (place.pending.name === 'namespace') place.namespace = word
      place.pending = undefined
    } else if (word === '--') return { ...place, behind: true }
    else if (word.startsWith('-') && word !== '-') {
      place.pending = awaiting(word, place.flags)
      const inline = /^(?:--namespace=|-n=?)(.+)$/.exec(word)?.[1]
      if (inline !== undefined) place.namespace = inline
    } else {
      const next: Verb | undefined = place.args.length > 0 ? undefined : place.list?.find((item) => item.name === word || item.aliases?.includes(word))
      if (next) Object.assign(place, { verb: next, list: next.verbs, flags: [...(next.flags ?? []), ...globalFlags.filter(({ name }) => !next.flags?.some((own) => own.name === name))] })
      else place.args.push(word)
    }
  }
  return place
}

/** The flag of this word when its value is the next word. */
function awaiting(word: string, flags: readonly Flag[]): Flag | undefined {
  const takes = (flag: Flag | undefined): Flag | undefined => (flag && flag.kind !== 'switch' && flag.kind !== 'optional' ? flag : undefined)
  if (word.startsWith('--')) return takes(flags.find((flag) => word === `--${flag.name}`))
  for (let at = 1; at < word.length; at++) {
    const flag = flags.find(({ short }) => short === word[at])
    if (takes(flag)) return at === word.length - 1 ? flag : undefined
    if (word[at + 1] === '=') return undefined
  }
  return undefined
}

function verbNames(list: readonly Verb[]): Candidate[] {
  return list.map((verb) => ({ text: verb.name, about: verb.about }))
}

function namesOf(cluster: LiveCluster, kind: string, namespace: string, prefix = ''): Candidate[] {
  return cluster.view.list(kind, isNamespaced(kind) ? namespace : undefined).map((object) => ({ text: `${prefix}${object.metadata.name}`, about: kind }))
}

function fileNames(session: Session): Candidate[] {
  return Object.keys(session.files ?? {}).map((text) => ({ text, about: 'file' }))
}

function flagValues(cluster: LiveCluster, verb: Verb | undefined, flag: string, args: readonly string[], session: Session): Candidate[] {
  if (flag === 'namespace') return namesOf(cluster, 'Namespace', '')
  if (flag === 'output') return ['wide', 'yaml', 'json', 'name', 'jsonpath=', 'jsonpath-as-json=', 'custom-columns='].map((text) => ({ text, about: 'format' }))
  if (flag === 'dry-run') return ['none', 'server', 'client'].map((text) => ({ text, about: 'strategy' }))
  if (flag === 'filename') return fileNames(session)
  if (flag === 'container' || flag === 'containers') return containersOf(podSpec(cluster, verb, args, session.namespace)).map(({ name: text }) => ({ text, about: 'container' }))
  if (flag === 'as') return cluster.view.list('ServiceAccount').map((account) => ({ text: `system:serviceaccount:${account.metadata.namespace}:${account.metadata.name}`, about: 'ServiceAccount' }))
  return []
}

/** The pod that the arguments name, or one like those of the workload or Service they name: `web-1`, `deploy/web`, `deploy web`. */
function podSpec(cluster: LiveCluster, verb: Verb | undefined, [first = '', second = '']: readonly string[], namespace: string): K8sObject {
  const nothing: K8sObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: '' } }
  const [type, name] = first.includes('/') ? (first.split('/') as [string, string]) : verb?.completes === 'pods' ? ['pods', first] : [first, second]
  const resource = resourceNamed(type)
  const object = resource && cluster.view.get(resource.kind, resource.namespaced ? namespace : '', name)
  if (!object) return nothing
  if (object.kind === 'Pod') return object
  const template = object.spec?.template ?? object.spec?.jobTemplate?.spec?.template
  return template ? { ...nothing, spec: template.spec } : (podsOf(cluster.view, refOf(object))[0] ?? nothing)
}

const workloads = ['Deployment', 'StatefulSet', 'DaemonSet']

function argumentsOf(cluster: LiveCluster, verb: Verb, args: readonly string[], current: string, namespace: string): Candidate[] {
  if (verb.completes === 'none' || verb.completes === undefined || verb.completes === 'files') return []
  if (verb.completes === 'nodes') return namesOf(cluster, 'Node', '')
  if (verb.completes === 'pods' && args.length === 0 && !current.includes('/')) return [...namesOf(cluster, 'Pod', namespace), ...workloads.map((kind) => ({ text: `${kind.toLowerCase()}/`, about: 'resource type' }))]
  const slash = current.indexOf('/')
  if (slash >= 0) {
    const resource = resourceNamed(current.slice(0, slash))
    return resource ? namesOf(cluster, resource.kind, namespace, current.slice(0, slash + 1)) : []
  }
  if (args.length > 0 && !args[0]!.includes('/')) {
    const resource = resourceNamed(args[0]!)
    return resource ? namesOf(cluster, resource.kind, namespace) : []
  }
  const kinds = verb.completes === 'workloads' ? resources.filter((resource) => workloads.includes(resource.kind)) : resources
  return kinds.flatMap((resource) => [resource.plural, ...resource.short].map((text) => ({ text: args.length > 0 ? `${text}/` : text, about: 'resource type' })))
}
