import { describe, expect, it } from 'vitest'
import { lineDiff } from '../../server/http/line-diff.ts'
import { instantText, lanesOf, podLanes } from '../../server/http/pod-lanes.ts'
import type { Fact } from '../../server/http/pod-lanes.ts'
import { translatorOf } from '../../server/i18n/index.ts'

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
    const html = podLanes([{ ...fact(0, 'pod-created', 'created'), ref: pod('a"<b>') }, { ...fact(1500, 'ready', 'ready', { ready: true }), ref: pod('a"<b>') }], 10_000, translatorOf('en'))
    expect(html).toContain('waiting 0 s, ready 1.5 s')
    expect(html).not.toContain('<b>')
  })
  it('are nothing without pods', () => expect(podLanes([], 10_000, translatorOf('en'))).toBe(''))
})

it.each([[0, '0 s'], [1500, '1.5 s'], [90_000, '90 s'], [180_000, '3 min']])('%i ms reads %s', (ms, text) => expect(instantText(ms)).toBe(text))

describe('differences of lines', () => {
  const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('')
  it('are empty for equal texts', () => expect(lineDiff('a\nb\n', 'a\nb\n')).toEqual([]))
  it('number both sides and fold what is equal', () => {
    const diff = lineDiff(`${lines(1, 10)}old\n`, `${lines(1, 10)}new\n`)
    expect(diff[0]).toEqual({ kind: 'gap', count: 7 })
    expect(diff.slice(-2)).toEqual([{ kind: 'removed', sign: '−', before: 11, text: 'old' }, { kind: 'added', sign: '+', after: 11, text: 'new' }])
  })
})
