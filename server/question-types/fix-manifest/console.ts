/**
 * kubectl beside the editor. Nothing is kept between two requests: each brings the files, the earlier commands with their moments and the clock,
 * and the scenario's first run is played again with them. The same request gives the same bytes.
 * What comes back is what a cluster would tell: no goal, no constraint, no step of the scenario by its name.
 */
import * as z from 'zod'
import type { LiveCluster, Session, Simulation, TimelineEntry } from '../../cluster/index.ts'
import { completeKubectl, documentationFrom, kindToExplain, runKubectl, simulate } from '../../cluster/index.ts'
import type { Documentation } from '../../k8s/schemas/documentation.ts'
import { schemasOf } from '../../k8s/schemas/schema.ts'
import type { Files, Language } from '../question-type.ts'
import { filesIn } from './files.ts'
import { textProblems } from './precheck.ts'
import { readScenario } from './scenario-text.ts'
import { shownOnTerminal } from './terminal.ts'

/** Virtual time after the apply instant at which the console's clock stands still: nothing that waits can wait longer. */
export const clockMax = 3_600_000
export const commandsMax = 200
export const lineMax = 500
/** All files of a request together. */
export const filesMax = 65_536
const quietMs = 600_000
const outputMax = 60_000
const transcriptMax = 200_000
const newsMax = 200
const candidatesMax = 100

const moment = z.number().int().min(0).max(clockMax)
const line = z.string().trim().min(1).max(lineMax)

/** Texts that `-f` finds when a command was given, by their names in `broken/`. */
const texts = z.record(z.string().max(200), z.string().max(filesMax)).refine((files) => Object.keys(files).length <= 50, 'At most 50 files.')
const done = { at: moment, line }

function requestWith<Done extends z.ZodType, Run extends z.ZodType>(command: Done, run: Run) {
  return z.strictObject({
    done: z.array(command).max(commandsMax).default([]),
    now: moment.default(0),
    /** Give the output of the earlier commands too, for a page that is rendered anew. */
    transcript: z.boolean().default(false),
    ask: z.union([
      run,
      z.discriminatedUnion('do', [
        z.strictObject({ do: z.literal('begin') }),
        z.strictObject({ do: z.literal('complete'), line: z.string().max(lineMax), cursor: z.number().int().min(0).max(lineMax) }),
        z.strictObject({ do: z.literal('move'), by: z.number().int().min(1).max(quietMs) }),
        z.strictObject({ do: z.literal('next') }),
      ]),
    ]),
  })
}

/** A request of someone who may try things out: commands may bring the files that `-f` names. Times are virtual milliseconds after the apply instant. */
export const askSchema = requestWith(z.strictObject({ ...done, files: texts.optional() }), z.strictObject({ do: z.literal('run'), line, files: texts.optional() }))
/** The same for someone who may only look at the cluster as it was given. */
export const askOfGivenSchema = requestWith(z.strictObject(done), z.strictObject({ do: z.literal('run'), line }))
/** Looking back at a run: what lines print at a moment. */
export const lookSchema = z.strictObject({ run: z.string().max(200).optional(), at: moment, lines: z.array(line).min(1).max(4) })

type Look = { do: 'look' } & z.infer<typeof lookSchema>
type Asked = z.infer<typeof askSchema>
export type ConsoleAsk = Omit<Asked, 'ask'> & { ask: Asked['ask'] | Look }

/** A look as the request it is. */
export function askToLook(look: z.infer<typeof lookSchema>): ConsoleAsk {
  return { done: [], now: 0, transcript: false, ask: { do: 'look', ...look } }
}

export type Printed = { at: number; line: string; text: string; exitCode: number; /** The clock after it: a command may wait. */ until: number; /** It must be played again: it changed something, let time pass, or chose another namespace. */ keeps: boolean }
/** Something that happened in the cluster while the clock moved. */
export type News = { at: number; who: string; what: string; tone?: 'good' | 'bad' }
export type ConsoleReply = {
  /** The clock, in virtual milliseconds after the apply instant. */
  now: number
  namespace: string
  /** What applying the files printed. */
  applied: string[]
  printed: Printed[]
  news: News[]
  completion?: { from: number; candidates: { text: string; about: string }[] }
  /** The files cannot be read, so nothing was played. */
  unreadable?: { message: string; file?: string; line?: number }[]
  /** There is no run of the name that was asked for: the names of those that are there. */
  runs?: string[]
  /** Why the clock can go no further. */
  ended?: 'clock' | 'limit'
  /** Nothing happens for a long while. */
  quiet?: boolean
}

