/** https through an Ingress: whose certificate is shown, and what clients make of it. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import { verdictOf } from '../../support/exercise.ts'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { deploymentOf, fileOf, login, serviceOf } from '../../support/exercise.ts'

/** A certificate's bytes as far as its names go. */
const pem = (...names: string[]): string => {
  const list = names.map((name) => `\u0082${String.fromCharCode(name.length)}${name}`).join('')
  return `-----BEGIN CERTIFICATE-----\n${btoa(`0\u0082 \u0006\u0003\u0055\u001d\u0011\u0004\u0030${list}\u0030\u0001`)}\n-----END CERTIFICATE-----\n`
}
const secret = (name: string, certificate: string, type = 'kubernetes.io/tls', keys = ['tls.crt', 'tls.key'], namespace = 'game'): K8sObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, data: Object.fromEntries(keys.map((key) => [key, btoa(key.endsWith('crt') ? certificate : 'key')])) }) as K8sObject
function ingress(tls: Fields[], host = 'play.game.example'): K8sObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace: 'game' }, spec: { tls, rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'login', port: { number: 80 } } } }] } }] } }
}
const cluster = { ingressClass: 'nginx', namespaces: [{ name: 'other' }] }
const profile = { image: { user: 10001, entrypoint: ['/app/login'], tools: ['curl'] }, listen: [{ port: 8080 }], http: { '/readyz': {}, '/': {} } }
function play(...objects: unknown[]): Simulation {
  const scenario = scenarioSchema.parse({ cluster, registries: { 'registry.game.example': {} }, images: [{ name: login, profile: 'login' }], profiles: { login: profile }, runs: [{ name: 'main', warmup: '30s', length: '60s' }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(deploymentOf(), serviceOf(), ...objects) } })
}
const ask = (played: Simulation, host = 'play.game.example', tls: 'none' | 'any' | 'verified' = 'verified', port = 443) => played.cluster.network.request({ from: { kind: 'external', address: '203.0.113.7' }, host, port, protocol: 'TCP', kind: 'http', path: '/', tls })
const entry = [{ hosts: ['play.game.example'], secretName: 'cert' }]
const fakeFor = (host: string): string => `tls: failed to verify certificate: x509: certificate is valid for ingress.local, not ${host}`

describe('the certificate', () => {
  it.each<[string, K8sObject[], boolean]>([
    ['of the Secret', [ingress(entry), secret('cert', pem('play.game.example'))], true],
    ['of a wildcard', [ingress(entry), secret('cert', pem('*.game.example'))], true],
    ['with unreadable names counts for the hosts listed', [ingress(entry), secret('cert', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')], true],
    ['of another entry that covers the host', [ingress([{ secretName: 'cert' }]), secret('cert', pem('play.game.example'))], true],
    ['is the fake one where the Secret is missing', [ingress(entry)], false],
    ['… is in another namespace', [ingress(entry), secret('cert', pem('play.game.example'), 'kubernetes.io/tls', ['tls.crt', 'tls.key'], 'other')], false],
    ['… is of another type, with other keys', [ingress(entry), secret('cert', pem('play.game.example'), 'Opaque', ['cert.crt', 'cert.key'])], false],
    ['… holds no certificate', [ingress(entry), secret('cert', 'hello')], false],
    ['… is for another host', [ingress(entry), secret('cert', pem('shop.game.example'))], false],
    ['… is not named for this host', [ingress([{ hosts: ['shop.game.example'], secretName: 'cert' }]), secret('cert', pem('shop.game.example'))], false],
    ['… is not named at all', [ingress([])], false],
  ])('%s', (_name, objects, good) => {
    const verdict = ask(play(...objects))
    expect(verdict).toMatchObject(good ? { ok: true, status: 200 } : { ok: false, stage: 'certificate', symptom: 'certificate', error: fakeFor('play.game.example') })
  })
  const played = play(ingress(entry))
  it('does not matter to who does not look, nor without TLS', () => {
    expect(ask(played, 'play.game.example', 'any')).toMatchObject({ ok: true, status: 200 })
    expect(ask(played, 'play.game.example', 'none', 80)).toMatchObject({ ok: true, status: 200 })
    expect(ask(played, 'play.game.example', 'none', 443)).toMatchObject({ ok: true, status: 400 })
    expect(ask(played, 'play.game.example', 'any', 80)).toMatchObject({ ok: false, stage: 'reset' })
    expect(ask(played, '198.18.0.254')).toMatchObject({ ok: false, error: "tls: failed to verify certificate: x509: cannot validate certificate for 198.18.0.254 because it doesn't contain any IP SANs" })
  })
  it('is reported by curl, unless it is told not to look', () => {
    const curl = (words: string) => runKubectl(played.cluster, `exec deploy/login -- curl ${words}`, { namespace: 'game' })
    expect(curl('-sS https://play.game.example/')).toMatchObject({ exitCode: 60, stderr: expect.stringContaining('curl: (60) SSL certificate problem: self-signed certificate\nMore details here: https://curl.se/docs/sslcerts.html\n') })
    expect(curl('-sk https://play.game.example/')).toMatchObject({ exitCode: 0, stdout: 'ok' })
    expect(curl('-sS https://login:80/')).toMatchObject({ exitCode: 35, stderr: expect.stringContaining('curl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number') })
    expect(runKubectl(play(ingress(entry), secret('cert', pem('play.game.example'))).cluster, 'exec deploy/login -- curl -s https://play.game.example/', { namespace: 'game' }).stdout).toBe('ok')
  })
})

it('a goal can ask for it', () => {
  const goal = { reach: { from: { address: '203.0.113.7' }, to: { host: 'play.game.example', port: 443, path: '/', tls: true } } }
  const verdict = (...objects: unknown[]): string => verdictOf({ objects: [deploymentOf(), serviceOf(), ...objects], profile, scenario: { cluster }, goal })
  expect([verdict(ingress(entry)), verdict(ingress(entry), secret('cert', pem('play.game.example')))]).toEqual(['missed', 'met'])
})

it('annotations for the controller are noted, and leave goals about the Ingress open', () => {
  const web = ingress([])
  const { result } = play({ ...web, metadata: { ...web.metadata, annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/', team: 'web' } } })
  expect(result.notes).toMatchObject([{ text: 'metadata.annotations nginx.ingress.kubernetes.io/rewrite-target is not modelled: what the Ingress controller makes of it', decisive: true, path: 'metadata.annotations' }])
})
