/** Rules of Pods that the labelled manifests don't reach. */
import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const pod = (spec: Fields, metadata: Fields = {}): K8sObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', ...metadata } as K8sObject['metadata'], spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec } })
const container = (fields: Fields, spec: Fields = {}): K8sObject => pod({ containers: [{ name: 'c', image: 'nginx:1.27', ...fields }], ...spec })
const said = (given: K8sObject): string[] => admit(given).errors.map((error) => `${error.path}: ${error.message}`)
const fromFile = (reference: Fields, volumes: Fields[]): K8sObject => container({ env: [{ name: 'A', valueFrom: { fileKeyRef: reference } }] }, { volumes })
const inEnv = 'spec.containers[0].env[0].valueFrom.fileKeyRef'

describe('variables from files', () => {
  const good = { volumeName: 'env', path: 'app.env', key: 'A' }
  it.each<[string, K8sObject, string[]]>([
    ['are read from an empty directory', fromFile(good, [{ name: 'env', emptyDir: {} }]), []],
    ['need a volume', fromFile(good, []), [`${inEnv}.volumeName: Not found: "env"`]],
    ['need all three', fromFile({}, []), [`${inEnv}.key: Required value`, `${inEnv}.volumeName: Required value`, `${inEnv}.path: Required value`, `${inEnv}.volumeName: Not found: ""`]],
    ['need an empty directory', fromFile(good, [{ name: 'env', configMap: { name: 'x' } }]), [`${inEnv}.volumeName: Invalid value: "env": referenced volume must be of type emptyDir`]],
    ['find a volume that is wrong itself', fromFile(good, [{ name: 'env', emptyDir: { sizeLimit: '-1' } }]), ['spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity']],
    ['stay below the volume', fromFile({ ...good, path: '../app.env' }, [{ name: 'env', emptyDir: {} }]), [`${inEnv}.path: Invalid value: "../app.env": must not contain '..'`]],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})

describe('resources of a whole Pod', () => {
  const with_ = (resources: Fields, own: Fields = {}, rest: Fields = {}): K8sObject => container({ resources: own }, { resources, ...rest })
  it.each<[string, K8sObject, string[]]>([
    ['hold its containers', with_({ requests: { cpu: '1' } }, { requests: { cpu: '500m' } }), []],
    ['must be large enough', with_({ requests: { cpu: '1' } }, { requests: { cpu: '1500m' } }), ['spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1500m']],
    ['also for huge pages', with_({ limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } }, { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } }), [
      'spec.resources.requests[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container requests of 4Mi',
      'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container limits of 4Mi',
      'spec.resources.containers[0][hugepages-2Mi].limits: Invalid value: "4Mi": must be less than or equal to pod limits of 2Mi',
    ]],
    ['know few names', with_({ requests: { 'ephemeral-storage': '1Gi' } }), ['spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"']],
    ['know no claims', with_({ claims: [{ name: 'gpu' }], requests: { cpu: '1' } }, {}, { resourceClaims: [{ name: 'gpu', resourceClaimName: 'a' }] }), ['spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level']],
    ['are not for Windows', with_({ requests: { cpu: '-1' } }, {}, { os: { name: 'windows' } }), ['spec.resources: Forbidden: may not be set for a windows pod']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})

describe('rules for a restart', () => {
  const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [42] } }
  it.each<[string, K8sObject, string[]]>([
    ['come with a policy', container({ restartPolicy: 'Never', restartPolicyRules: [rule] }), []],
    ['need one', container({ restartPolicyRules: [rule] }), ['spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used']],
    ['need exit codes', container({ restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] }), ['spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})

describe('a Pod', () => {
  const block = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }
  const onResize = (policy: string): Fields => ({ name: 'i', image: 'i:1', resizePolicy: [{ resourceName: 'cpu', restartPolicy: policy }] })
  it.each<[string, K8sObject, string[]]>([
    ['with its own host name has no other', pod({ hostnameOverride: 'a', hostNetwork: true, setHostnameAsFQDN: true }), ['spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true', 'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true']],
    ['with its own users has no block devices', container({ volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }, { hostUsers: false, ...block }), ['spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false']],
    ['needs the name of its system', pod({ os: {} }), ['spec.os.name: Required value']],
    ['relabels its volumes one by one only', pod({ securityContext: { seLinuxChangePolicy: 'MountOption' } }), ['spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"']],
    ['that mirrors a static one claims nothing', pod({ nodeName: 'n', resourceClaims: [{ name: 'gpu' }] }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }), ['[]: Forbidden: static pods do not support resource claims']],
    ['that never restarts is resized running', container({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }, { restartPolicy: 'Never' }), ["spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'"]],
    ['restarts no init container on a resize', pod({ initContainers: [onResize('RestartContainer')] }), ["spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar initContainers"]],
    ['restarts a sidecar on a resize', pod({ initContainers: [{ ...onResize('RestartContainer'), restartPolicy: 'Always' }] }), []],
    ['names the driver of a CSI volume', pod({ volumes: [{ name: 'v', csi: {} }] }), ['spec.volumes[0].csi.driver: Required value']],
    ['keeps tolerations of old in a list', pod({}, { annotations: { 'scheduler.alpha.kubernetes.io/tolerations': '{}' } }), ['metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/tolerations": json: cannot unmarshal object into Go value of type []core.Toleration']],
    ['takes an empty AppArmor annotation for none', pod({ securityContext: { appArmorProfile: { type: 'Unconfined' } } }, { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': '' } }), ['spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})

describe('a name of any map', () => {
  it('may be that of a property of every object', () => {
    const hostile = JSON.parse('{"__proto__":"x","constructor":"y","toString":"z"}') as Record<string, string>
    const given = pod({ nodeSelector: hostile, containers: [{ name: 'constructor', image: 'i:1', resources: { limits: JSON.parse('{"__proto__":"1","constructor":"1"}') as Fields } }], volumes: [{ name: 'constructor' }], overhead: { constructor: '1' } }, { labels: hostile, annotations: hostile })
    expect(() => admit(given)).not.toThrow()
    expect(Object.keys((admit(given).object.spec as any).nodeSelector).sort()).toEqual(['__proto__', 'constructor', 'toString'])
    expect(({} as any).x).toBeUndefined()
  })

  it('of a port of containers may be one too', () => {
    expect(said(container({ ports: [{ name: 'constructor', containerPort: 80 }], livenessProbe: { httpGet: { port: 'constructor' } } }))).toEqual([])
  })
})

describe('a large Pod', () => {
  it('is judged in time linear to its size', () => {
    const many = (count: number): K8sObject =>
      container({ env: Array.from({ length: count }, (_, index) => ({ name: `A${index}`, value: 'x' })), volumeMounts: Array.from({ length: count }, (_, index) => ({ name: `v${index}`, mountPath: `/m/${index}` })), ports: Array.from({ length: count }, (_, index) => ({ containerPort: (index % 65535) + 1 })) }, { volumes: Array.from({ length: count }, (_, index) => ({ name: `v${index}`, emptyDir: {} })), tolerations: Array.from({ length: count }, (_, index) => ({ key: `k${index}`, operator: 'Exists' })) })
    const start = performance.now()
    expect(admit(many(5000)).errors).toEqual([])
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
