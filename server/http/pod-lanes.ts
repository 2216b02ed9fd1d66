/** Pods over time as SVG: one lane a pod, coloured by what it was doing. PURE: the facts come from the simulator's timeline. */
import Handlebars from 'handlebars'
import type { Translate } from '../i18n/index.ts'

/** The part of a timeline entry that the picture and the list need; `at` in milliseconds after the apply instant. */
export type Fact = { at: number; kind: string; text: string; ref?: { kind: string; namespace: string; name: string }; container?: string; data?: Record<string, unknown>; cause?: { file: string; line: number; column: number; text: string } }

export type LaneState = 'waiting' | 'running' | 'ready' | 'failed' | 'ending'
export type Lane = { name: string; segments: { state: LaneState; from: number; to: number }[]; restarts: number[] }

const failing = /BackOff|Error|Err[A-Z]|OOMKilled|InvalidImageName|Evicted/
const lanesMax = 9

/** What a pod is doing after a fact, given what it did before; undefined: it is gone. */
function nextState(fact: Fact, was: LaneState): LaneState | undefined {
  switch (fact.kind) {
    case 'pod-deleted': return undefined
    case 'pod-terminating': return 'ending'
    case 'ready': return was === 'ending' ? was : fact.data?.ready === true || fact.text === 'ready' ? 'ready' : was === 'ready' ? 'running' : was
    case 'container-state': return was === 'ending' ? was : failing.test(fact.text) ? 'failed' : fact.text === 'running' && was !== 'ready' ? 'running' : was
    case 'pod-phase': return fact.text === 'Failed' ? 'failed' : was
    default: return was
  }
}

/** One lane per pod in order of creation. `endMs` closes the lanes of pods that still exist. */
export function lanesOf(facts: readonly Fact[], endMs: number): Lane[] {
  const lanes = new Map<string, Lane & { state: LaneState; since: number; gone: boolean; restarted: number }>()
  for (const fact of facts) {
    if (fact.ref?.kind !== 'Pod') continue
    const key = `${fact.ref.namespace}/${fact.ref.name}/${String(fact.data?.uid ?? '')}`
    let lane = lanes.get(key)
    if (!lane) {
      if (fact.kind !== 'pod-created') continue
      lanes.set(key, (lane = { name: fact.ref.name, segments: [], restarts: [], state: 'waiting', since: Math.max(0, fact.at), gone: false, restarted: 0 }))
    }
    const restarts = Number(fact.data?.restarts ?? 0)
    if (restarts > lane.restarted) {
      lane.restarted = restarts
      if (fact.at >= 0) lane.restarts.push(fact.at)
    }
    const next = nextState(fact, lane.state)
    if (next === lane.state || lane.gone) continue
    if (fact.at > lane.since) lane.segments.push({ state: lane.state, from: lane.since, to: fact.at })
    lane.since = Math.max(0, fact.at)
    if (next) lane.state = next
    else lane.gone = true
  }
  return [...lanes.values()].flatMap(({ name, segments, restarts, state, since, gone }) => {
    const all = gone || endMs <= since ? segments : [...segments, { state, from: since, to: endMs }]
    return all.length > 0 ? [{ name, segments: all, restarts }] : []
  })
}

/** `0 s`, `90 s`, `10 min`: short enough for an axis. */
export function instantText(ms: number): string {
  if (ms >= 120_000 && ms % 60_000 === 0) return `${ms / 60_000} min`
  return `${Math.round(ms / 100) / 10} s`
}

function tickStep(endMs: number): number {
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((seconds) => seconds * 1000).find((step) => endMs / step <= 6) ?? 7_200_000
}

/** How much of a run is worth drawing: until a little after the last thing that happened to a pod. */
export function drawnLength(facts: readonly Fact[], endMs: number): number {
  const last = facts.reduce((latest, { at, ref }) => (ref?.kind === 'Pod' ? Math.max(latest, at) : latest), 0)
  return Math.max(5000, Math.min(endMs, Math.ceil((last * 1.15 + 2000) / 1000) * 1000))
}

const escape = (text: string) => Handlebars.escapeExpression(text)

/** The figure as HTML with a sentence for those who do not see it; empty when there was no pod. `until` is where the axis ends. */
export function podLanes(facts: readonly Fact[], until: number, t: Translate): string {
  const lanes = lanesOf(facts, until)
  if (lanes.length === 0) return ''
  const shown = lanes.slice(0, lanesMax)
  const [left, right, top, row] = [170, 560, 8, 24]
  const x = (at: number) => Math.round((left + (Math.min(at, until) / until) * (right - left)) * 10) / 10
  const height = top + shown.length * row + 24
  const sentence = shown.map((lane) => `${lane.name}: ${lane.segments.map(({ state, from }) => `${t(`lanes.${state}`)} ${instantText(from)}`).join(', ')}${lane.restarts.length > 0 ? `, ${t('lanes.restarts', { count: lane.restarts.length })}` : ''}`).join('; ')
  const step = tickStep(until)
  const ticks = Array.from({ length: Math.floor(until / step) + 1 }, (_, index) => index * step)
    .map((at) => `<line class="axis" x1="${x(at)}" x2="${x(at)}" y1="${top}" y2="${height - 20}"/><text x="${x(at)}" y="${height - 5}" text-anchor="${at === 0 ? 'start' : 'middle'}">${instantText(at)}</text>`)
  const rows = shown.map((lane, index) => {
    const y = top + index * row
    const name = lane.name.length > 24 ? `…${lane.name.slice(-23)}` : lane.name
    const bars = lane.segments.map(({ state, from, to }) => `<rect class="${state}" x="${x(from)}" y="${y + 4}" width="${Math.max(2, Math.round((x(to) - x(from)) * 10) / 10)}" height="${row - 10}" rx="2"/>`)
    const marks = lane.restarts.map((at) => `<path class="restart" d="M${x(at)} ${y + 1}v${row - 4}"/>`)
    return `<text x="0" y="${y + 15}">${escape(name)}</text>${bars.join('')}${marks.join('')}`
  })
  const more = lanes.length > shown.length ? `<p class="how">${escape(t('lanes.more', { count: lanes.length - shown.length }))}</p>` : ''
  return `<figure class="lanes"><div class="scroll" tabindex="0" role="group" aria-label="${escape(t('lanes.title'))}"><svg data-until="${until}" data-left="${left}" data-right="${right}" role="img" aria-label="${escape(sentence)}" viewBox="0 0 580 ${height}" width="580" height="${height}">${ticks.join('')}${rows.join('')}</svg></div>${more}</figure>`
}
