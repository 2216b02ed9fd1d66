/** What admission says when objects change, and what the kubelet makes of sub-paths and tokens. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { fileOf } from '../../support/exercise.ts'

function play(objects: unknown[], cluster: Fields = {}): Simulation {
  const scenario = scenarioSchema.parse({ cluster, runs: [{ name: 'main', warmup: '0s', length: '1m' }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (spec: Fields = {}, container: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' }, spec: { ...spec, containers: [{ name: 'app', image: 'busybox:1.37', command: ['sleep', '600'], ...container }] } })
const kubectl = ({ cluster }: Simulation, command: string): string => { const { stdout, stderr } = runKubectl(cluster, `kubectl ${command}`); return `${stdout}${stderr}` }

describe('Pod Security of what is there already', () => {
  it('refuses another image for a pod that breaks the level, and nothing else', () => {
    const played = play([pod({ hostNetwork: true })])
    expect(kubectl(played, 'label namespace game pod-security.kubernetes.io/enforce=baseline')).toContain('Warning: existing pods in namespace "game" violate the new PodSecurity enforce level "baseline:latest"\nWarning: web: host namespaces')
    expect(kubectl(played, 'label pod web -n game tier=front')).toBe('pod/web labeled\n')
    expect(kubectl(played, 'set image pod/web app=busybox:1.36 -n game')).toContain('pods "web" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)')
  })
  it.each([
    ['enforce=strict', 'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted'],
    ['warn-version=1.30', 'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"'],
  ])('knows no label %s', (label, words) => {
    expect(kubectl(play([pod()]), `label namespace game pod-security.kubernetes.io/${label}`)).toContain(words)
    const [key = '', value] = label.split('=')
    expect(play([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { [`pod-security.kubernetes.io/${key}`]: value } } }]).result.applied[0]!.message).toContain(words)
  })
  it('warns of nothing when the level becomes laxer', () => {
    const played = play([pod({ hostNetwork: true })])
    kubectl(played, 'label namespace game pod-security.kubernetes.io/enforce=restricted')
    expect(kubectl(played, 'label namespace game pod-security.kubernetes.io/enforce=baseline --overwrite')).toBe('namespace/game labeled\n')
  })
})

it('a claim cannot grow beyond the limit of its namespace', () => {
  const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'disks', namespace: 'game' }, spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '2Gi' } }] } }
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
  const played = play([range, claim, pod({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })])
  const grow = (size: string): string => kubectl(played, `patch pvc data -n game -p '{"spec":{"resources":{"requests":{"storage":"${size}"}}}}'`)
  expect(grow('3Gi')).toContain('persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi')
  expect(grow('2Gi')).toBe('persistentvolumeclaim/data patched\n')
})

describe('a sub-path', () => {
  const mounted = (mount: Fields, container: Fields = {}, volume: Fields = { emptyDir: {} }): Simulation => play([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: 'game' }, data: { 'app.yml': 'x' } }, pod({ volumes: [{ name: 'v', ...volume }] }, { ...container, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] })])
  const problem = ({ cluster }: Simulation): Fields => cluster.view.get('Pod', 'game', 'web')!.status.containerStatuses[0].state.waiting as Fields
  it('needs its variables', () => expect(problem(mounted({ subPathExpr: '$(B)/$(A)' }, { env: [{ name: 'A', value: '' }] }))).toEqual({ reason: 'CreateContainerConfigError', message: 'missing value for A, B' }))
  it('stays in the volume', () => expect(problem(mounted({ subPathExpr: '$(A)/x' }, { env: [{ name: 'A', value: '../..' }] }))).toEqual({ reason: 'CreateContainerConfigError', message: "unable to provision SubPath `../../x`: must not contain '..'" }))
  it('is relative', () => expect(problem(mounted({ subPathExpr: '$(A)' }, { env: [{ name: 'A', value: '/etc' }] }))).toEqual({ reason: 'CreateContainerConfigError', message: 'error SubPath `/etc` must not be an absolute path' }))
  it('cannot lie below a file', () => expect(problem(mounted({ subPath: 'app.yml/x' }, {}, { configMap: { name: 'cfg' } }))).toEqual({ reason: 'CreateContainerConfigError', message: 'failed to prepare subPath for volumeMount "v" of container "app"' }))
})

describe('the token of a ServiceAccount', () => {
  const read = (spec: Fields): string => {
    const played = play([pod(spec, { command: ['sh', '-c', 'ls -ln /var/run/secrets/kubernetes.io/serviceaccount/; cat /var/run/secrets/kubernetes.io/serviceaccount/token > /dev/null && echo token-is-read; sleep 600'] })])
    return kubectl(played, 'logs web -n game').split('\n').filter((line) => /token/.test(line)).map((line) => line.split(' ').slice(0, 4).filter((word) => word !== '1').join(' ')).join('; ')
  }
  it('is for everybody by default', () => expect(read({})).toMatch(/^-rw-r--r-- 0 0; token-is-read$/))
  it('is for the one user of the pod', () => expect(read({ securityContext: { runAsUser: 1000 } })).toMatch(/^-rw------- 1000 0; token-is-read$/))
  it('is for the group of the volumes', () => expect(read({ securityContext: { runAsUser: 1000, fsGroup: 2000 } })).toMatch(/^-rw-r----- 1000 2000; token-is-read$/))
})

describe('validation after the plugins', () => {
  const token = { volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }] }
  it('lets a pod project a token of the account it is given', () => {
    const { metadata: _metadata, ...rest } = pod(token) as { metadata: Fields; spec: Fields }
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api', namespace: 'game' }, spec: { selector: { matchLabels: { app: 'api' } }, template: { metadata: { labels: { app: 'api' } }, spec: rest.spec } } }
    const simulation = play([pod(token), deployment])
    expect(simulation.result.applied.map(({ result }) => result)).toEqual(['created', 'created'])
    expect(kubectl(simulation, 'get pods,deploy -n game')).toMatch(/pod\/web +1\/1[^]*deployment\.apps\/api +1\/1/)
  })
  it('still names what was wrong before them', () => {
    const { applied } = play([pod({ ...token, activeDeadlineSeconds: 0 })]).result
    expect(applied[0]!.message).toBe('The Pod "web" is invalid: spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive')
  })
})

it('a node port lies in the range of the cluster', () => {
  const service = (nodePort: number): Fields => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: `s${nodePort}`, namespace: 'game' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] } })
  const range = 'provided port is not in the valid range. The range of valid ports is 30000-32767'
  expect(play([80, 29_999, 30_000, 32_767, 32_768].map(service)).result.applied.map(({ result, message }) => (result === 'created' ? result : message))).toEqual([
    `The Service "s80" is invalid: spec.ports[0].nodePort: Invalid value: 80: ${range}`, `The Service "s29999" is invalid: spec.ports[0].nodePort: Invalid value: 29999: ${range}`, 'created', 'created', `The Service "s32768" is invalid: spec.ports[0].nodePort: Invalid value: 32768: ${range}`,
  ])
})

it('an address that is asked for lies in the service subnet', () => {
  const service = (clusterIP: string): Fields => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: `s${clusterIP.replaceAll('.', '-')}`, namespace: 'game' }, spec: { clusterIP, ports: [{ port: 80 }] } })
  expect(play(['10.43.0.7', '10.96.7.7', '10.111.0.7', '10.112.0.7'].map(service)).result.applied.map(({ result, message }) => (result === 'created' ? result : message))).toEqual([
    'The Service "s10-43-0-7" is invalid: spec.clusterIPs: Invalid value: ["10.43.0.7"]: failed to allocate IP 10.43.0.7: the provided network does not match the current range', 'created', 'created',
    'The Service "s10-112-0-7" is invalid: spec.clusterIPs: Invalid value: ["10.112.0.7"]: failed to allocate IP 10.112.0.7: the provided network does not match the current range',
  ])
})

it('a Job that nothing is known of yet has no conditions', () => {
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'game' }, spec: { template: { spec: { ...(pod().spec as Fields), restartPolicy: 'Never' } } } }
  expect(kubectl(play([job]), 'get job j -n game -o jsonpath={.status}')).not.toContain('conditions')
})
