import { describe, expect, it } from 'vitest'
import { lineDiff } from '../../server/http/line-diff.ts'
import { instantText, momentText, stretchText } from '../../server/http/instant.ts'
import { drawnLength, lanesOf, podLanes } from '../../server/http/pod-lanes.ts'
import type { Fact } from '../../server/http/pod-lanes.ts'
import { trafficLanesOf } from '../../server/http/traffic-lanes.ts'
import type { TrafficOverTime } from '../../server/cluster/index.ts'

const pod = (name: string) => ({ kind: 'Pod', namespace: 'game', name })
const fact = (at: number, kind: string, text: string, data: Record<string, unknown> = {}): Fact => ({ at, kind, text, ref: pod('battle-0'), data: { uid: 'u1', ...data } })

describe('lanes of pods', () => {
  it('follow a pod from waiting to ready, to a restart and its end', () => {
    const lanes = lanesOf([fact(0, 'pod-created', 'created'), fact(1000, 'container-state', 'running', { restarts: 0 }), fact(6000, 'ready', 'ready', { ready: true }), fact(9000, 'ready', 'not ready', { ready: false }),
      fact(9500, 'container-state', 'CrashLoopBackOff', { restarts: 1 }), fact(20_000, 'pod-terminating', 'terminating'), fact(22_000, 'pod-deleted', 'deleted')], 60_000)
    expect(lanes).toEqual([{ name: 'battle-0', restarts: [9500], segments: [
      { state: 'waiting', from: 0, to: 1000 }, { state: 'running', from: 1000, to: 6000 }, { state: 'ready', from: 6000, to: 9000 }, { state: 'running', from: 9000, to: 9500 }, { state: 'failed', from: 9500, to: 20_000 }, { state: 'ending', from: 20_000, to: 22_000 },
    ] }])
  })
  it('start in the state in which the repair found the pod', () => {
    const lanes = lanesOf([fact(-60_000, 'pod-created', 'created'), fact(-50_000, 'ready', 'ready', { ready: true })], 10_000)
    expect(lanes[0]!.segments).toEqual([{ state: 'ready', from: 0, to: 10_000 }])
  })
  it('tell two pods of one name apart', () => {
    expect(lanesOf([fact(0, 'pod-created', 'created'), fact(5, 'pod-deleted', 'deleted'), fact(6, 'pod-created', 'created', { uid: 'u2' })], 10)).toHaveLength(2)
  })
  it('are drawn with a sentence for those who do not see them, and escape names', () => {
    const html = podLanes([{ ...fact(0, 'pod-created', 'created'), ref: pod('a"<b>') }, { ...fact(1500, 'ready', 'ready', { ready: true }), ref: pod('a"<b>') }], 10_000, 'en')
    expect(html).toContain('waiting 0 s, ready 1.5 s')
    expect(html).not.toContain('<b>')
  })
  it('are nothing without pods', () => expect(podLanes([], 10_000, 'en')).toBe(''))
})

