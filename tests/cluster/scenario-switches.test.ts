/** What a scenario may say about its cluster: how long crashing containers wait, whether low ports are free, what becomes of denied connections. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

function play(objects: unknown[], cluster: Fields = {}, node: Fields = {}, length = '3m', steps: Fields[] = [], registries: Fields = {}): Simulation {
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1', images: ['busybox:1.37'], ...node }], ...cluster }, registries: { 'r.example': {}, ...registries }, images: [{ name: 'r.example/web:1', profile: 'web' }],
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
  it('are none where the network plugin knows no policies; those are admitted, listed and described all the same', () => {
    const played = play(objects, { networkPolicy: false })
    expect(run(played, 'kubectl exec client -- wget -qO- -T 5 http://web/')).toBe('ok')
    expect(run(played, 'kubectl get netpol --no-headers')).toMatch(/^none +app=web +\d/)
    expect(run(played, 'kubectl describe netpol none')).toContain('Allowing ingress traffic:\n    <none> (Selected pods are isolated for ingress connectivity)')
  })
  it('are none in either direction there, DNS among them', () => {
    const shut = [...objects, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'shut', namespace: 'game' }, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } }]
    expect(run(play(shut), 'kubectl exec client -- wget -qO- -T 5 http://web/')).toContain('bad address')
    expect(run(play(shut, { networkPolicy: false }), 'kubectl exec client -- wget -qO- -T 5 http://web/')).toBe('ok')
  })
})

describe('nodeSubnet', () => {
  const addresses = (played: Simulation): string[] => played.cluster.view.list('Node').map((node) => (node.status!.addresses as Fields[]).find(({ type }) => type === 'InternalIP')!.address as string)
  it('is where the nodes and their pods of the host network have their addresses', () => {
    const played = play([pod('host', busybox('sleep 3600'), { hostNetwork: true })], { nodeSubnet: '172.20.4.0/22' })
    const [address] = addresses(played)
    expect(address).toMatch(/^172\.20\.4\.\d+$/)
    expect(run(played, 'kubectl get nodes -o wide --no-headers')).toContain(` ${address} `)
    expect(run(played, 'kubectl get endpoints kubernetes -n default --no-headers')).toContain(' 172.20.4.2:6443 ')
    expect(run(played, 'kubectl get pod host -o jsonpath={.status.podIP},{.status.hostIP}')).toBe(`${address},${address}`)
  })
  it('has room for several nodes, one of which may have an address of its own', () => {
    const played = play([], { nodeSubnet: '172.20.4.0/22', nodes: [{ name: 'a' }, { name: 'b', address: '172.20.7.9' }, { name: 'c' }] })
    expect(new Set(addresses(played)).size).toBe(3)
    expect(addresses(played)[1]).toBe('172.20.7.9')
  })
  it('holds their resolver too, whom the kubelet asks for registries', () => {
    const scenario = { nodeSubnet: '172.20.4.0/22', nodes: [{ name: 'node-1' }] }
    const played = play([pod('far', { image: 'gone.example/web:1' })], scenario, {}, '1m', [], { 'gone.example': { reachable: 'no-such-host' } })
    expect(run(played, 'kubectl describe pod far')).toContain('dial tcp: lookup gone.example on 172.20.4.2:53: no such host')
  })
  it.each(['172.20.4', '172.20.4.0/25', '172.20.4.0/x', 'nodes'])('is a block with room: not %s', (nodeSubnet) => expect(() => play([], { nodeSubnet })).toThrow('a block of addresses'))
})

describe('a pod of the host network', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'game' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }
  const seen = (spec: Fields): string[] => {
    const played = play([pod('web', { image: 'r.example/web:1' }), service, pod('client', busybox('sleep 3600'), spec)])
    return ['cat /etc/resolv.conf', 'wget -qO- -T 5 http://web/'].map((command) => run(played, `kubectl exec client -- ${command}`))
  }
  const inCluster = ['search game.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n', 'ok']
  const ofNode = [expect.stringMatching(/^nameserver (?!10\.96\.)[\d.]+\n$/), expect.stringContaining('bad address')]
  it.each<[string, Fields, unknown[]]>([
    ['has the resolver of its node', { hostNetwork: true }, ofNode],
    ['also when ClusterFirst is said', { hostNetwork: true, dnsPolicy: 'ClusterFirst' }, ofNode],
    ['asks the cluster with ClusterFirstWithHostNet', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, inCluster],
    ['and others do by default', {}, inCluster],
    ['or with ClusterFirstWithHostNet', { dnsPolicy: 'ClusterFirstWithHostNet' }, inCluster],
    ['but not with Default', { dnsPolicy: 'Default' }, ofNode],
  ])('%s', (_name, spec, expected) => expect(seen(spec)).toEqual(expected))
})

describe('metricsServer', () => {
  it.each([['pods', ''], ['node', ' node-1']])('is there by default, and without it kubectl top %s knows nothing', (kind, name) => {
    const web = pod('web', { image: 'r.example/web:1' })
    expect(run(play([web]), `kubectl top ${kind}${name} --no-headers`)).toMatch(/^(web|node-1) +\d+m +/)
    expect(run(play([web], { metricsServer: false }), `kubectl top ${kind}${name}`)).toBe('error: Metrics API not available\n')
  })
})

describe('a node without power', () => {
  const dead = (at: string): Simulation => play([pod('web', busybox('echo up; sleep 3600'))], {}, {}, '2m', [{ at, failNode: 'node-1' }])
  it.each([['before its state is known', '110s'], ['after', '10s']])('answers neither logs nor exec, %s', (_when, at) => {
    const played = dead(at)
    expect(run(played, 'kubectl logs web')).toBe('Error from server: Get "https://10.0.0.10:10250/containerLogs/game/web/app": dial tcp 10.0.0.10:10250: i/o timeout\n')
    expect(run(played, 'kubectl exec web -- ls /tmp')).toBe('error: Internal error occurred: error sending request: Post "https://10.0.0.10:10250/exec/game/web/app?command=ls&command=%2Ftmp&error=1&output=1": dial tcp 10.0.0.10:10250: i/o timeout\n')
  })
})
