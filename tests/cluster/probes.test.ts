/** Probes of the kubelet: whom they ask, and what they say of commands that take too long. Clocks and thresholds are in the golden scenarios. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import { pod, service, web, world } from './runtime/world.ts'

const other = { ...web, image: { entrypoint: ['/other'] }, http: { '/': { status: 503 } } }

/** A pod `web` with a readiness probe, and one called `other` that answers 503; the time between is what addresses need. */
function probed(probe: Fields, { of = { ...web, start: { time: '0s' } }, spec = {}, kind = 'readinessProbe' }: { of?: Fields; spec?: Fields; kind?: string } = {}, objects: K8sObject[] = []) {
  const w = world(of, [pod({ image: 'other:1' }, {}, 'other'), service('other'), ...objects], { profiles: { other }, scenario: { externals: [{ name: 'status', host: 'status.example', address: '203.0.113.9', ports: [80] }] } })
  w.to(5000)
  const address = w.cluster.view.get('Pod', 'game', 'other')!.status!.podIP as string
  const written = JSON.parse(JSON.stringify(probe).replaceAll('OTHER', address)) as Fields
  w.cluster.api.apply(pod({ [kind]: { initialDelaySeconds: 2, periodSeconds: 5, failureThreshold: 3, ...written } }, spec))
  w.to(40_000)
  const app = w.cluster.view.get('Pod', 'game', 'web')!.status!.containerStatuses[0] as Fields
  const said = w.cluster.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.name === 'web' && entry.data?.reason === 'Unhealthy').map((entry) => (entry.data!.message as string).replaceAll(address, 'OTHER'))
  return { ready: app.ready as boolean, restarts: app.restartCount as number, said: [...new Set(said)] }
}
const get = (more: Fields, path = '/livez'): Fields => ({ httpGet: { path, port: 8080, ...more } })

describe('a command', () => {
  const takes = (seconds: number, more: Fields = {}): Fields => ({ exec: { command: ['sh', '-c', `sleep ${seconds}; echo done`] }, ...more })
  it('that takes longer than timeoutSeconds fails, and says after how long', () => {
    expect(probed(takes(2))).toEqual({ ready: false, restarts: 0, said: ['Readiness probe failed: command timed out: "sh -c sleep 2; echo done" timed out after 1s'] })
    expect(probed(takes(4, { timeoutSeconds: 3 })).said).toEqual(['Readiness probe failed: command timed out: "sh -c sleep 4; echo done" timed out after 3s'])
  })
  it('that takes less passes', () => expect(probed(takes(2, { timeoutSeconds: 3 }))).toEqual({ ready: true, restarts: 0, said: [] }))
  it('that takes too long for a liveness probe has the container killed', () => {
    const { restarts, said } = probed(takes(2), { kind: 'livenessProbe' })
    expect(restarts).toBeGreaterThan(0)
    expect(said).toEqual(['Liveness probe failed: command timed out: "sh -c sleep 2; echo done" timed out after 1s'])
  })
  it('that fails says what it wrote, standard output first', () => expect(probed({ exec: { command: ['sh', '-c', 'echo bad >&2; echo rows 0; exit 4'] } }).said).toEqual(['Readiness probe failed: rows 0\nbad']))
})

describe('httpHeaders', () => {
  it('go along and change neither whom the kubelet asks nor what it says', () => {
    const httpHeaders = [{ name: 'Host', value: 'status.example' }, { name: 'X-Probe', value: 'kubelet' }]
    expect(probed(get({ httpHeaders }))).toEqual({ ready: true, restarts: 0, said: [] })
    expect(probed(get({ httpHeaders }, '/none')).said).toEqual(['Readiness probe failed: HTTP probe failed with statuscode: 404'])
  })
})

describe('host', () => {
  it.each<[string, Fields, string | undefined]>([
    ['of another pod: its answer counts', get({ host: 'OTHER' }, '/'), 'HTTP probe failed with statuscode: 503'],
    ['of another pod, where nobody listens', get({ host: 'OTHER', port: 9090 }), 'Get "http://OTHER:9090/livez": dial tcp OTHER:9090: connect: connection refused'],
    ['outside the cluster, by name', get({ host: 'status.example', port: 80 }), undefined],
    ['outside the cluster, TCP', { tcpSocket: { host: '203.0.113.9', port: 80 } }, undefined],
    ['outside the cluster, a port that is closed', { tcpSocket: { host: '203.0.113.9', port: 81 } }, 'dial tcp 203.0.113.9:81: connect: connection refused'],
    ['that nothing has', { tcpSocket: { host: '10.9.9.9', port: 80 } }, 'dial tcp 10.9.9.9:80: i/o timeout'],
    ['that nothing has, over HTTP', get({ host: '10.9.9.9' }), 'Get "http://10.9.9.9:8080/livez": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'],
    ['of a Service by name: nodes do not ask the DNS of the cluster', get({ host: 'other.game', port: 80 }), 'Get "http://other.game:80/livez": dial tcp: lookup other.game on 10.0.0.2:53: no such host'],
    ['of the node itself: the loopback address of the pod is another', get({ host: '127.0.0.1' }), 'Get "http://127.0.0.1:8080/livez": dial tcp 127.0.0.1:8080: connect: connection refused'],
    ['localhost is no better', get({ host: 'localhost' }), 'Get "http://localhost:8080/livez": dial tcp localhost:8080: connect: connection refused'],
  ])('%s', (_name, probe, text) => expect(probed(probe)).toEqual({ ready: text === undefined, restarts: 0, said: text === undefined ? [] : [`Readiness probe failed: ${text}`] }))
  it('127.0.0.1 finds a program on the loopback address where pod and node share the network', () => {
    const local = { ...web, start: { time: '0s' }, listen: [{ port: 8080, address: '127.0.0.1' }] }
    expect(probed(get({ host: '127.0.0.1' }), { of: local, spec: { hostNetwork: true } }).ready).toBe(true)
    expect(probed(get({ host: '127.0.0.1' }), { of: local }).ready).toBe(false)
    expect(probed(get({}), { of: local, spec: { hostNetwork: true } }).ready).toBe(false)
  })
})
