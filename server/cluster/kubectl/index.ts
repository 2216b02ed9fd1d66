/** kubectl inside Readyz: a command line against the simulated cluster, or against a past moment of it, printing what kubectl 1.36 prints. */
import type { LiveCluster } from '../cluster.ts'
import type { Flag } from './command-line.ts'
import { FlagError, globalFlags, parseFlags } from './command-line.ts'
import type { Console, Documentation, Session } from './console.ts'
import { HelpRefusal, Refusal, subjectOf } from './console.ts'
import { isTool, readXargs, runTool } from './filters/index.ts'
import type { Filtered } from './filters/filter.ts'
import { helpFor } from './help.ts'
import { verbs } from './verbs/index.ts'
import type { Verb } from './verbs/verb.ts'
import { expand, readLine } from './words.ts'
import type { Word } from './words.ts'
import { clusterFor, isServerDryRun } from './verbs/dry-run.ts'
import { apiAs } from '../rbac-escalation.ts'

export type { Documentation, FieldDocument, Session } from './console.ts'
export { completeKubectl } from './completion.ts'
export type { Candidate } from './completion.ts'
export { documentationFrom, kindToExplain } from './documentation.ts'
export { kubectlHelp } from './help.ts'

export type KubectlResult = {
  stdout: string
  stderr: string
  exitCode: number
  /** The session after the command: `config set-context --current --namespace=x` changes its namespace. */
  session: Session
  /** Something in the cluster changed, or virtual time passed. */
  mutated: boolean
}

export type KubectlOptions = { documentation?: Documentation; /** Standard input of the first command. */ input?: string }

/**
 * Runs one command line (`kubectl get pods | grep web`, with or without `kubectl` in front) or one list of words.
 * With `session.at` (virtual milliseconds) the reading verbs show the cluster as it was then and the others are refused when that is past; at the present moment
 * all work, but no time passes, so that a line can be run in the middle of a simulation.
 * Never throws for what a person typed; the same cluster and line give the same bytes.
 */
export function runKubectl(cluster: LiveCluster, commandLine: string | readonly string[], session?: Session, options: KubectlOptions = {}): KubectlResult {
  const run = new Run(cluster, options, session ?? { namespace: cluster.scenario.namespace })
  return typeof commandLine === 'string' ? run.line(commandLine, 0) : run.pipeline([[...commandLine]], 0)
}

/** Words that begin what only a whole shell runs. */
const structures = ['for', 'while', 'until', 'if', 'case', 'function', 'alias', 'export']

/** How deep $(…) may stand in $(…). */
const depthMax = 4

/** One typed line: its pipelines one after the other, in one session. */
class Run {
  private readonly cluster: LiveCluster
  private readonly options: KubectlOptions
  private session: Session

  constructor(cluster: LiveCluster, options: KubectlOptions, session: Session) {
    this.cluster = cluster
    this.options = options
    this.session = session
  }

  line(text: string, depth: number): KubectlResult {
    const total: KubectlResult = { stdout: '', stderr: '', exitCode: 0, session: this.session, mutated: false }
    const take = ({ stdout, stderr, exitCode, mutated }: KubectlResult): void => {
      total.stdout += stdout
      total.stderr += stderr
      total.exitCode = exitCode
      total.mutated ||= mutated
    }
    const read = readLine(text)
    const structure = read.pipelines.flatMap(({ commands }) => commands).find(([word]) => typeof word === 'string' && structures.includes(word))
    if (structure) return { ...total, stderr: `${total.stderr}${structure[0]}: this console runs commands joined by |, ;, && and ||; it has no loops, conditions or variables\n`, exitCode: 2 }
    if (read.problem !== undefined) return { ...total, stderr: `${total.stderr}${read.problem}\n`, exitCode: 2 }
    for (const { after, commands } of read.pipelines) {
      if ((after === '&&' && total.exitCode !== 0) || (after === '||' && total.exitCode === 0)) continue
      take(this.pipeline(commands, depth))
    }
    return { ...total, session: this.session }
  }

