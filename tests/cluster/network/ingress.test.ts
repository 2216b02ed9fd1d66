/** Requests through an Ingress: which rule, which backend, which code. */
import { describe, expect, it } from 'vitest'
import { scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import { pathMatches } from '../../../server/cluster/network/ingress.ts'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { deploymentOf, fileOf, login, serviceOf } from '../../support/exercise.ts'

function ingress(rules: Fields[], spec: Fields = {}, name = 'web'): K8sObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'game' }, spec: { ...spec, rules } }
}
const rule = (host: string | undefined, ...paths: [string, string, string, (number | string)?][]): Fields => ({ ...(host === undefined ? {} : { host }), http: { paths: paths.map(([path, pathType, service, port = 80]) => ({ path, pathType, backend: { service: { name: service, port: typeof port === 'number' ? { number: port } : { name: port } } } })) } })

function play(objects: unknown[], cluster: Fields = { ingressClass: 'nginx' }): Simulation {
  const scenario = scenarioSchema.parse({ cluster, registries: { 'registry.game.example': {} }, images: [{ name: login, profile: 'login' }], profiles: { login: { image: { user: 10001, entrypoint: ['/app/login'] }, listen: [{ port: 8080 }], http: { '/readyz': {}, '/': {}, '/slow': { latency: '30s' } } } }, runs: [{ name: 'main', warmup: '30s', length: '60s' }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(deploymentOf(), serviceOf(), ...objects) } })
}
const ask = ({ cluster }: Simulation, host: string, path: string, port = 80) => cluster.network.request({ from: { kind: 'external', address: '198.51.100.7' }, host, port, protocol: 'TCP', kind: 'http', path })

describe('paths', () => {
  it.each<[string, string, string, boolean]>([
    ['Exact', '/foo', '/foo', true], ['Exact', '/foo', '/foo/', false], ['Prefix', '/', '/any', true], ['Prefix', '/foo', '/foo/bar', true], ['Prefix', '/foo/', '/foo', true], ['Prefix', '/foo', '/foobar', false], ['Prefix', '/Foo', '/foo', false], ['ImplementationSpecific', '/foo', '/foobar', true],
  ])('%s %s and %s: %s', (type, path, asked, expected) => expect(pathMatches(type, path, asked)).toBe(expected))
})

describe('an Ingress', () => {
  const played = play([
    ingress([rule('play.game.example', ['/', 'Prefix', 'login'], ['/gone', 'Prefix', 'absent'], ['/port', 'Prefix', 'login', 81], ['/named', 'Prefix', 'login', 'http'], ['/empty', 'Prefix', 'empty'], ['/closed', 'Prefix', 'closed']), rule('*.game.example', ['/', 'Prefix', 'absent'])]),
    serviceOf({ selector: { app: 'nobody' } }),
    { ...serviceOf({ selector: { app: 'nobody' } }), metadata: { name: 'empty', namespace: 'game' } },
    { ...serviceOf({ ports: [{ port: 80, targetPort: 9 }] }), metadata: { name: 'closed', namespace: 'game' } },
    serviceOf(),
  ])
  it.each<[string, string, number]>([
    ['play.game.example', '/', 200], ['PLAY.game.example', '/readyz', 200], ['play.game.example', '/gone/x', 503], ['play.game.example', '/port', 503], ['play.game.example', '/named', 404], ['play.game.example', '/empty', 503], ['play.game.example', '/closed', 502],
    ['play.game.example', '/slow', 504], ['other.game.example', '/', 503],
  ])('answers http://%s%s with %i', (host, path, status) => expect(ask(played, host, path)).toMatchObject({ ok: true, status }))
  it('is reached at the address it shows after five seconds', () => {
    const address = (at: number): unknown => played.at(at).get('Ingress', 'game', 'web')!.status!.loadBalancer.ingress?.[0]?.ip
    expect([address(4900), address(5000)]).toEqual([undefined, '198.18.0.254'])
    expect(ask(played, '198.18.0.254', '/')).toMatchObject({ ok: true, status: 404 })
    expect(ask(played, 'a.b.game.example', '/')).toMatchObject({ ok: false, stage: 'dns' })
    expect(ask(played, 'play.game.example', '/', 8080)).toMatchObject({ ok: false, stage: 'timeout' })
  })
  it('comes from its own namespace, which policies see', () => {
    const policy = (from: Fields) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace: 'game' }, spec: { podSelector: {}, ingress: [{ from: [from] }] } })
    const web = ingress([rule('play.game.example', ['/', 'Prefix', 'login'])])
    expect(ask(play([web, policy({ podSelector: {} })]), 'play.game.example', '/')).toMatchObject({ ok: true, status: 504 })
    expect(ask(play([web, policy({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } })]), 'play.game.example', '/')).toMatchObject({ ok: true, status: 200 })
  })
  it('of another class, or without a controller, is not served', () => {
    const web = (spec: Fields) => ingress([rule('play.game.example', ['/', 'Prefix', 'login'])], spec)
    expect(ask(play([web({ ingressClassName: 'traefik' })]), 'play.game.example', '/')).toMatchObject({ ok: false, stage: 'dns' })
    expect(ask(play([web({})], {}), 'play.game.example', '/')).toMatchObject({ ok: false, stage: 'dns' })
  })
  it('with rules keeps its default backend for their hosts; one without rules takes all others', () => {
    const fallback = { defaultBackend: { service: { name: 'login', port: { number: 80 } } } }
    const withRules = play([ingress([rule('play.game.example', ['/x', 'Exact', 'absent'])], fallback)])
    expect([ask(withRules, 'play.game.example', '/'), ask(withRules, '198.18.0.254', '/')]).toMatchObject([{ status: 200 }, { status: 404 }])
    const forAll = play([ingress([rule('play.game.example', ['/x', 'Exact', 'absent'])]), { ...ingress([], fallback, 'all'), spec: fallback }])
    expect([ask(forAll, 'play.game.example', '/'), ask(forAll, '198.18.0.254', '/')]).toMatchObject([{ status: 200 }, { status: 200 }])
  })
  it('falls back to its default backend', () => expect(ask(play([ingress([rule('play.game.example', ['/x', 'Exact', 'absent'])], { defaultBackend: { service: { name: 'login', port: { number: 80 } } } })]), 'play.game.example', '/')).toMatchObject({ ok: true, status: 200 }))
})
