/** What several parts of the cluster make of one another: waiting claims and spreading, node states and what is said of them. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

const image = 'busybox:1.37'

function play(objects: readonly unknown[], run: Fields, nodes: Fields[]): Simulation {
  const scenario = scenarioSchema.parse({ cluster: { nodes: nodes.map((node) => ({ images: [image], ...node })) }, runs: [{ name: 'main', warmup: '30s', ...run }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (name: string, spec: Fields, container: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels: { app: 'db' } }, spec: { containers: [{ name: 'app', image, command: ['sleep', '3600'], ...container }], ...spec } })
const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const withClaim = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }

describe('a pod whose volume is still being provisioned', () => {
  const one = [{ name: 'node-1', cpu: '1' }]
  const asks = (cpu: string): Fields => ({ resources: { requests: { cpu } } })
  // Provisioning takes from 0 to 1 s, then the first is bound; the second comes in between.
  const later = (first: Fields, second: Fields): Simulation => {
    const scenario = scenarioSchema.parse({ cluster: { nodes: one.map((node) => ({ ...node, images: [image] })) }, runs: [{ name: 'main', warmup: '30s', length: '20s', steps: [{ at: '500ms', apply: ['later/second.yaml'] }] }], goals: [{ id: 'any', admitted: {} }] })
    return simulate({ scenario, given: { 'later/second.yaml': fileOf(second) }, files: { 'a.yaml': fileOf(claim, first) } })
  }
  const phases = ({ cluster }: Simulation): string[] => ['first', 'second'].map((name) => cluster.view.get('Pod', 'game', name)!.status!.phase as string)

  it('has taken its place on the node for those that come meanwhile', () => {
    const played = later(pod('first', withClaim, asks('600m')), pod('second', {}, asks('300m')))
    expect(phases(played)).toEqual(['Running', 'Pending'])
    expect(runKubectl(played.cluster, 'kubectl get events --field-selector reason=FailedScheduling,involvedObject.name=second').stdout).toContain('1 Insufficient cpu')
  })
  it('counts for the spreading of others', () => {
    const spread = { topologySpreadConstraints: [{ maxSkew: 1, minDomains: 2, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'db' } } }] }
    expect(phases(later(pod('first', { ...withClaim, ...spread }), pod('second', spread)))).toEqual(['Running', 'Pending'])
  })
  it('keeps those away that it refuses as neighbours', () => {
    const alone = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } }] } } }
    expect(phases(later(pod('first', { ...withClaim, ...alone }), pod('second', {})))).toEqual(['Running', 'Pending'])
  })
})

describe('what is said of a node', () => {
  const said = ({ result }: Simulation): [number, string, string][] => result.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.kind === 'Node' && entry.ref.name === 'node-1').map((entry) => [(entry.at - 30_000) / 1000, entry.data!.component as string, entry.data!.message as string])
  const now = (reason: string): string => `Node node-1 status is now: ${reason}`

  it('tells when it falls silent and when it is back', () => {
    const played = play([], { length: '3m', steps: [{ at: '5s', failNode: 'node-1' }, { at: '2m', recoverNode: 'node-1' }] }, [{ name: 'node-1' }])
    expect(said(played)).toEqual([[55, 'node-controller', now('NodeNotReady')], ...['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady'].map((reason): [number, string, string] => [120, 'kubelet', now(reason)])])
    expect(runKubectl(played.cluster, 'kubectl describe node node-1').stdout).toMatch(/Normal +NodeNotReady +2m5s +node-controller +Node node-1 status is now: NodeNotReady/)
  })
  it('says nothing of a silence that was too short to be noticed', () => {
    expect(said(play([], { length: '3m', steps: [{ at: '5s', failNode: 'node-1' }, { at: '40s', recoverNode: 'node-1' }] }, [{ name: 'node-1' }]))).toEqual([])
  })
  it('tells of a cordon with the kubelet\'s next report, of a silent node when it is back', () => {
    const cordons = [{ at: '12s', cordon: 'node-1' }, { at: '33s', uncordon: 'node-1' }]
    expect(said(play([], { length: '1m', steps: cordons }, [{ name: 'node-1' }]))).toEqual([[20, 'kubelet', now('NodeNotSchedulable')], [40, 'kubelet', now('NodeSchedulable')]])
    expect(said(play([], { length: '1m', steps: [{ at: '5s', failNode: 'node-1' }, cordons[0]!, { at: '45s', recoverNode: 'node-1' }] }, [{ name: 'node-1' }]))).toEqual([[45, 'kubelet', now('NodeNotSchedulable')]])
  })
})
