/** Pods and traffic over time as SVG: one lane a pod, coloured by what it was doing, then one a load generator. PURE: the facts come from the simulator's timeline. */
import Handlebars from 'handlebars'
import { translatorOf } from '../i18n/index.ts'
import type { Language } from '../question-types/index.ts'
import { instantText } from './instant.ts'
import type { TrafficLane } from './traffic-lanes.ts'
import { trafficLanesOf, trafficRow, trafficSentence } from './traffic-lanes.ts'

/** The part of a timeline entry that the picture and the list need; `at` in milliseconds after the apply instant. */
export type Fact = { at: number; kind: string; text: string; ref?: { kind: string; namespace: string; name: string }; container?: string; data?: Record<string, unknown>; cause?: { file: string; line: number; column: number; text: string } }

export type LaneState = 'waiting' | 'running' | 'ready' | 'failed' | 'ending'
export type Lane = { name: string; segments: { state: LaneState; from: number; to: number }[]; restarts: number[] }

const failing = /BackOff|Error|Err[A-Z]|OOMKilled|InvalidImageName|Evicted/
const lanesMax = 9
const sendersMax = 5

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

function tickStep(endMs: number): number {
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((seconds) => seconds * 1000).find((step) => endMs / step <= 6) ?? 7_200_000
}

/** How much of a run is worth drawing: until a little after the last thing that happened to a pod or to the traffic. */
export function drawnLength(facts: readonly Fact[], endMs: number, traffic: readonly TrafficLane[] = trafficLanesOf(undefined, facts)): number {
  const ofPods = facts.reduce((latest, { at, ref }) => (ref?.kind === 'Pod' ? Math.max(latest, at) : latest), 0)
  const ofTraffic = traffic.flatMap(({ starts = 0, sent, losses }) => [sent === 0 ? 0 : starts, ...losses.flatMap(({ from, to }) => (to >= endMs ? [from] : [from, to]))])
  const last = Math.max(ofPods, ...ofTraffic)
  return Math.max(5000, Math.min(endMs, Math.ceil((last * 1.15 + 2000) / 1000) * 1000))
}

const escape = (text: string) => Handlebars.escapeExpression(text)
const [left, right, top, row, gap] = [170, 560, 8, 24, 8]
const nameMax = 24

function podSentence({ name, segments, restarts }: Lane, language: Language): string {
  const t = translatorOf(language)
  return `${name}${t('review.colon')}${segments.map(({ state, from }) => `${t(`lanes.${state}`)} ${instantText(from, language)}`).join(t('lanes.comma'))}${restarts.length > 0 ? `${t('lanes.comma')}${t('lanes.restarts', { count: restarts.length })}` : ''}`
}

function podRow(lane: Lane, y: number, x: (at: number) => number): string {
  const bars = lane.segments.map(({ state, from, to }) => `<rect class="${state}" x="${x(from)}" y="${y + 4}" width="${Math.max(2, Math.round((x(to) - x(from)) * 10) / 10)}" height="${row - 10}" rx="2"/>`)
  const marks = lane.restarts.map((at) => `<path class="restart" d="M${x(at)} ${y + 1}v${row - 4}"/>`)
  return `${bars.join('')}${marks.join('')}`
}

function label(name: string, y: number): string {
  return `<text x="0" y="${y + 15}">${escape(name.length > nameMax ? `…${name.slice(1 - nameMax)}` : name)}</text>`
}

/** The figure as HTML with a sentence for those who do not see it; empty when there was neither a pod nor traffic. `until` is where the axis ends. */
export function podLanes(facts: readonly Fact[], until: number, language: Language, traffic: readonly TrafficLane[] = trafficLanesOf(undefined, facts)): string {
  const pods = lanesOf(facts, until)
  if (pods.length + traffic.length === 0) return ''
  const t = translatorOf(language)
  const [shown, senders] = [pods.slice(0, lanesMax), traffic.slice(0, sendersMax)]
  const x = (at: number) => Math.round((left + (Math.min(at, until) / until) * (right - left)) * 10) / 10
  const sendersTop = top + shown.length * row + (shown.length > 0 && senders.length > 0 ? gap : 0)
  const height = sendersTop + senders.length * row + 24
  const sentence = [...shown.map((lane) => podSentence(lane, language)), ...senders.map((lane) => trafficSentence(lane, language))].join(t('lanes.semicolon'))
  const step = tickStep(until)
  const ticks = Array.from({ length: Math.floor(until / step) + 1 }, (_, index) => index * step)
    .map((at) => `<line class="axis" x1="${x(at)}" x2="${x(at)}" y1="${top}" y2="${height - 20}"/><text x="${x(at)}" y="${height - 5}" text-anchor="${at === 0 ? 'start' : 'middle'}">${instantText(at, language)}</text>`)
  const rows = [
    ...shown.map((lane, index) => `${label(lane.name, top + index * row)}${podRow(lane, top + index * row, x)}`),
    ...(shown.length > 0 && senders.length > 0 ? [`<line class="axis" x1="0" x2="${right}" y1="${sendersTop - gap / 2}" y2="${sendersTop - gap / 2}"/>`] : []),
    ...senders.map((lane, index) => `${label(`→ ${lane.name}`, sendersTop + index * row)}${trafficRow(lane, { y: sendersTop + index * row, until, left, right }, language)}`),
  ]
  const more = [pods.length > shown.length ? t('lanes.more', { count: pods.length - shown.length }) : '', traffic.length > senders.length ? t('lanes.moreTraffic', { count: traffic.length - senders.length }) : ''].filter((text) => text !== '').map((text) => `<p class="how">${escape(text)}</p>`).join('')
  return `<figure class="lanes"><div class="scroll" tabindex="0" role="group" aria-label="${escape(t(senders.length > 0 ? 'lanes.titleWithTraffic' : 'lanes.title'))}"><svg data-until="${until}" data-left="${left}" data-right="${right}" role="img" aria-label="${escape(sentence)}" viewBox="0 0 580 ${height}" width="580" height="${height}">${ticks.join('')}${rows.join('')}</svg></div>${more}</figure>`
}
