/** The traffic of a run as lanes: when each load generator sends, what is answered and what is lost. PURE. */
import Handlebars from 'handlebars'
import type { TrafficOverTime } from '../cluster/index.ts'
import { lossInChinese } from '../cluster/index.ts'
import { translatorOf } from '../i18n/index.ts'
import type { Language } from '../question-types/index.ts'
import { stretchText } from './instant.ts'
import type { Fact } from './pod-lanes.ts'

type Stretch = { from: number; to: number; lost: number }
/** What only a grade with a record of its traffic knows is absent in grades of old: those know the losses alone. */
export type TrafficLane = {
  name: string
  counts: TrafficOverTime['counts']
  starts?: number
  ends?: number
  sent?: number
  lost: number
  /** When at least some were answered. */
  answered: { from: number; to: number }[]
  /** When some were lost: losses close together are one stretch. */
  losses: Stretch[]
  /** The same as finely as it is known. */
  slices: Stretch[]
  errors: { text: string; count: number }[]
}

/** Losses closer together than this are one stretch. */
const quietMs = 2000

function joined(slices: readonly Stretch[], quiet: number): Stretch[] {
  const stretches: Stretch[] = []
  for (const { from, to, lost } of slices) {
    const last = stretches.at(-1)
    if (last && from - last.to <= quiet) Object.assign(last, { to: Math.max(last.to, to), lost: last.lost + lost })
    else stretches.push({ from, to, lost })
  }
  return stretches
}

/** What is left of [from, to) without the gaps. */
function without(from: number, to: number, gaps: readonly Stretch[]): { from: number; to: number }[] {
  const edges = [from, ...gaps.flatMap((gap) => [Math.max(from, gap.from), gap.to]), to]
  return Array.from({ length: edges.length / 2 }, (_, index) => ({ from: edges[2 * index]!, to: edges[2 * index + 1]! })).filter((one) => one.to > one.from)
}

function laneOf({ name, counts, starts, ends, perSecond, sent, lost, every, losses, errors }: TrafficOverTime): TrafficLane {
  const slices = losses.map(([slice, answered, count]) => ({ from: slice * every, to: (slice + 1) * every, answered, lost: count }))
  const interval = 1000 / perSecond
  // Between two slices without an answer nothing was sent when they are no further apart than two requests.
  const outages = joined(slices.filter(({ answered }) => answered === 0), interval)
  return { name, counts, starts, ends, sent, lost, answered: sent === 0 ? [] : without(starts, ends, outages), losses: joined(slices, quietMs + interval), slices: slices.map(({ from, to, lost: count }) => ({ from, to, lost: count })), errors }
}

/** Lanes of a run; from the lines about losses alone where the grade holds no more. */
export function trafficLanesOf(traffic: readonly TrafficOverTime[] | undefined, facts: readonly Fact[]): TrafficLane[] {
  if (traffic) return traffic.map(laneOf)
  const byName = new Map<string, Stretch[]>()
  for (const { at, kind, data } of facts) {
    if (kind !== 'request-lost' || typeof data?.traffic !== 'string' || at < 0) continue
    byName.set(data.traffic, [...(byName.get(data.traffic) ?? []), { from: at, to: at, lost: Number(data.count ?? 1) }])
  }
  return [...byName].map(([name, slices]) => ({ name, counts: 'requests', lost: slices.reduce((sum, { lost }) => sum + lost, 0), answered: [], losses: joined(slices, quietMs), slices, errors: [] }))
}

const shownMax = 6

/** The stretches of losses, each with how many unless there is but one. */
function whenLost({ losses }: TrafficLane, language: Language, say: (when: string, count: number) => string): string[] {
  const shown = losses.slice(0, shownMax).map((one) => (losses.length === 1 ? stretchText(one.from, one.to, language) : say(stretchText(one.from, one.to, language), one.lost)))
  return losses.length > shownMax ? [...shown, translatorOf(language)('lanes.moreLosses', { count: losses.length - shownMax })] : shown
}