/** The files a console acts on: the person's, or with undefined the broken ones. */
export type Own = Readonly<Record<string, string>> | undefined

/** Kinds whose field documentation the commands ask for, so that the texts can be loaded before. */
export function kindsToExplain({ done, ask }: ConsoleAsk): { apiVersion: string; kind: string }[] {
  const lines = [...done.map((one) => one.line), ...(ask.do === 'run' ? [ask.line] : ask.do === 'look' ? ask.lines : [])]
  return lines.flatMap((text) => kindToExplain(text) ?? [])
}

export type Texts = ReadonlyMap<string, Documentation>

/** Answers one request. Throws only for what is the question's own mistake. */
export function askCluster(files: Files, own: Own, request: ConsoleAsk, language: Language, texts: Texts = new Map()): ConsoleReply {
  const scenario = readScenario(files['scenario.yaml'] ?? '')
  const broken = filesIn(files, 'broken')
  const empty: ConsoleReply = { now: request.now, namespace: scenario.namespace, applied: [], printed: [], news: [] }
  const unreadable = own ? textProblems(broken, own, language) : []
  if (unreadable.length > 0) return { ...empty, unreadable: unreadable.map(({ message, file, line: at }) => ({ message, ...(file === undefined ? {} : { file }), ...(at === undefined ? {} : { line: at }) })) }
  const whole = { ...broken, ...own }
  const { ask } = request
  const run = ask.do === 'look' ? ask.run : undefined
  const runs = scenario.runs.map(({ name }) => name)
  if (run !== undefined && !runs.includes(run)) return { ...empty, runs }
  const played = simulate({ scenario, given: files, files: whole, until: 0, ...(run === undefined ? {} : { run }), ...(own && scenario.startsBroken ? { before: broken } : {}) })
  const documentation = documentationFrom(schemasOf(scenario.kubernetes), (apiVersion, kind) => texts.get(`${apiVersion}/${kind}`))
  const stage = new Stage(played, { ...filesIn(files, 'given'), ...whole }, documentation)
  return { ...empty, applied: appliedLines(played, whole), ...stage.play(request) }
}

/** One replay: the cluster, the session, and the clock of the person who looks at it. */
class Stage {
  private readonly cluster: LiveCluster
  private session: Session
  private readonly documentation: ReturnType<typeof documentationFrom>
  private ended: ConsoleReply['ended']

  constructor({ cluster }: Simulation, files: Readonly<Record<string, string>>, documentation: ReturnType<typeof documentationFrom>) {
    this.cluster = cluster
    this.session = { namespace: cluster.scenario.namespace, files, columns: 120 }
    this.documentation = documentation
    // A command that waits for ever must not be simulated for ever.
    cluster.schedule(cluster.appliedAt + clockMax, 'observer', 'end of the clock', () => {
      this.ended = 'clock'
      cluster.loop.stop('the clock of the console')
    })
  }

  private get now(): number {
    return Math.min(this.cluster.now - this.cluster.appliedAt, clockMax)
  }

  private advance(to: number): void {
    if (to > this.now && !this.cluster.advance(this.cluster.appliedAt + Math.min(to, clockMax)) && this.ended === undefined) this.ended = 'limit'
  }

  private run(text: string, own: Files = {}, session = this.session): Printed {
    const at = this.now
    const before = this.session.namespace
    const result = runKubectl(this.cluster, text, { ...session, files: { ...session.files, ...own } }, { documentation: this.documentation })
    const { exitCode, session: after, mutated } = result
    this.session = { ...after, files: this.session.files! }
    return { at, line: text, text: clipped(shownOnTerminal(result), outputMax), exitCode, until: this.now, keeps: mutated || after.namespace !== before || this.now !== at }
  }

  play({ done, now, transcript, ask }: ConsoleAsk): Omit<ConsoleReply, 'applied'> {
    const printed: Printed[] = []
    for (const { at, line: text, files } of done) {
      this.advance(at)
      printed.push(this.run(text, files))
    }
    this.advance(now)
    if (!transcript) printed.length = 0
    const seen = this.cluster.timeline.length
    const reply = this.answer(ask, printed)
    const until = reply.now ?? this.now
    // A command that waited has shown what it waited for; what else happened meanwhile would push that out of sight.
    const tells = ask.do !== 'look' && (ask.do !== 'run' || printed.at(-1)!.until === printed.at(-1)!.at)
    return {
      namespace: this.session.namespace,
      printed: withinLimit(printed),
      news: !tells ? [] : this.cluster.timeline.slice(seen).filter(isNews).map((entry) => newsOf(entry, this.cluster.appliedAt)).filter(({ at }) => at <= until).slice(0, newsMax),
      ...(this.ended === undefined ? {} : { ended: this.ended }),
      ...reply,
      now: until,
    }
  }

