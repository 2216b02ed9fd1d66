/** The same input gives the same bytes: again, in another order of documents (apart from what shows that order), with other goals watching; another seed gives other names and the same verdicts. */
import { describe, expect, it } from 'vitest'
import { recordOf, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { deploymentOf, fileOf, login, serviceOf } from '../support/exercise.ts'

const objects = [
  deploymentOf({ livenessProbe: { httpGet: { path: '/livez', port: 8080 }, periodSeconds: 5 }, envFrom: [{ configMapRef: { name: 'app' } }] }, { replicas: 3 }),
  serviceOf({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app', namespace: 'game' }, data: { RATE: '1' } },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace: 'game' }, spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] } },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'login', namespace: 'game' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'login' } } } },
]

const scenario = (changes: Fields = {}) => scenarioSchema.parse({
  registries: { 'registry.game.example': {} },
  images: [{ name: login, profile: 'login' }, { name: 'registry.game.example/login:1.9.0', profile: 'login' }],
  profiles: { login: { image: { user: 10001, entrypoint: ['/app/login'] }, start: { time: '3s' }, listen: [{ port: 8080 }], http: { '/livez': {}, '/readyz': {}, '/': {} }, config: [{ name: 'rate', env: 'RATE' }] } },
  runs: [{
    name: 'main', warmup: '30s', length: '8m',
    steps: [{ at: '40s', setImage: { workload: 'deployment/login', image: 'registry.game.example/login:1.9.0' } }, { at: '2m', behave: { workload: 'deployment/login', count: 1, mode: 'hang' } }, { at: '3m', drain: { node: 'node-2' } }, { at: '4m', failNode: 'node-3' }, { at: '6m', undo: 'deployment/login' }],
    traffic: [{ name: 'players', from: { address: '203.0.113.7' }, to: { service: 'service/login', port: 80, path: '/' }, perSecond: 3, starts: '20s' }],
  }],
  goals: [
    { id: 'ready', ready: { workload: 'deployment/login', within: '60s' } },
    { id: 'reach', reach: { from: { address: '203.0.113.7' }, to: { service: 'service/login', port: 80, path: '/' } } },
    { id: 'no-loss', noLoss: { traffic: 'players' } },
    { id: 'serves', serves: { service: 'service/login', atLeast: 1, from: '30s' } },
  ],
  ...changes,
})

const play = (changes: Fields = {}, given = objects): Simulation => simulate({ scenario: scenario(changes), given: {}, files: { 'a.yaml': fileOf(...given) }, goals: scenario(changes).goals })
const bytes = (simulation: Simulation): string => JSON.stringify(recordOf(simulation))
/**
 * The record apart from what shows in which order the documents were taken, as it would in a cluster: the numbers of object versions, and the order of what the apply itself
 * did (`applied`, and on the timeline the answers and the facts of each object's creation at that instant). Everything else stays in, byte for byte.
 */
function apartFromOrder(simulation: Simulation, { files = true } = {}): string {
  const { applied, timeline, ...rest } = recordOf(simulation)
  const from = timeline.findIndex(({ kind, text }) => kind === 'step' && text === 'apply')
  const to = timeline.findLastIndex(({ kind, at }) => kind === 'applied' && at === 0) + 1
  const sorted = (entries: readonly unknown[]): string[] => entries.map((entry) => JSON.stringify(entry, (key, value: unknown) => (key === 'file' && !files ? undefined : value))).sort()
  return JSON.stringify({ ...rest, applied: sorted(applied), before: timeline.slice(0, from), apply: sorted(timeline.slice(from, to)), after: timeline.slice(to) }, (key, value: unknown) => (key === 'resourceVersion' ? undefined : value))
}

const bare = (name: string, cpu: string, more: Fields = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { containers: [{ name: 'app', image: login, resources: { requests: { cpu } } }], ...more } })

describe('determinism', () => {
  const first = play()
  const text = bytes(first)

  it('plays a run that has something of everything', () => {
    expect(first.result.completed).toBe(true)
    expect(first.goals.map(({ id, verdict }) => [id, verdict])).toEqual([['ready', 'met'], ['reach', 'met'], ['no-loss', 'missed'], ['serves', 'met']])
    expect(new Set(first.result.timeline.map(({ kind }) => kind)).size).toBeGreaterThan(15)
  })
  it('gives the same bytes again', () => expect(bytes(play())).toBe(text))
  it('gives the same bytes whatever ran in between', () => {
    play({ seed: 'other' }, [...objects].reverse())
    expect(bytes(play())).toBe(text)
  })
  it('gives the same bytes for shuffled documents, apart from what shows their order', () => {
    const shuffled = play({}, [objects[3]!, objects[1]!, objects[4]!, objects[0]!, objects[2]!])
    expect(apartFromOrder(shuffled)).toBe(apartFromOrder(first))
    // Both are there to be seen, so equality of every byte is not to be had.
    expect(shuffled.result.applied.map(({ ref }) => ref.kind)).toEqual(['NetworkPolicy', 'Service', 'PodDisruptionBudget', 'Deployment', 'ConfigMap'])
    expect(bytes(shuffled)).not.toBe(text)
  })
  it('gives the same bytes however the documents are spread over files, apart from their order and names', () => {
    const order = [2, 4, 0, 3, 1]
    const files = Object.fromEntries(order.map((index, i) => [`${i}.yaml`, fileOf(objects[index])]))
    const spread = simulate({ scenario: scenario(), given: {}, files, goals: scenario().goals })
    expect(apartFromOrder(spread, { files: false })).toBe(apartFromOrder(first, { files: false }))
  })
  it('places bare pods that compete for nodes in the same way, whichever document came first', () => {
    const pods = [bare('p1', '3'), bare('p2', '2'), bare('p3', '3'), bare('p4', '2', { hostUsers: false }), bare('p5', '2', { hostUsers: false }), bare('p6', '3'), bare('p7', '1')]
    const [one, two] = [play({}, [...objects, ...pods] as typeof objects), play({}, [...pods, ...objects].reverse() as typeof objects)]
    expect(one.result.notes.length).toBeGreaterThan(1)
    expect(apartFromOrder(two)).toBe(apartFromOrder(one))
  })
  it('takes documents one after the other, as kubectl does: what others are admitted by must come before them', () => {
    const documents = [{ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l', namespace: 'game' }, spec: { limits: [{ type: 'Container', default: { memory: '64Mi' } }] } }, bare('p1', '1')]
    const limit = (given: readonly object[]): unknown => play({}, [...given] as typeof objects).cluster.view.get('Pod', 'game', 'p1')?.spec?.containers[0].resources.limits
    expect([limit(documents), limit([...documents].reverse())]).toEqual([{ memory: '64Mi' }, undefined])
  })
  it('does not depend on which goals watch', () => {
    const plain = simulate({ scenario: scenario(), given: {}, files: { 'a.yaml': fileOf(...objects) } })
    const entries = (simulation: Simulation) => simulation.result.timeline.filter(({ kind }) => kind !== 'reach').map((entry) => JSON.stringify(entry))
    expect(entries(plain)).toEqual(entries(first))
  })
  it('gives other names for another seed, and the same verdicts', () => {
    const other = play({ seed: 'other' })
    expect(bytes(other)).not.toBe(text)
    expect(other.goals.map(({ id, verdict }) => [id, verdict])).toEqual(first.goals.map(({ id, verdict }) => [id, verdict]))
  })
})
