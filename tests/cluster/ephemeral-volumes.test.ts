/** Volumes that bring their own claim: made by a controller, owned by the pod, scheduled and mounted as any claim. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

function play(objects: unknown[], { steps = [], length = '3m' }: { steps?: Fields[]; length?: string } = {}): Simulation {
  const scenario = scenarioSchema.parse({ runs: [{ name: 'main', warmup: '0s', length, steps }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const pod = (spec: Fields = {}, template: Fields = { spec: claimSpec }): Fields => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' },
  spec: { ...spec, containers: [{ name: 'app', image: 'busybox:1.37', command: ['sh', '-c', 'echo saved > /data/level; cat /data/level; sleep 600'], volumeMounts: [{ name: 'data', mountPath: '/data' }] }], volumes: [{ name: 'data', ephemeral: { volumeClaimTemplate: template } }] },
})
const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'web-data', namespace: 'game' }, spec: claimSpec }
const kubectl = ({ cluster }: Simulation, command: string): string => { const { stdout, stderr } = runKubectl(cluster, `kubectl ${command} -n game`); return `${stdout}${stderr}` }
const messages = ({ result }: Simulation, reason: string): string[] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason).map((entry) => String(entry.data!.message))

describe('a generic ephemeral volume', () => {
  it('gets the claim `pod-volume`, labelled as the template says and owned by the pod', () => {
    const played = play([pod({}, { metadata: { labels: { tier: 'scratch' } }, spec: claimSpec })])
    expect(kubectl(played, 'logs web')).toBe('saved\n')
    expect(played.cluster.view.get('PersistentVolumeClaim', 'game', 'web-data')).toMatchObject({ metadata: { labels: { tier: 'scratch' }, ownerReferences: [{ kind: 'Pod', name: 'web', controller: true, blockOwnerDeletion: true }] }, status: { phase: 'Bound' } })
    expect(kubectl(played, 'describe pvc web-data')).toMatch(/^Used By:\s+web$/m)
  })
  it('goes with its pod, and so does the volume', () => {
    const played = play([pod({ terminationGracePeriodSeconds: 1 })], { steps: [{ at: '30s', delete: 'pod/web' }] })
    expect(played.cluster.view.list('PersistentVolumeClaim', 'game')).toEqual([])
    expect(played.cluster.view.list('PersistentVolume')).toEqual([])
  })
  it('waits while somebody else has the name of its claim', () => {
    const played = play([claim, pod()])
    expect(messages(played, 'FailedScheduling')[0]).toContain('0/3 nodes are available: PVC game/web-data was not created for pod game/web (pod is not owner). not found')
    expect(messages(played, 'FailedBinding')[0]).toContain('ephemeral volume data: PVC game/web-data was not created for pod game/web (pod is not owner)')
    expect(kubectl(played, 'describe pvc web-data')).toMatch(/^Used By:\s+<none>$/m)
  })
  it('starts once the foreign claim is deleted', () => {
    const played = play([claim, pod()], { steps: [{ at: '20s', delete: 'persistentvolumeclaim/web-data' }] })
    expect(played.cluster.view.get('Pod', 'game', 'web')!.status.phase).toBe('Running')
  })
  it('cannot be mounted where the claim is foreign and the pod was bound by hand', () => {
    const bound = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'standard-rwo', claimRef: { namespace: 'game', name: 'web-data' }, csi: { driver: 'csi.game.example', volumeHandle: 'disk' } } }
    const played = play([bound, claim, pod({ nodeName: 'node-1' })])
    expect(messages(played, 'FailedMount')[0]).toContain('Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: PVC game/web-data was not created for pod game/web (pod is not owner)')
  })
  it('waits for a claim that a quota refuses', () => {
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'game' }, spec: { hard: { persistentvolumeclaims: '0' } } }
    const played = play([quota, pod()])
    expect(messages(played, 'FailedBinding')[0]).toContain('ephemeral volume data: create PVC web-data: persistentvolumeclaims "web-data" is forbidden: exceeded quota: few, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=0, limited: persistentvolumeclaims=0')
    expect(messages(played, 'FailedScheduling')[0]).toContain('0/3 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "web-data". not found')
  })
})
