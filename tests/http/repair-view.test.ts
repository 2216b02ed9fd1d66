/** What the page says of a graded repair: limits in the reader's language, and what each verdict rests on. */
import { expect, it } from 'vitest'
import { translatorOf } from '../../server/i18n/index.ts'
import { partsView } from '../../server/http/pages/parts.ts'
import { repairView } from '../../server/http/pages/repair.ts'
import { judge } from '../support/exercise.ts'

const goal = { id: 'up', run: 'main', points: 1, verdict: 'missed', at: 5000, says: { en: 'Up.', 'zh-CN': '启动。' }, because: { en: 'No.', 'zh-CN': '没有。' } }
const fact = { at: 5000, kind: 'container-state', ref: { kind: 'Pod', namespace: 'game', name: 'login-0' }, container: 'app', text: 'CrashLoopBackOff' }

const credit = { parts: [], points: 1 }

it('shows the facts of each goal, with the line that caused them', () => {
  const cause = { file: 'a.yaml', line: 7, column: 3, text: 'command: [/nope]' }
  const view = repairView({ goals: [{ ...goal, evidence: [{ ...fact, cause }, { ...fact, at: -2000, text: 'running' }] }] }, credit, 'en', translatorOf('en'))!
  expect(view.goals).toMatchObject([{ decidedAt: '5 s', facts: [{ instant: '5 s', who: 'pod/login-0 app', what: 'CrashLoopBackOff', tone: 'bad', cause }, { instant: '', what: 'running' }] }])
})

it('counts the goals in points of the question, so that they add up to what was earned', () => {
  const note = { en: '', 'zh-CN': '' }
  const parts = [{ id: 'up', label: { en: 'Up.', 'zh-CN': '启动。' }, earned: 1, possible: 2, note }, { id: 'more', label: { en: 'More.', 'zh-CN': '更多。' }, earned: 0, possible: 6, note }]
  const view = repairView({ goals: [{ ...goal, points: 2 }, { ...goal, id: 'more', points: 6 }] }, { parts, points: 16 }, 'en', translatorOf('en'))!
  expect(view.goals).toMatchObject([{ earned: 2, points: 4 }, { earned: 0, points: 12 }])
  expect(partsView(parts, 16)).toMatchObject([{ earned: 2, possible: 4, standing: 'partly' }, { earned: 0, possible: 12, standing: 'wrong' }])
})

it('says which limit cut a run short', () => {
  const { simulation } = judge({ limits: { events: 140, perInstant: 20_000 }, goal: { admitted: {} } })
  const run = (limit: string | undefined) => ({ runs: [{ run: 'main', after: { endedAt: 10_000, timeline: [fact], ...(limit === undefined ? {} : { limit }) } }] })
  const shown = (limit: string | undefined, language: 'en' | 'zh-CN'): unknown => ((repairView(run(limit), credit, language, translatorOf(language))!.runs as { after: { limit?: string } }[])[0]!).after.limit
  expect([shown(simulation.result.limit, 'en'), shown(simulation.result.limit, 'zh-CN')]).toEqual(['more than 140 actions', '超过 140 个动作'])
  expect(shown('more than 20000 actions at one instant (hpa game/web)', 'zh-CN')).toBe('超过 20000 个动作发生在同一时刻（hpa game/web）')
  expect(shown('more than 5000 objects', 'zh-CN')).toBe('超过 5000 个对象')
  expect(shown('more than 48 h of virtual time', 'zh-CN')).toBe('超过 48 小时虚拟时间')
  expect(shown(undefined, 'en')).toBeUndefined()
})