  /** What stands in $(…) runs just before its command, so that it sees what those before it did. */
  pipeline(commands: readonly (readonly Word[])[], depth: number): KubectlResult {
    let result: KubectlResult = { stdout: '', stderr: '', exitCode: 0, session: this.session, mutated: false }
    let stderr = ''
    let mutated = false
    const substitute = depth >= depthMax ? undefined : (inner: string): string => {
      const printed = this.line(inner, depth + 1)
      stderr += printed.stderr
      mutated ||= printed.mutated
      return printed.stdout
    }
    for (const [i, command] of commands.entries()) {
      const words = expand(command, substitute)
      if (words.length === 0) continue
      result = this.command(words, i > 0 ? result.stdout : depth === 0 ? this.options.input : undefined)
      stderr += result.stderr
      mutated ||= result.mutated
    }
    return { ...result, session: this.session, stderr, mutated }
  }

  /** One command: kubectl, a filter of what came through the pipe, or xargs with one of them. */
  private command(words: readonly string[], input: string | undefined): KubectlResult {
    const plain = (filtered: Filtered): KubectlResult => ({ ...filtered, session: this.session, mutated: false })
    if (words[0] === 'xargs') return this.xargs(words.slice(1), input ?? '')
    if (isTool(words[0]!)) return plain(runTool(words, input, this.session.files ?? {}))
    const result = runCommand(this.cluster, words, this.session, this.options, input ?? '')
    this.session = result.session
    return result
  }

  private xargs(words: readonly string[], input: string): KubectlResult {
    const read = readXargs(words, input)
    if ('stderr' in read) return { stdout: '', exitCode: 1, session: this.session, mutated: false, ...read }
    const results = read.map((command) => this.command(command, undefined))
    return { stdout: results.map((one) => one.stdout).join(''), stderr: results.map((one) => one.stderr).join(''), exitCode: results.some((one) => one.exitCode !== 0) ? 123 : 0, session: this.session, mutated: results.some((one) => one.mutated) }
  }
}

/** `kubectl …`, `k …`, `watch [-n s] kubectl …`, or a verb at once. */
function runCommand(cluster: LiveCluster, given: readonly string[], session: Session, options: KubectlOptions, input: string): KubectlResult {
  let words = [...given]
  if (words[0] === 'watch') {
    words = words.slice(1)
    while (words[0]?.startsWith('-')) words = words.slice(/^(-n|--interval)$/.test(words[0]) ? 2 : 1)
  }
  const failed = (stderr: string, exitCode = 1): KubectlResult => ({ stdout: '', stderr, exitCode, session, mutated: false })
  if (words[0] === 'kubectl' || words[0] === 'k') words = words.slice(1)
  else if (words[0] !== undefined && !words[0].startsWith('-') && !verbNamed(verbs, words[0]) && given[0] !== 'watch') return failed(`${words[0]}: command not found; this console runs kubectl (try \`kubectl help\`)\n`, 127)
  if (words[0] === 'help') words = [...words.slice(1), '--help']
  const found = verbFor(words)
  if ('unknown' in found) return failed(`${unknownCommand(found.unknown, found.parents)}\n`)
  const { verb, path, rest } = found
  const asked = rest.includes('--help') || rest.includes('-h')
  if (!verb || asked) return { ...failed(''), exitCode: 0, stdout: helpFor(verb, path) }
  if (!verb.run) return failed(helpFor(verb, path))
  try {
    return runVerb(cluster, verb, path, rest, session, options, input)
  } catch (error) {
    if (error instanceof FlagError) return failed(`error: ${error.message}\nSee '${path} --help' for usage.\n`)
    throw error
  }
}

function verbNamed(list: readonly Verb[], word: string): Verb | undefined {
  return list.find((verb) => verb.name === word || verb.aliases?.includes(word))
}

/** Flags in front of the verb that take a value. */
function takesValue(word: string): boolean {
  const flag = globalFlags.find((item) => word === `--${item.name}` || (item.short && word === `-${item.short}`))
  return flag !== undefined && flag.kind !== 'switch'
}

type FoundVerb = { verb: Verb | undefined; path: string; rest: string[] } | { unknown: string; parents: Verb[] }

