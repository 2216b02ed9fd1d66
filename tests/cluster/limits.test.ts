/** A run that asks for too much ends with a sentence, never with an endless loop. */
import { describe, expect, it } from 'vitest'
import { recordOf, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { LiveCluster } from '../../server/cluster/index.ts'
import { judge } from '../support/exercise.ts'

const goal = { ready: { workload: 'deployment/login', within: '60s' } }

describe('limits of a run', () => {
  it('are not met by an ordinary exercise', () => {
    const { simulation } = judge({ goal })
    expect(simulation.result).toMatchObject({ completed: true })
    expect(simulation.result).not.toHaveProperty('limit')
  })
  it('end it after so many actions, with what was seen until then', () => {
    const { simulation, goal: judged } = judge({ goal, limits: { events: 150, perInstant: 20_000 } })
    expect(simulation.result).toMatchObject({ completed: false, limit: 'more than 150 actions' })
    expect(simulation.cluster.loop.events).toBe(151)
    expect(simulation.result.endedAt).toBeLessThan(120_000)
    expect(judged.verdict).not.toBe('met')
    expect(recordOf(simulation)).toMatchObject({ completed: false, limit: 'more than 150 actions' })
  })
  it('end it when parts answer each other without time passing', () => {
    const { simulation } = judge({ goal, limits: { events: 600_000, perInstant: 10 } })
    expect(simulation.result.completed).toBe(false)
    expect(simulation.result.limit).toMatch(/^more than 10 actions at one instant \(.+\)$/)
  })
  it('end it when there are too many objects', () => {
    const scenario = scenarioSchema.parse({ runs: [{ name: 'main' }], goals: [{ id: 'any', admitted: {} }] })
    const fill = (cluster: LiveCluster): void => void cluster.schedule(40_000, 'step', 'fill', () => {
      for (let i = 0; i <= 5000; i++) cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${i}`, namespace: 'game' } })
    })
    expect(simulate({ scenario, given: {}, files: {}, prepare: fill }).result).toMatchObject({ completed: false, limit: 'more than 5000 objects', endedAt: 10_000 })
  })
  it('end it when it asks for too much time', () => {
    const { simulation, goal: judged } = judge({ goal, run: { length: '1h' }, limits: { events: 600_000, perInstant: 20_000, timeMs: 1_800_000 } })
    expect(simulation.result).toMatchObject({ completed: false, limit: 'more than 0.5 h of virtual time', endedAt: 1_770_000 })
    expect(judged).toMatchObject({ verdict: 'undecided', because: { en: 'The simulation was cut short: more than 0.5 h of virtual time.' } })
  })
  it('end it when its time is up, however busy it is', () => {
    const { simulation } = judge({ run: { length: '30s' }, goal: { ready: { workload: 'deployment/login', within: '10s' } } })
    expect(simulation.result).toMatchObject({ completed: true, endedAt: 30_000 })
    expect(simulation.cluster.now).toBe(60_000)
  })
})