describe('lanes of traffic', () => {
  const players: TrafficOverTime = { name: 'players', counts: 'requests', starts: 10_000, ends: 60_000, perSecond: 10, sent: 500, lost: 37, every: 500, losses: [[40, 0, 5], [41, 0, 5], [42, 2, 3], [80, 1, 24]], errors: [{ text: 'connection refused', count: 37 }] }
  const stood = [fact(0, 'pod-created', 'created'), fact(1000, 'ready', 'ready', { ready: true })]
  const draw = (traffic: TrafficOverTime[] | undefined, language: 'en' | 'zh-CN' = 'en', facts = stood) => podLanes(facts, 60_000, language, trafficLanesOf(traffic, facts))
  const crosses = (html: string) => html.match(/m0-/g)?.length ?? 0

  it('show when it sends, is answered and loses', () => {
    const [lane] = trafficLanesOf([players], [])
    // Nobody answered in the first two slices; somebody did in the third.
    expect(lane!.answered).toEqual([{ from: 10_000, to: 20_000 }, { from: 21_000, to: 60_000 }])
    expect(lane!.losses).toEqual([{ from: 20_000, to: 21_500, lost: 13 }, { from: 40_000, to: 40_500, lost: 24 }])
    const html = draw([players])
    expect(html).toContain('→ players')
    expect(html).toContain('<path class="sending"')
    expect(html.match(/<rect class="answered"/g)).toHaveLength(2)
    expect(html).toContain('<title>20 s – 21.5 s: 13 lost</title>')
    expect(draw([{ ...players, lost: 0, losses: [] }])).not.toContain('class="lost"')
  })
  it('say it in a sentence too, in both languages', () => {
    expect(draw([players])).toContain('; players: sends 10 s – 60 s, 500 requests, 37 lost (20 s – 21.5 s: 13 lost, 40 s – 40.5 s: 24 lost)"')
    expect(draw([players], 'zh-CN')).toContain('；players：发送时段 10 秒 – 60 秒，500 个请求，丢失 37 个（20 秒 – 21.5 秒：丢失 13 个，40 秒 – 40.5 秒：丢失 24 个）"')
    expect(draw([{ ...players, counts: 'connections', sent: 1, lost: 0, losses: [] }])).toContain('1 connection, 0 lost"')
    expect(draw([{ ...players, sent: 0, lost: 0, losses: [] }])).toContain('players: sends nothing"')
  })
  it('have one cross a column of pixels, however many were lost', () => {
    const losses = Array.from({ length: 120 }, (_, slice): [number, number, number] => [slice, 0, 900])
    const html = draw([{ ...players, starts: 0, sent: 108_000, lost: 108_000, losses }])
    expect(crosses(html)).toBeGreaterThan(40)
    expect(crosses(html)).toBeLessThanOrEqual(56)
    expect(html).not.toContain('class="answered"')
    expect(html.length).toBeLessThan(6000)
  })
  it('make no bar of the pause between two requests that were both lost', () => {
    const losses = Array.from({ length: 12 }, (_, request): [number, number, number] => [request * 10, 0, 1])
    expect(trafficLanesOf([{ ...players, starts: 0, perSecond: 0.2, sent: 12, lost: 12, losses }], [])[0]!.answered).toEqual([{ from: 55_500, to: 60_000 }])
  })
  it('are told from the lines about losses in grades that hold no more', () => {
    const old = [...stood, fact(20_000, 'request-lost', 'players: 37 requests lost: connection refused', { traffic: 'players', count: 37 })]
    expect(draw(undefined)).not.toContain('players')
    expect(draw(undefined, 'en', old)).toContain('; players: 37 lost (20 s)"')
    expect(crosses(draw(undefined, 'en', old))).toBe(1)
    expect(podLanes(old, 60_000, 'en')).not.toBe(podLanes(stood, 60_000, 'en'))
  })
  it('lengthen the axis as far as something happens to them', () => {
    const length = (traffic: TrafficOverTime) => drawnLength(stood, 600_000, trafficLanesOf([traffic], []))
    expect(length({ ...players, starts: 0, lost: 0, losses: [] })).toBe(5000)
    expect(length(players)).toBe(49_000)
    // Losses that go on to the end say nothing new.
    expect(length({ ...players, starts: 0, ends: 600_000, losses: Array.from({ length: 1200 }, (_, slice) => [slice, 0, 1]) })).toBe(5000)
  })
  it('escape names', () => expect(draw([{ ...players, name: '<b>' }])).not.toContain('<b>'))
  it('are many: the rest is counted', () => expect(draw(Array.from({ length: 7 }, (_, index) => ({ ...players, name: `p${index}` })))).toContain('and 2 more sources of traffic'))
})

it.each([[0, 500, '0 s – 0.5 s'], [0, 600_000, '0 s – 10 min'], [120_000, 122_500, '120 s – 122.5 s'], [120_000, 180_000, '2 min – 3 min'], [30_000, 120_000, '30 s – 120 s'], [5000, 5000, '5 s']])('from %i to %i ms reads %s', (from, to, en) => expect(stretchText(from, to, 'en')).toBe(en))
it.each([[0, '0 s', '0 秒', '第 0 秒'], [1500, '1.5 s', '1.5 秒', '第 1.5 秒'], [90_000, '90 s', '90 秒', '第 90 秒'], [180_000, '3 min', '3 分钟', '第 3 分钟']])('%i ms reads %s', (ms, en, zh, within) => expect([instantText(ms, 'en'), instantText(ms, 'zh-CN'), momentText(ms, 'en'), momentText(ms, 'zh-CN')]).toEqual([en, zh, en, within]))

describe('differences of lines', () => {
  const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('')
  it('are empty for equal texts', () => expect(lineDiff('a\nb\n', 'a\nb\n')).toEqual([]))
  it('number both sides and fold what is equal', () => {
    const diff = lineDiff(`${lines(1, 10)}old\n`, `${lines(1, 10)}new\n`)
    expect(diff[0]).toEqual({ kind: 'gap', count: 7 })
    expect(diff.slice(-2)).toEqual([{ kind: 'removed', sign: '−', before: 11, text: 'old' }, { kind: 'added', sign: '+', after: 11, text: 'new' }])
  })
})
