/** What the page says of a graded repair: limits in the reader's language, and what each verdict rests on. */
import { expect, it } from 'vitest'
import { partsView } from '../../server/http/pages/parts.ts'
import { repairView } from '../../server/http/pages/repair.ts'
import { judge } from '../support/exercise.ts'

const goal = { id: 'up', run: 'main', points: 1, verdict: 'missed', at: 5000, says: { en: 'Up.', 'zh-CN': '启动。' }, because: { en: 'No.', 'zh-CN': '没有。' } }
const fact = { at: 5000, kind: 'container-state', ref: { kind: 'Pod', namespace: 'game', name: 'login-0' }, container: 'app', text: 'CrashLoopBackOff' }

const credit = { parts: [], points: 1 }

it('shows the facts of each goal, with the line that caused them', () => {
  const cause = { file: 'a.yaml', line: 7, column: 3, text: 'command: [/nope]' }
  const view = repairView({ goals: [{ ...goal, evidence: [{ ...fact, cause }, { ...fact, at: -2000, text: 'running' }] }] }, credit, 'en')!
  expect(view.goals).toMatchObject([{ decidedAt: '5 s', facts: [{ instant: '5 s', who: 'pod/login-0 app', what: 'CrashLoopBackOff', tone: 'bad', cause }, { instant: '', what: 'running' }] }])
})

it('counts the goals in points of the question, so that they add up to what was earned', () => {
  const note = { en: '', 'zh-CN': '' }
  const parts = [{ id: 'up', label: { en: 'Up.', 'zh-CN': '启动。' }, earned: 1, possible: 2, note }, { id: 'more', label: { en: 'More.', 'zh-CN': '更多。' }, earned: 0, possible: 6, note }]
  const view = repairView({ goals: [{ ...goal, points: 2 }, { ...goal, id: 'more', points: 6 }] }, { parts, points: 16 }, 'en')!
  expect(view.goals).toMatchObject([{ earned: 2, points: 4 }, { earned: 0, points: 12 }])
  expect(partsView(parts, 16)).toMatchObject([{ earned: 2, possible: 4, standing: 'partly' }, { earned: 0, possible: 12, standing: 'wrong' }])
})

it('shows the traffic of both sides in a picture and in a table', () => {
  const traffic = { name: 'players', counts: 'requests', starts: 0, ends: 60_000, perSecond: 5, sent: 300, lost: 37, every: 500, losses: [[40, 0, 37]], errors: [{ text: 'HTTP status 503', count: 37 }] }
  const run = { run: 'main', before: { endedAt: 60_000, timeline: [fact], traffic: [traffic] }, after: { endedAt: 60_000, timeline: [fact], traffic: [{ ...traffic, lost: 0, losses: [], errors: [] }] } }
  const shown = (language: 'en' | 'zh-CN') => repairView({ runs: [run] }, credit, language)! as { hasTraffic: boolean; runs: { before: { picture: string; traffic: unknown[] }; after: { picture: string; traffic: unknown[] } }[] }
  const { hasTraffic, runs: [en] } = shown('en')
  expect(hasTraffic).toBe(true)
  expect(en!.before.traffic).toEqual([{ name: 'players', sends: '0 s – 60 s', sent: '300 requests', lost: 37, isLossy: true, when: ['20 s – 20.5 s'], errors: [{ text: 'HTTP status 503', count: 37 }] }])
  expect(en!.after.traffic).toMatchObject([{ lost: 0, isLossy: false }])
  expect([en!.before.picture.includes('class="lost"'), en!.after.picture.includes('class="lost"')]).toEqual([true, false])
  expect(/data-until="(\d+)"/.exec(en!.before.picture)![1]).toBe(/data-until="(\d+)"/.exec(en!.after.picture)![1])
  expect(shown('zh-CN').runs[0]!.before.traffic).toMatchObject([{ sent: '300 个请求', errors: [{ text: 'HTTP 状态码 503' }] }])
  // A grade from before traffic was recorded, and one without any.
  const old = { run: 'main', after: { endedAt: 60_000, timeline: [{ ...fact, kind: 'request-lost', text: 'players: 37 requests lost: EOF', data: { traffic: 'players', count: 37 } }] } }
  expect(repairView({ runs: [old] }, credit, 'en')).toMatchObject({ hasTraffic: true, runs: [{ after: { traffic: [{ name: 'players', sends: '–', sent: '–', lost: 37 }] } }] })
  expect(repairView({ runs: [{ run: 'main', after: { endedAt: 60_000, timeline: [fact] } }] }, credit, 'en')!.hasTraffic).toBe(false)
})

it('says which limit cut a run short', () => {
  const { simulation } = judge({ limits: { events: 140, perInstant: 20_000 }, goal: { admitted: {} } })
  const run = (limit: string | undefined) => ({ runs: [{ run: 'main', after: { endedAt: 10_000, timeline: [fact], ...(limit === undefined ? {} : { limit }) } }] })
  const shown = (limit: string | undefined, language: 'en' | 'zh-CN'): unknown => ((repairView(run(limit), credit, language)!.runs as { after: { limit?: string } }[])[0]!).after.limit
  expect([shown(simulation.result.limit, 'en'), shown(simulation.result.limit, 'zh-CN')]).toEqual(['more than 140 actions', '超过 140 个动作'])
  expect(shown('more than 20000 actions at one instant (hpa game/web)', 'zh-CN')).toBe('超过 20000 个动作发生在同一时刻（hpa game/web）')
  expect(shown('more than 5000 objects', 'zh-CN')).toBe('超过 5000 个对象')
  expect(shown('more than 48 h of virtual time', 'zh-CN')).toBe('超过 48 小时虚拟时间')
  expect(shown(undefined, 'en')).toBeUndefined()
})