  private answer(ask: ConsoleAsk['ask'], printed: Printed[]): Partial<ConsoleReply> {
    switch (ask.do) {
      case 'begin':
        return {}
      case 'run':
        printed.push(this.run(ask.line, ask.files))
        return {}
      case 'move':
        this.advance(this.now + ask.by)
        return {}
      case 'next':
        return this.untilNext()
      case 'look':
        this.advance(ask.at)
        for (const text of ask.lines) printed.push(this.run(text, {}, { ...this.session, at: this.cluster.now, looks: true }))
        return {}
      case 'complete': {
        const { from, candidates } = completeKubectl(this.cluster, ask.line, Math.min(ask.cursor, ask.line.length), this.session)
        return { completion: { from, candidates: candidates.slice(0, candidatesMax) } }
      }
    }
  }

  /** Moves the clock to the next thing that happens; leaves it where it is when that is a long way off. */
  private untilNext(): Partial<ConsoleReply> {
    const from = this.now
    const seen = this.cluster.timeline.length
    const end = Math.min(from + quietMs, clockMax)
    while (this.now < end && this.ended === undefined) {
      this.advance(Math.min(this.now + 1000, end))
      const next = this.cluster.timeline.slice(seen).find(isNews)
      if (next) return { now: next.at - this.cluster.appliedAt }
    }
    return { now: from, quiet: true }
  }
}

function clipped(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, text.lastIndexOf('\n', max) + 1 || max)}…`
}

/** The newest outputs that fit; older ones keep their line. */
function withinLimit(printed: readonly Printed[]): Printed[] {
  let left = transcriptMax
  return [...printed].reverse().map((one) => {
    left -= one.text.length
    return left >= 0 ? one : { ...one, text: '…' }
  }).reverse()
}

/** What the last `kubectl apply` of each of the person's objects printed. */
function appliedLines({ result, cluster }: Simulation, own: Files): string[] {
  const last = new Map(result.applied.filter(({ file }) => Object.hasOwn(own, file)).map((one) => [`${one.file} ${one.ref.kind} ${one.ref.namespace} ${one.ref.name}`, one]))
  return [...last.values()].flatMap(({ ref, result: verb, message, warnings }) => [...warnings.map((warning) => `Warning: ${warning}`), verb === 'rejected' ? message : `${ref.kind.toLowerCase()}${groupOf(cluster.view.get(ref.kind, ref.namespace, ref.name)?.apiVersion)}/${ref.name} ${verb}`])
}

/** `.apps` of `apps/v1`, nothing of `v1`. */
function groupOf(apiVersion = ''): string {
  return apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : ''
}

const newsKinds: ReadonlySet<string> = new Set(['pod-created', 'pod-deleted', 'pod-placed', 'pod-terminating', 'pod-phase', 'container-state', 'ready', 'event', 'endpoint', 'node-ready'])

/** What a watch on the cluster would show, outside its own namespaces. Steps of the scenario are not among it. */
function isNews(entry: TimelineEntry): boolean {
  return newsKinds.has(entry.kind) && entry.ref?.namespace !== 'kube-system'
}

function newsOf(entry: TimelineEntry, appliedAt: number): News {
  const who = entry.ref ? `${entry.ref.kind.toLowerCase()}/${entry.ref.name}${entry.container === undefined ? '' : ` ${entry.container}`}` : ''
  const what = { 'pod-phase': `phase ${entry.text}`, 'pod-placed': `→ ${entry.text}`, endpoint: `ready endpoints: ${entry.text}` }[entry.kind] ?? entry.text
  const isBad = entry.text.startsWith('Warning ') || entry.text === 'not ready' || entry.text === 'Failed' || (entry.kind === 'container-state' && /BackOff|Error|OOMKilled/.test(entry.text))
  const tone = isBad ? 'bad' : entry.kind === 'ready' && entry.text === 'ready' ? 'good' : undefined
  return { at: entry.at - appliedAt, who, what: what.slice(0, 400), ...(tone === undefined ? {} : { tone }) }
}
