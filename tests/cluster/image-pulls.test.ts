/** Images from registries: the words in which containerd and the kubelet say that one cannot be had, and which pull secrets open which registry. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

const auth = { username: 'robot', password: 's3:cret' }

function play(objects: Fields[], registries: Fields = {}, steps: Fields[] = [], length = '30s'): Simulation {
  const names = ['r.example/team/web:1', 'r.example:5000/team/web:1', 'web:1', 'private:1']
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1' }] }, registries, images: names.map((name) => ({ name, profile: 'web' })),
    profiles: { web: { image: { user: 1000, entrypoint: ['/web'] }, listen: [{ port: 8080 }] } }, runs: [{ name: 'main', warmup: '5s', length, steps }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (image: string, spec: Fields = {}, container: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image, ...container }] } })
const secret = (name: string, auths: Fields, more: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'game' }, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': btoa(JSON.stringify({ auths })) }, ...more })
const uses = (...names: string[]): Fields => ({ imagePullSecrets: names.map((name) => ({ name })) })
const state = ({ cluster }: Simulation): Fields => (cluster.view.get('Pod', 'game', 'web')!.status!.containerStatuses as Fields[])[0]!.state as Fields
const events = ({ result }: Simulation): string[] => result.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.name === 'web' && entry.data?.component !== 'default-scheduler' && entry.data?.reason !== 'Scheduled').map((entry) => `${entry.data!.type} ${entry.data!.reason} ${entry.data!.message}`)

describe('a pull that fails says', () => {
  const web = 'r.example/team/web:1'
  const resolve = (name: string): string => `failed to pull and unpack image "${name}": failed to resolve reference "${name}"`
  const head = `${resolve(web)}: failed to do request: Head "https://r.example/v2/team/web/manifests/1"`
  const refused = (what: string): string => `${resolve(web)}: failed to authorize: failed to fetch ${what} token: unexpected status from GET request to https://r.example/token?scope=repository%3Ateam%2Fweb%3Apull&service=r.example: 401 Unauthorized`
  it.each<[string, string, Fields, string, Fields[]?]>([
    ['that the tag is not there', 'r.example/team/web:2', {}, `rpc error: code = NotFound desc = ${resolve('r.example/team/web:2')}: r.example/team/web:2: not found`],
    ['that Docker Hub knows no such image, or is not asked by the right one', 'wev', {}, `${resolve('docker.io/library/wev:latest')}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`],
    ['that the registry has no address', web, { 'r.example': { reachable: 'no-such-host' } }, `${head}: dial tcp: lookup r.example on 10.0.0.2:53: no such host`],
    ['that nobody listens there', web, { 'r.example': { reachable: 'refused' } }, `${head}: dial tcp 10.0.0.9:443: connect: connection refused`],
    ['that nobody answers there', web, { 'r.example': { reachable: 'timeout' } }, `${head}: dial tcp 10.0.0.9:443: i/o timeout`],
    ['that it speaks plain HTTP', web, { 'r.example': { tls: 'plain-http' } }, `${head}: http: server gave HTTP response to HTTPS client`],
    ['that its certificate is of nobody known', web, { 'r.example': { tls: 'unknown-authority' } }, `${head}: tls: failed to verify certificate: x509: certificate signed by unknown authority`],
    ['that it wants credentials', web, { 'r.example': { auth } }, refused('anonymous')],
    ['that it wants other credentials', web, { 'r.example': { auth } }, refused('oauth'), [secret('regcred', { 'r.example': { username: 'robot', password: 'old' } })]],
  ])('%s', (_name, image, registries, text, secrets = []) => {
    const played = play([...secrets, pod(image, secrets.length > 0 ? uses('regcred') : {})], registries)
    expect(events(played).slice(0, 5)).toEqual([`Normal Pulling Pulling image "${image}"`, `Warning Failed Failed to pull image "${image}": ${text}`, 'Warning Failed Error: ErrImagePull', `Normal BackOff Back-off pulling image "${image}"`, 'Warning Failed Error: ImagePullBackOff'])
    expect([{ reason: 'ErrImagePull', message: text }, { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${text}` }]).toContainEqual(state(played).waiting)
  })
})

describe('no pull is tried', () => {
  it.each([
    ['Nginx:1', 'Failed to apply default image tag "Nginx:1": couldn\'t parse image name "Nginx:1": invalid reference format: repository name (library/Nginx) must be lowercase'],
    ['r.example/team/web:a b', 'Failed to apply default image tag "r.example/team/web:a b": couldn\'t parse image name "r.example/team/web:a b": invalid reference format'],
  ])('of a name that is none: %s', (image, text) => {
    const played = play([pod(image)])
    expect(events(played).slice(0, 2)).toEqual([`Warning InspectFailed ${text}`, 'Warning Failed Error: InvalidImageName'])
    expect(state(played).waiting).toEqual({ reason: 'InvalidImageName', message: text })
    expect(runKubectl(played.cluster, 'kubectl get pod web -n game --no-headers').stdout).toMatch(/^web +0\/1 +InvalidImageName +0 /)
  })
  it('with the policy Never', () => {
    const played = play([pod('web:1', {}, { imagePullPolicy: 'Never' })])
    expect(events(played).slice(0, 2)).toEqual(['Warning ErrImageNeverPull Container image "web:1" is not present with pull policy of Never', 'Warning Failed Error: ErrImageNeverPull'])
    expect(state(played).waiting).toEqual({ reason: 'ErrImageNeverPull', message: 'Container image "web:1" is not present with pull policy of Never' })
  })
})

describe('a pull secret', () => {
  const web = 'r.example/team/web:1'
  const closed = { 'r.example': { auth }, 'r.example:5000': { auth }, 'docker.io': { auth } }
  const runs = (played: Simulation): boolean => state(played).running !== undefined
  it.each<[string, string, boolean]>([
    [web, 'r.example', true], [web, 'https://r.example', true], [web, 'https://r.example/v1/', true], [web, '*.example', true], [web, 'r.*', true], [web, '*', false], [web, '*.r.example', false], [web, 'x.example', false],
    [web, 'r.example/team', true], [web, 'r.example/team/web', true], [web, 'r.example/other', false], [web, 'r.example:5000', false],
    ['r.example:5000/team/web:1', 'r.example:5000', true], ['r.example:5000/team/web:1', 'r.example', false],
    ['private:1', 'https://index.docker.io/v1/', true], ['private:1', 'docker.io', true], ['private:1', 'hub.docker.com', false],
  ])('for %s under %s: %s', (image, key, opens) => expect(runs(play([secret('regcred', { [key]: auth }), pod(image, uses('regcred'))], closed))).toBe(opens))

  it.each<[string, Fields, boolean]>([
    ['with user and password in one', secret('regcred', { 'r.example': { auth: btoa('robot:s3:cret') } }), true],
    ['in the old form', { ...secret('regcred', {}), type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa(JSON.stringify({ 'r.example': auth })) } }, true],
    ['of another type', { ...secret('regcred', {}), type: 'Opaque', data: { '.dockerconfigjson': btoa(JSON.stringify({ auths: { 'r.example': auth } })) } }, false],
    ['of another namespace', { ...secret('regcred', { 'r.example': auth }), metadata: { name: 'regcred', namespace: 'default' } }, false],
  ])('%s', (_name, given, opens) => expect(runs(play([given, pod(web, uses('regcred'))], closed))).toBe(opens))

  it('that is missing is told of, and the pull goes on without it', () => {
    const played = play([secret('good', { 'r.example': auth }), pod(web, uses('regcred', 'good'))], closed)
    expect(events(played)[0]).toBe('Warning FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.')
    expect(runs(played)).toBe(true)
  })
  it('of the ServiceAccount counts only where the pod names none', () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'game' }, ...uses('good') }
    const both = [secret('good', { 'r.example': auth }), secret('bad', { 'r.example': { username: 'robot', password: 'old' } }), account]
    expect(runs(play([...both, pod(web, { serviceAccountName: 'robot' })], closed))).toBe(true)
    expect(runs(play([...both, pod(web, { serviceAccountName: 'robot', ...uses('bad') })], closed))).toBe(false)
  })
  it('that comes later, or is put right, heals the pod at the next pull without touching it', () => {
    const played = play([pod(web, uses('regcred'))], closed)
    expect(runs(played)).toBe(false)
    played.cluster.api.create(secret('regcred', { 'r.example': auth }) as never)
    played.cluster.advance(played.cluster.now + 40_000)
    expect(runs(played)).toBe(true)
    expect(state(played)).toMatchObject({ running: {} })
  })
})

describe('a registry that goes away', () => {
  const crash = { command: ['/web'], livenessProbe: { tcpSocket: { port: 9 }, periodSeconds: 5, failureThreshold: 1 } }
  const restarted = (policy: string): string => {
    const played = play([pod('r.example/team/web:1', {}, { ...crash, imagePullPolicy: policy })], { 'r.example': {} }, [{ at: '3s', registry: { host: 'r.example', reachable: 'refused' } }], '20s')
    return runKubectl(played.cluster, 'kubectl describe pod web -n game').stdout
  }
  it('is asked at every start with Always, and keeps containers from starting again', () => expect(restarted('Always')).toContain('Error: ErrImagePull'))
  it('is not asked again with IfNotPresent', () => expect(restarted('IfNotPresent')).not.toContain('ErrImagePull'))
})