/** The verb and its subcommand, wherever flags stand between; `rest` is everything else. */
function verbFor(words: readonly string[]): FoundVerb {
  const rest: string[] = []
  const parents: Verb[] = []
  let list: readonly Verb[] | undefined = verbs
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--' || list === undefined) {
      rest.push(...words.slice(i))
      break
    }
    if (word.startsWith('-')) {
      rest.push(word)
      if (takesValue(word) && words[i + 1] !== undefined) rest.push(words[++i]!)
      continue
    }
    const verb = verbNamed(list, word)
    if (!verb) {
      if (parents.length > 0 && parents.at(-1)!.run) {
        rest.push(...words.slice(i))
        break
      }
      // cobra: a command that has subcommands names everything that stood behind it.
      return { unknown: parents.length > 0 ? words.slice(i).filter((each) => !each.startsWith('-')).join(' ') : word, parents }
    }
    parents.push(verb)
    list = verb.verbs
  }
  return { verb: parents.at(-1), path: ['kubectl', ...parents.map((verb) => verb.name)].join(' '), rest }
}

/** cobra's answer, with the names that are near (SuggestionsFor: distance two, a prefix, or a word people say instead). */
function unknownCommand(word: string, parents: readonly Verb[]): string {
  const path = ['kubectl', ...parents.map((verb) => verb.name)].join(' ')
  const near = verbs.filter(({ name, meant }) => distance(word, name) <= 2 || name.startsWith(word.toLowerCase()) || meant?.includes(word.toLowerCase())).map((verb) => verb.name)
  if (parents.length > 0) return `error: unknown command "${word}"\nSee '${path} -h' for help and examples`
  return `error: unknown command "${word}" for "${path}"${near.length > 0 ? `\n\nDid you mean this?\n${near.map((name) => `\t${name}`).join('\n')}` : ''}`
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1]!.toLowerCase() === b[j - 1]!.toLowerCase() ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

function runVerb(cluster: LiveCluster, verb: Verb, path: string, words: readonly string[], session: Session, options: KubectlOptions, input: string): KubectlResult {
  const parsed = parseFlags(words, (verb.flags ?? []) as Flag[])
  const stdout: string[] = []
  const stderr: string[] = []
  const failures: { line: string; own: boolean; amongOthers?: string | undefined }[] = []
  let exitCode = 0
  const at = session.at ?? cluster.now
  const past = at < cluster.now
  const as = subjectOf(parsed.flags.text('as'), parsed.flags.all('as-group'))
  const answering = clusterFor(cluster, parsed.flags)
  const console: Console = {
    cluster: as ? (Object.create(answering, { api: { value: apiAs(answering, as) } }) as LiveCluster) : answering,
    view: past ? cluster.store.at(at) : cluster.view,
    at,
    nowMs: Date.parse(cluster.timestamp(at)) + (at % 1000),
    past,
    patience: session.at === undefined ? session.patience : 0,
    flags: parsed.flags,
    args: parsed.args,
    rest: parsed.rest,
    path,
    namespace: parsed.flags.text('namespace') || session.namespace,
    documentation: options.documentation,
    as,
    session,
    mutated: false,
    input,
    out: (text) => void stdout.push(`${text}\n`),
    write: (text) => void stdout.push(text),
    err: (text) => void stderr.push(`${text}\n`),
    writeError: (text) => void stderr.push(text),
    fail(line, own = false, amongOthers) {
      failures.push({ line, own, amongOthers })
      exitCode = 1
    },
  }
  try {
    verb.run!(console)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error instanceof HelpRefusal) stderr.push(helpFor(verb, path))
    if (error.message !== '') failures.push({ line: error.message, own: false, amongOthers: error.amongOthers })
    exitCode = error.exitCode
  }
  // cmd/util/helpers.go:MultipleErrors: one error has its prefix, several stand as they are.
  for (const { line, own, amongOthers } of failures) stderr.push(`${failures.length > 1 && !own ? (amongOthers ?? line).replace(/^error: /, '') : line}\n`)
  const mutated = console.mutated && !isServerDryRun(parsed.flags)
  // Whoever answers at once has answered before the next command is typed.
  if (mutated && console.patience !== 0) cluster.advance(cluster.now)
  return { stdout: stdout.join(''), stderr: stderr.join(''), exitCode, session: console.session, mutated }
}
