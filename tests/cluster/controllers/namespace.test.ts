/** What is in a new namespace, and the token Secrets of its accounts. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { fileOf } from '../../support/exercise.ts'

function play(...objects: Fields[]): Simulation {
  const scenario = scenarioSchema.parse({ cluster: { nodes: [{ name: 'node-1', images: ['busybox:1.37'] }] }, runs: [{ name: 'main', warmup: '5s', length: '1m' }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const results = ({ result }: Simulation): string[] => result.applied.map((entry) => `${entry.ref.kind} ${entry.result} ${entry.message}`.trim())
const run = ({ cluster }: Simulation, line: string): string => { const { stdout, stderr } = runKubectl(cluster, line, { namespace: 'game' }); return stdout + stderr }
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'arena' } }
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'arena' }, spec: { containers: [{ name: 'app', image: 'busybox:1.37', command: ['sleep', '600'] }] } }

describe('a new namespace', () => {
  it('has its default account for a pod of the same file', () => {
    const played = play(namespace, pod)
    expect(results(played)).toEqual(['Namespace created', 'Pod created'])
    expect(played.cluster.view.get('Pod', 'arena', 'web')!.status!.phase).toBe('Running')
    expect(played.cluster.view.get('ConfigMap', 'arena', 'kube-root-ca.crt')).toBeDefined()
  })
  it('must come first', () => expect(results(play(pod, namespace))).toEqual(['Pod rejected Error from server (NotFound): namespaces "arena" not found', 'Namespace created']))
  it('gets the account again when it is deleted, and none from a dry run', () => {
    const played = play(namespace)
    const uid = played.cluster.view.get('ServiceAccount', 'arena', 'default')!.metadata.uid
    run(played, 'kubectl delete serviceaccount default -n arena')
    played.cluster.advance(played.cluster.now + 1000)
    expect(played.cluster.view.get('ServiceAccount', 'arena', 'default')!.metadata.uid).not.toBe(uid)
    expect(run(played, 'kubectl create namespace other --dry-run=server')).toContain('created (server dry run)')
    expect(played.cluster.view.get('ServiceAccount', 'other', 'default')).toBeUndefined()
  })
})

describe('a Secret of type kubernetes.io/service-account-token', () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader', namespace: 'game' } }
  const token = (name: string): Fields => ({ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/service-account-token', metadata: { name: 'token', namespace: 'game', annotations: { 'kubernetes.io/service-account.name': name } } })
  it('is filled for its account, and goes with it', () => {
    const played = play(token('reader'), account)
    const secret = played.cluster.view.get('Secret', 'game', 'token')!
    expect(Object.keys(secret.data as Fields).sort()).toEqual(['ca.crt', 'namespace', 'token'])
    expect(atob(secret.data!.namespace)).toBe('game')
    expect(secret.metadata.annotations!['kubernetes.io/service-account.uid']).toBe(played.cluster.view.get('ServiceAccount', 'game', 'reader')!.metadata.uid)
    run(played, 'kubectl delete serviceaccount reader')
    played.cluster.advance(played.cluster.now + 1000)
    expect(played.cluster.view.get('Secret', 'game', 'token')).toBeUndefined()
  })
  it('is deleted when there is no such account', () => expect(play(token('nobody')).cluster.view.get('Secret', 'game', 'token')).toBeUndefined())
})
