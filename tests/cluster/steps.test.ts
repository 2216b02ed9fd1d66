/** Steps of a scenario that name what is not there: they say so, and nothing else happens. */
import { describe, expect, it } from 'vitest'
import { judge } from '../support/exercise.ts'

const drained = { drain: { node: 'node-9', within: '60s' } }
const facts = (step: object): string[] => judge({ run: { steps: [{ at: '30s', ...step }] }, goal: drained }).simulation.result.timeline
  .filter(({ kind, ref }) => kind.startsWith('drain-') || kind === 'step-refused' || kind.startsWith('node-') || ref?.name === 'node-9').map(({ kind, text }) => `${kind}: ${text}`)

describe('a node that does not exist', () => {
  it.each([
    ['drain', { drain: { node: 'node-9' } }], ['cordon', { cordon: 'node-9' }], ['uncordon', { uncordon: 'node-9' }], ['failNode', { failNode: 'node-9' }], ['recoverNode', { recoverNode: 'node-9' }],
    ['memoryPressure', { memoryPressure: { node: 'node-9', available: '1Gi' } }], ['diskPressure', { diskPressure: { node: 'node-9', available: '1Gi' } }], ['nodeFiles', { nodeFiles: { node: 'node-9', files: { '/srv/a': 'a' } } }],
  ])('%s is refused, and that is all', (_name, step) => expect(facts(step)).toEqual(['step-refused: nodes "node-9" not found']))

  it('leaves the goal of its drain undecided and says why', () => {
    const { goal } = judge({ run: { steps: [{ at: '30s', drain: { node: 'node-9' } }] }, goal: drained })
    expect([goal.verdict, goal.because]).toEqual(['undecided', { en: 'No drain was started. nodes "node-9" not found', 'zh-CN': '没有开始排空。服务器的答复是“nodes "node-9" not found”。' }])
    expect(goal.evidence).toMatchObject([{ kind: 'step-refused' }])
  })
})

it('a drain whose cordon is refused goes no further, as kubectl does', () => {
  const { simulation, goal } = judge({ run: { steps: [{ at: '30s', as: 'system:serviceaccount:game:default', drain: { node: 'node-1' } }] }, goal: { drain: { node: 'node-1', within: '60s' } } })
  expect(goal.verdict).toBe('undecided')
  expect(simulation.result.timeline.filter(({ kind }) => kind === 'step-refused').map(({ text }) => text)).toEqual(['nodes "node-1" is forbidden: User "system:serviceaccount:game:default" cannot patch resource "nodes" in API group "" at the cluster scope'])
  expect(simulation.result.timeline.filter(({ kind }) => kind.startsWith('drain-') || kind === 'evict-refused' || kind === 'pod-terminating')).toEqual([])
})

it('a drain of a node that is there ends as before', () => {
  const { goal } = judge({ run: { steps: [{ at: '30s', drain: { node: 'node-1' } }] }, goal: { drain: { node: 'node-1', within: '60s' } } })
  expect(goal.verdict).toBe('met')
})