/** `players: sends 0 s – 60 s, 300 requests, 37 lost (20 s – 31 s)`. */
export function trafficSentence(lane: TrafficLane, language: Language): string {
  const t = translatorOf(language)
  const { name, counts, starts, ends, sent, lost } = lane
  const sends = starts === undefined || ends === undefined || sent === undefined ? [] : sent === 0 ? [t('lanes.sendsNothing')] : [t('lanes.sends', { when: stretchText(starts, ends, language) }), t(`lanes.${counts}`, { count: sent })]
  const losses = sent === 0 && lost === 0 ? [] : [`${t('lanes.lostCount', { count: lost })}${lost > 0 ? t('lanes.brackets', { text: whenLost(lane, language, (when, count) => t('lanes.lostThen', { when, count })).join(t('lanes.comma')) }) : ''}`]
  return `${name}${t('review.colon')}${[...sends, ...losses].join(t('lanes.comma'))}`
}

/** Models of the rows of the table below the picture. */
export function trafficTable(lanes: readonly TrafficLane[], language: Language): Record<string, unknown>[] {
  const t = translatorOf(language)
  const errorText = language === 'zh-CN' ? lossInChinese : (text: string) => text
  return lanes.map((lane) => ({
    name: lane.name,
    sends: lane.starts === undefined || lane.ends === undefined ? '–' : stretchText(lane.starts, lane.ends, language),
    sent: lane.sent === undefined ? '–' : t(`lanes.${lane.counts}`, { count: lane.sent }),
    lost: lane.lost,
    isLossy: lane.lost > 0,
    when: whenLost(lane, language, (when, count) => `${when} (${count})`),
    errors: lane.errors.map(({ text, count }) => ({ text: errorText(text), count })),
  }))
}

const [column, arm] = [7, 2.6]

/** The middles of the columns in which a stretch is marked: at least one, and never two for one column. */
function columnsOf(slices: readonly Stretch[], stretch: Stretch, x: (at: number) => number, { until, left, right }: Frame): number[] {
  const columns = new Set<number>()
  const last = Math.floor((right - left) / column) - 1
  for (const { from, to } of slices) {
    if (from < stretch.from || from > stretch.to || from >= until) continue
    const first = Math.floor((x(from) - left) / column)
    const end = Math.max(first, Math.ceil((x(to) - left) / column) - 1)
    for (let index = first; index <= end; index++) columns.add(Math.min(index, last))
  }
  return [...columns].sort((a, b) => a - b).map((index) => Math.round((left + (index + 0.5) * column) * 10) / 10)
}

type Frame = { y: number; until: number; left: number; right: number }

/** The lane as SVG: a dashed line while it sends, a bar where it is answered, and a row of crosses where something was lost. However many were lost, a column of pixels has one cross. */
export function trafficRow(lane: TrafficLane, frame: Frame, language: Language): string {
  const { y, until, left, right } = frame
  const x = (at: number) => Math.round((left + (Math.min(at, until) / until) * (right - left)) * 10) / 10
  const sending = lane.starts === undefined || lane.ends === undefined || lane.starts >= until ? '' : `<path class="sending" d="M${x(lane.starts)} ${y + 16.5}H${x(lane.ends)}"/>`
  const bars = lane.answered.filter(({ from }) => from < until).map(({ from, to }) => `<rect class="answered" x="${x(from)}" y="${y + 14}" width="${Math.max(1, Math.round((x(to) - x(from)) * 10) / 10)}" height="5" rx="1"/>`)
  const marks = lane.losses.filter(({ from }) => from < until).map((stretch) => {
    const crosses = columnsOf(lane.slices, stretch, x, frame).map((middle) => `M${Math.round((middle - arm) * 10) / 10} ${y + 4}l${2 * arm} ${2 * arm}m0-${2 * arm}l-${2 * arm} ${2 * arm}`)
    return `<g><title>${Handlebars.escapeExpression(translatorOf(language)('lanes.lostThen', { when: stretchText(stretch.from, stretch.to, language), count: stretch.lost }))}</title><path class="lost" d="${crosses.join('')}"/></g>`
  })
  return `${sending}${bars.join('')}${marks.join('')}`
}
