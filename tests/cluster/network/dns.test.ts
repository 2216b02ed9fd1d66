/** Names: what CoreDNS answers for each type of question, and how nslookup and dig show it. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { DnsType } from '../../../server/cluster/types.ts'
import { pod, world } from '../runtime/world.ts'

function service(name: string, spec: Fields): K8sObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'game' }, spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }, { name: 'udp-stats', port: 8125, protocol: 'UDP' }], ...spec } }
}
const listening = { listen: [{ port: 8080 }], http: { '/readyz': {} } }
const db: K8sObject = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'game' }, spec: { replicas: 2, serviceName: 'db', podManagementPolicy: 'Parallel', selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } } } }
const w = world({ ...listening, image: { entrypoint: ['/app'], tools: ['dig'] } }, [
  service('web', {}), service('db', { clusterIP: 'None', ports: [{ name: 'db', port: 5432, targetPort: 8080 }] }), service('bare', { selector: { app: 'db' }, clusterIP: 'None', ports: [] }), service('none', { clusterIP: 'None' }),
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop', namespace: 'game' }, spec: { type: 'ExternalName', externalName: 'alias.game.svc.cluster.local' } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'alias', namespace: 'game' }, spec: { type: 'ExternalName', externalName: 'pay.example' } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'loop', namespace: 'game' }, spec: { type: 'ExternalName', externalName: 'loop.game.svc.cluster.local' } },
  pod({}, {}, 'web'), db,
], { scenario: { externals: [{ name: 'pay', host: 'pay.example', address: '192.0.2.40' }] } })
w.to(30_000)
const zone = 'game.svc.cluster.local'
const ask = (name: string, type: DnsType) => w.cluster.network.query({ kind: 'pod', pod: { kind: 'Pod', namespace: 'game', name: 'web' } }, name, type, false)
const data = (name: string, type: DnsType): string[] => ask(name, type).records.map((record) => record.data)
const [first, second] = ['db-0', 'db-1'].map((name) => w.cluster.view.get('Pod', 'game', name)!.status!.podIP as string) as [string, string]
const webIP = w.cluster.view.get('Service', 'game', 'web')!.spec!.clusterIP as string
const reverse = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`

describe('records', () => {
  it('SRV of a named port: the Service with its port, or each endpoint with its own', () => {
    expect(data(`_http._tcp.web.${zone}`, 'SRV')).toEqual([`0 100 80 web.${zone}`])
    expect(data(`_db._tcp.db.${zone}`, 'SRV')).toEqual([`0 50 8080 db-0.db.${zone}`, `0 50 8080 db-1.db.${zone}`])
    expect(data(`web.${zone}`, 'SRV')).toEqual([`0 50 80 web.${zone}`, `0 50 8125 web.${zone}`])
    expect([ask(`_http._udp.web.${zone}`, 'SRV').status, ask(`_db._tcp.web.${zone}`, 'SRV').status, ask(`_a._b._http._tcp.web.${zone}`, 'SRV').status]).toEqual(['NXDOMAIN', 'NXDOMAIN', 'NXDOMAIN'])
    expect(ask(`bare.${zone}`, 'SRV')).toMatchObject({ status: 'NOERROR', records: [] })
  })
  it('PTR of a cluster IP and of endpoints, by host name where they have one', () => {
    expect(data(reverse(webIP), 'PTR')).toEqual([`web.${zone}`])
    expect(data(reverse(first), 'PTR').sort()).toEqual([`${first.replaceAll('.', '-')}.bare.${zone}`, `db-0.db.${zone}`])
    expect(ask(reverse('10.244.9.9'), 'PTR').status).toBe('NXDOMAIN')
  })
  it('A of a headless Service with and without ports, of a host name, and of an endpoint of any Service', () => {
    expect([data(`db.${zone}`, 'A'), data(`bare.${zone}`, 'A'), data(`db-1.db.${zone}`, 'A')]).toEqual([[first, second], [first, second], [second]])
    const web = w.cluster.view.get('Pod', 'game', 'web')!.status!.podIP as string
    expect(data(`${web.replaceAll('.', '-')}.web.${zone}`, 'A')).toEqual([web])
    expect(ask(`none.${zone}`, 'A').status).toBe('NXDOMAIN')
  })
  it('follows a chain of ExternalName and ends a loop', () => {
    expect(ask(`shop.${zone}`, 'A').records).toEqual([{ name: `shop.${zone}`, type: 'CNAME', data: `alias.${zone}` }, { name: `alias.${zone}`, type: 'CNAME', data: 'pay.example' }, { name: 'pay.example', type: 'A', data: '192.0.2.40' }])
    expect(data(`shop.${zone}`, 'CNAME')).toEqual([`alias.${zone}`])
    expect(ask(`loop.${zone}`, 'A').records.every((record) => record.type === 'CNAME')).toBe(true)
  })
  it('tells a name without records from a name that is not there', () => {
    expect([ask(zone, 'A'), ask(`web.${zone}`, 'AAAA'), ask('nowhere.svc.cluster.local', 'A'), ask(`wed.${zone}`, 'A')].map((answer) => answer.status)).toEqual(['NOERROR', 'NOERROR', 'NXDOMAIN', 'NXDOMAIN'])
  })
})

describe('the tools', () => {
  const run = (script: string) => w.container().exec(['sh', '-c', script])
  it('nslookup asks by type and turns an address round', () => {
    expect(run(`nslookup -type=srv _http._tcp.web.${zone}`).stdout).toBe(`Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n_http._tcp.web.${zone}\tservice = 0 100 80 web.${zone}\n\n`)
    expect(run(`nslookup ${webIP}`).stdout).toContain(`${reverse(webIP)}\tname = web.${zone}\n`)
    expect(run(`nslookup shop.${zone}`).stdout).toContain(`shop.${zone}\tcanonical name = alias.${zone}\nalias.${zone}\tcanonical name = pay.example\nName:\tpay.example\nAddress: 192.0.2.40\n`)
    expect(run(`nslookup -type=srv shop.${zone}`)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`*** Can't find shop.${zone}: No answer`) })
    expect(run('nslookup -type=mx web')).toMatchObject({ exitCode: 1, stderr: 'nslookup: invalid query type "mx"\n' })
  })
  it('dig answers in full, short, reversed, and with the search list', () => {
    expect(run(`dig +short db.${zone}`).stdout).toBe(`${first}\n${second}\n`)
    expect(run(`dig +short -x ${webIP}`).stdout).toBe(`web.${zone}.\n`)
    expect(run('dig +short web').stdout).toBe('')
    expect(run('dig +short +search web').stdout).toBe(`${webIP}\n`)
    expect(run(`dig +noall +answer srv _http._tcp.web.${zone}`).stdout + run(`dig +noall +answer _http._tcp.web.${zone} SRV`).stdout).toContain(`_http._tcp.web.${zone}. 30\tIN\tSRV\t0 100 80 web.${zone}.\n`)
    const full = run(`dig wed.${zone}`).stdout
    expect(full).toMatch(/status: NXDOMAIN, id: \d+\n;; flags: qr aa rd; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1/)
    expect(full).toContain(';; SERVER: 10.96.0.10#53(10.96.0.10) (UDP)\n;; WHEN: Mon Jan 05 10:00:45 UTC 2026\n')
  })
})

it('musl leaves the search list out where a name has ndots dots, and stops at a name without records', () => {
  const names = (libc: string) => {
    const there = world({ ...listening, image: { entrypoint: ['/app'], libc } }, [service('web', {}), pod({}, { dnsConfig: { options: [{ name: 'ndots', value: '1' }] } }, 'web')])
    there.to(30_000)
    const resolved = (host: string) => there.cluster.network.resolve({ kind: 'pod', pod: { kind: 'Pod', namespace: 'game', name: 'web' } }, host)
    return ['web', 'web.game', `web.${zone}`].map((host) => resolved(host).ok)
  }
  expect([names('glibc'), names('musl')]).toEqual([[true, true, true], [true, false, true]])
})

it('a pod that may not reach CoreDNS gets no answer', () => {
  const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'game' }, spec: { podSelector: {}, policyTypes: ['Egress'] } } as K8sObject
  const there = world({ ...listening, image: { entrypoint: ['/app'], tools: ['dig'] } }, [service('web', {}), policy, pod({}, {}, 'web')])
  there.to(30_000)
  expect(there.container().exec(['dig', 'web'])).toMatchObject({ exitCode: 9, durationMs: 15_000, stdout: expect.stringContaining(';; communications error to 10.96.0.10#53: timed out\n') })
  expect(there.container().exec(['nslookup', 'web'])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('no servers could be reached') })
})

it('more nameservers and search paths than fit are left out, and the kubelet says so', () => {
  const paths = Array.from({ length: 30 }, (_, i) => `n${i}.example`)
  const there = world(listening, [service('web', {}), pod({}, { dnsConfig: { nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'], searches: paths } }, 'web')])
  there.to(30_000)
  const text = there.cluster.network.resolvConf({ kind: 'pod', pod: { kind: 'Pod', namespace: 'game', name: 'web' } })
  expect(text.match(/nameserver/g)).toHaveLength(3)
  expect(text.split('\n')[0]!.split(' ')).toHaveLength(33)
  const kept = ['game.svc.cluster.local', 'svc.cluster.local', 'cluster.local', ...paths.slice(0, 29)].join(' ')
  expect(there.cluster.view.list('Event', 'game').filter(({ reason }) => reason === 'DNSConfigForming').map(({ message }) => message as string).sort()).toEqual(['Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 192.0.2.1 192.0.2.2', `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${kept}`])
})

it('curl says that a name could not be resolved, or that resolving took too long for its limit', () => {
  const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'game' }, spec: { podSelector: {}, policyTypes: ['Egress'] } } as K8sObject
  const there = world({ ...listening, image: { entrypoint: ['/app'], tools: ['curl'] } }, [service('web', {}), policy, pod({}, {}, 'web')])
  there.to(30_000)
  const curl = (words: string) => there.container().exec(['sh', '-c', `curl -sS ${words} http://shop/`])
  expect(curl('')).toMatchObject({ exitCode: 6, stderr: 'curl: (6) Could not resolve host: shop\n', durationMs: 10_000 })
  expect(curl('-m 3')).toMatchObject({ exitCode: 28, stderr: 'curl: (28) Resolving timed out after 3000 milliseconds\n' })
})
