/** What a scenario may say about its cluster: how long crashing containers wait, whether low ports are free, what becomes of denied connections. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

function play(objects: unknown[], cluster: Fields = {}, node: Fields = {}, length = '3m', steps: Fields[] = []): Simulation {
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1', images: ['busybox:1.37'], ...node }], ...cluster }, registries: { 'r.example': {} }, images: [{ name: 'r.example/web:1', profile: 'web' }],
    profiles: { web: { image: { user: 1000, entrypoint: ['/web'] }, listen: [{ port: 80 }], http: { '/': {} } } },
    runs: [{ name: 'main', warmup: '5s', length, steps }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (name: string, container: Fields, spec: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels: { app: name } }, spec: { containers: [{ name: 'app', ...container }], ...spec } })
const busybox = (script: string): Fields => ({ image: 'busybox:1.37', command: ['sh', '-c', script] })
const run = ({ cluster }: Simulation, line: string): string => { const { stdout, stderr } = runKubectl(cluster, line, { namespace: 'game' }); return stdout + stderr }

describe('maxContainerRestartPeriod of a node', () => {
  const starts = (node: Fields): number[] => {
    const { result } = play([pod('web', busybox('exit 1'))], {}, node, '10m')
    return result.timeline.filter((entry) => entry.kind === 'container-start').map((entry) => Math.round(entry.at / 1000))
  }
  it('caps the pauses', () => {
    const usual = starts({}), short = starts({ maxContainerRestartPeriod: '20s' })
    expect(short.slice(0, 4)).toEqual(usual.slice(0, 4))
    const pauses = short.slice(1).map((at, i) => at - short[i]!)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(25)
    expect(short.length).toBeGreaterThan(2 * usual.length)
  })
  it('is the first pause too when that would be longer', () => expect(starts({ maxContainerRestartPeriod: '2s' }).slice(0, 5).every((at, i, all) => i === 0 || at - all[i - 1]! <= 4)).toBe(true))
  it('is from 1s to 5m', () => expect(() => play([], {}, { maxContainerRestartPeriod: '6m' })).toThrow('from 1s to 5m'))
})

describe('unprivilegedPorts', () => {
  const web = (spec: Fields = {}): Fields => pod('web', { image: 'r.example/web:1' }, spec)
  it('are free by default', () => expect(run(play([web()]), 'kubectl get pod web')).toContain('Running'))
  it('may be kept from ordinary users, unless the pod sets where they begin', () => {
    const played = play([web()], { unprivilegedPorts: false })
    expect(run(played, 'kubectl logs web')).toContain('listen tcp :80: bind: permission denied')
    expect(run(play([web({ securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] } })], { unprivilegedPorts: false }), 'kubectl get pod web')).toContain('Running')
  })
})

describe('denied connections', () => {
  const objects = [
    pod('web', { image: 'r.example/web:1' }), pod('client', busybox('sleep 3600')),
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'game' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'none', namespace: 'game' }, spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] } },
  ]
  const ask = (cluster: Fields): string => run(play(objects, cluster), 'kubectl exec client -- wget -qO- -T 5 http://web/')
  it('are lost by default', () => expect(ask({})).toContain('timed out'))
  it('are refused where the network plugin rejects', () => expect(ask({ denied: 'reject' })).toContain('Connection refused'))
})

describe('a node without power', () => {
  const dead = (at: string): Simulation => play([pod('web', busybox('echo up; sleep 3600'))], {}, {}, '2m', [{ at, failNode: 'node-1' }])
  it.each([['before its state is known', '110s'], ['after', '10s']])('answers neither logs nor exec, %s', (_when, at) => {
    const played = dead(at)
    expect(run(played, 'kubectl logs web')).toBe('Error from server: Get "https://10.0.0.10:10250/containerLogs/game/web/app": dial tcp 10.0.0.10:10250: i/o timeout\n')
    expect(run(played, 'kubectl exec web -- ls /tmp')).toBe('error: Internal error occurred: error sending request: Post "https://10.0.0.10:10250/exec/game/web/app?command=ls&command=%2Ftmp&error=1&output=1": dial tcp 10.0.0.10:10250: i/o timeout\n')
  })
})
