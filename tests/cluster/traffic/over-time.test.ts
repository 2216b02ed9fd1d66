/** The traffic of a run in little room: totals that agree with the record, and losses counted in slices of time. */
import { describe, expect, it } from 'vitest'
import { trafficOverTime } from '../../../server/cluster/index.ts'
import type { TrafficOverTime } from '../../../server/cluster/index.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { deploymentOf, judge, serviceOf } from '../../support/exercise.ts'

const clients = { name: 'clients', from: { namespace: 'game', labels: { app: 'lobby' } }, to: { service: 'service/login', port: 80, path: '/' }, perSecond: 2, starts: '40s' }

function played(traffic: Fields, more: { objects?: unknown[]; steps?: Fields[]; length?: string; limits?: { events: number; perInstant: number } } = {}) {
  const { objects, steps = [], length = '120s', limits } = more
  const { simulation } = judge({ ...(objects ? { objects } : {}), ...(limits ? { limits } : {}), run: { length, steps, traffic: [traffic] }, goal: { admitted: {} } })
  return { record: simulation.traffic.of('clients')!, seen: trafficOverTime(simulation.cluster, simulation.traffic)[0]! }
}
const sum = (losses: TrafficOverTime['losses']) => losses.reduce((total, [, , lost]) => total + lost, 0)

describe('traffic over time', () => {
  it('is totals alone when nothing is lost', () => {
    expect(played(clients).seen).toEqual({ name: 'clients', counts: 'requests', starts: 40_000, ends: 120_000, perSecond: 2, sent: 160, lost: 0, every: 500, losses: [], errors: [] })
  })

  it('says when a rollout loses requests, how many were answered meanwhile, and why', () => {
    const { record, seen } = played({ ...clients, perSecond: 10 }, { steps: [{ at: '60s', restart: 'deployment/login' }] })
    const lost = record.lost(0, 120_001)
    expect(lost.length).toBeGreaterThan(0)
    expect([seen.sent, seen.lost, sum(seen.losses)]).toEqual([record.sent(0, 120_001), lost.length, lost.length])
    for (const [slice, answered, count] of seen.losses) {
      const [from, until] = [slice * seen.every, (slice + 1) * seen.every]
      expect(count).toBe(record.lost(from, until).length)
      expect(answered).toBe(record.sent(from, until) - count)
    }
    // Addresses are left out, so that one cause is one line.
    expect(seen.errors).toEqual([{ text: 'dial tcp …: connect: connection refused', count: lost.length }])
  })

  it('stays small when thousands are lost for a day', () => {
    const { seen } = played({ ...clients, perSecond: 1, starts: '0s' }, { objects: [deploymentOf(), serviceOf({ selector: { app: 'other' } })], length: '6h' })
    expect(seen.lost).toBe(21_600)
    expect(seen.losses.length).toBeLessThanOrEqual(400)
    expect(sum(seen.losses)).toBe(21_600)
    expect(JSON.stringify(seen).length).toBeLessThan(6000)
  })

  it('ends where the generator or the run does', () => {
    expect(played({ ...clients, ends: '50s' }).seen).toMatchObject({ starts: 40_000, ends: 50_000, sent: 20 })
    expect(played({ ...clients, starts: '10m' }).seen).toMatchObject({ sent: 0, lost: 0 })
    const cut = played(clients, { limits: { events: 140, perInstant: 20_000 } }).seen
    expect(cut.ends).toBeLessThan(120_000)
  })

  it('counts connections that stay open, and their cuts', () => {
    const { record, seen } = played({ ...clients, to: { service: 'service/login', port: 80, websocket: '/' }, lasts: '60s' }, { steps: [{ at: '60s', deletePods: { workload: 'deployment/login' } }] })
    expect([seen.counts, seen.sent, seen.lost]).toEqual(['connections', record.sent(0, 120_001), record.lost(0, 120_001).length])
    expect(seen.lost).toBeGreaterThan(0)
  })
})
