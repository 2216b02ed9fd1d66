/** The conditions of a pod by the kubelet: their order, and the reasons of those that are not true. */
import { describe, expect, it } from 'vitest'
import { scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

function play(spec: Fields, length = '2m'): Simulation {
  const scenario = scenarioSchema.parse({ cluster: { nodes: [{ name: 'node-1', images: ['busybox:1.37'] }] }, runs: [{ name: 'main', warmup: '5s', length }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' }, spec }) } })
}
const box = (name: string, script: string, more: Fields = {}): Fields => ({ name, image: 'busybox:1.37', command: ['sh', '-c', script], ...more })
/** One line per condition: type, status, reason, message. */
const conditions = ({ cluster }: Simulation): string[] => (cluster.view.get('Pod', 'game', 'web')!.status!.conditions as Fields[]).map(({ type, status, reason, message }) => [type, status, reason, message].filter((part) => part !== undefined).join(' '))

describe('the conditions of a pod', () => {
  const sleeps = box('app', 'sleep 3600')
  const unready = { readinessProbe: { exec: { command: ['false'] } } }
  const forever = box('wait', 'sleep 3600')
  it.each<[string, Fields, string[]]>([
    ['that runs', { containers: [sleeps] }, ['PodReadyToStartContainers True', 'Initialized True', 'Ready True', 'ContainersReady True', 'PodScheduled True']],
    ['without its volume', { containers: [sleeps], volumes: [{ name: 'v', secret: { secretName: 'none' } }] }, ['PodReadyToStartContainers False', 'Initialized True', 'Ready False ContainersNotReady containers with unready status: [app]', 'ContainersReady False ContainersNotReady containers with unready status: [app]', 'PodScheduled True']],
    ['two of whose containers are not ready', { containers: [box('a', 'sleep 3600', unready), sleeps, box('b', 'sleep 3600', unready)] }, ['PodReadyToStartContainers True', 'Initialized True', 'Ready False ContainersNotReady containers with unready status: [a b]', 'ContainersReady False ContainersNotReady containers with unready status: [a b]', 'PodScheduled True']],
    ['whose sidecar is not ready', { initContainers: [box('side', 'sleep 3600', { restartPolicy: 'Always', ...unready })], containers: [sleeps] }, ['PodReadyToStartContainers True', 'Initialized True', 'Ready False ContainersNotReady containers with unready status: [side]', 'ContainersReady False ContainersNotReady containers with unready status: [side]', 'PodScheduled True']],
    ['that initializes', { initContainers: [box('first', 'true'), forever, box('last', 'true')], containers: [sleeps] }, ['PodReadyToStartContainers True', 'Initialized False ContainersNotInitialized containers with incomplete status: [wait last]', 'Ready False ContainersNotReady containers with unready status: [app]', 'ContainersReady False ContainersNotReady containers with unready status: [app]', 'PodScheduled True']],
    ['that succeeded', { restartPolicy: 'Never', containers: [box('app', 'sleep 5')] }, ['PodReadyToStartContainers False', 'Initialized True PodCompleted', 'Ready False PodCompleted', 'ContainersReady False PodCompleted', 'PodScheduled True']],
    ['that failed', { restartPolicy: 'Never', containers: [box('app', 'sleep 5; exit 3')] }, ['PodReadyToStartContainers False', 'Initialized True', 'Ready False PodFailed', 'ContainersReady False PodFailed', 'PodScheduled True']],
    ['that failed in an init container', { restartPolicy: 'Never', initContainers: [box('first', 'exit 3')], containers: [sleeps] }, ['PodReadyToStartContainers False', 'Initialized False ContainersNotInitialized containers with incomplete status: [first]', 'Ready False PodFailed', 'ContainersReady False PodFailed', 'PodScheduled True']],
    ['whose sidecar is down for good after the app has started', { initContainers: [box('side', 'sleep 20; exit 1', { restartPolicy: 'Always' })], containers: [sleeps] }, ['PodReadyToStartContainers True', 'Initialized True', 'Ready False ContainersNotReady containers with unready status: [side]', 'ContainersReady False ContainersNotReady containers with unready status: [side]', 'PodScheduled True']],
  ])('%s', (_name, spec, expected) => expect(conditions(play(spec))).toEqual(expected))
})

describe('readiness gates', () => {
  const gated = { readinessGates: [{ conditionType: 'game.example/lobby' }, { conditionType: 'game.example/map' }], containers: [box('app', 'sleep 3600')] }
  const ready = (played: Simulation): string[] => conditions(played).filter((line) => /^(Containers)?Ready /.test(line))
  const say = (played: Simulation, ...told: [string, string][]): void => {
    const { cluster } = played
    const pod = cluster.view.get('Pod', 'game', 'web')!
    cluster.api.setStatus({ kind: 'Pod', namespace: 'game', name: 'web' }, { ...pod.status, conditions: [...(pod.status!.conditions as Fields[]).filter((one) => !told.some(([type]) => type === one.type)), ...told.map(([type, status]) => ({ type, status }))] })
    cluster.advance(cluster.now + 1000)
  }
  it('hold Ready back, not ContainersReady, until others have set their conditions', () => {
    const played = play(gated)
    expect(ready(played)).toEqual(['Ready False ReadinessGatesNotReady corresponding condition of pod readiness gate "game.example/lobby" does not exist., corresponding condition of pod readiness gate "game.example/map" does not exist.', 'ContainersReady True'])
    say(played, ['game.example/lobby', 'True'], ['game.example/map', 'False'])
    expect(ready(played)).toEqual(['Ready False ReadinessGatesNotReady the status of pod readiness gate "game.example/map" is not "True", but False', 'ContainersReady True'])
    say(played, ['game.example/map', 'True'])
    expect(ready(played)).toEqual(['Ready True', 'ContainersReady True'])
  })
})
