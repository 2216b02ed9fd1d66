import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const object = (apiVersion: string, kind: string, rest: Fields): K8sObject => ({ apiVersion, kind, metadata: { name: 'a', namespace: 'game' }, ...rest })
const said = (next: K8sObject, old?: K8sObject): string[] => {
  const stored = old && admit(old).object
  return admit(next, stored ? { old: { ...stored, metadata: { ...stored.metadata, ...old.metadata } } } : {}).errors.map((error) => `${error.path}: ${error.message}`)
}

const external = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '5' } } }
const autoscaler = (spec: Fields, version = 'autoscaling/v2'): K8sObject => object(version, 'HorizontalPodAutoscaler', { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, ...spec } })
const share = { type: 'Utilization', averageUtilization: 50 }

describe('creation of kinds that run no Pods', () => {
  it.each<[string, K8sObject, string[]]>([
    ['a metric of a container names it', autoscaler({ metrics: [{ type: 'ContainerResource', containerResource: { name: 'cpu', target: share } }] }), ['spec.metrics[0].containerResource.container: Required value: must specify a container']],
    ['and a resource that containers have', autoscaler({ metrics: [{ type: 'ContainerResource', containerResource: { name: 'storage', container: 'web', target: share } }] }), ['spec.metrics[0].containerResource.name: Invalid value: "storage": must be a standard resource for containers']],
    ['a metric of Pods is positive', autoscaler({ metrics: [{ type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '-1' } } }] }), ['spec.metrics[0].pods.target.averageValue: Invalid value: "-1": must be positive']],
    ['what is scaled is of a group', autoscaler({ scaleTargetRef: { apiVersion: '/v1', kind: 'Deployment', name: 'a' } }), ['spec.scaleTargetRef.apiVersion: Invalid value: "/v1": apiVersion must specify API group']],
    ['version 1 means the use of CPU', autoscaler({ targetCPUUtilizationPercentage: 0 }, 'autoscaling/v1'), ['spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0']],
    ['and 80 % of it by itself', autoscaler({}, 'autoscaling/v1'), []],
    ['a budget prints its selector in order', object('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 1, maxUnavailable: 1, selector: { matchExpressions: [{ values: ['b'], operator: 'In', key: 'a' }] } } }), ['spec: Invalid value: {"MinAvailable":1,"Selector":{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set']],
    ['a selector of roles is said twice to be wrong', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'a' }, aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Like' }] }] } }, ['aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator', 'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.']],
    ['a policy of preemption is not empty', { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'a' }, value: 1, preemptionPolicy: '' }, ['preemptionPolicy: Required value']],
    ['a class of the system is never the default', { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'system-node-critical' }, value: 2_000_001_000, globalDefault: true }, ["metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-node-critical PriorityClass must be false"]],
    ['a revision has data', object('apps/v1', 'ControllerRevision', { data: null, revision: -1 }), ['data: Required value: data is mandatory', 'revision: Invalid value: -1: must be greater than or equal to 0']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})

describe('defaulting of kinds that run no Pods', () => {
  it.each<[string, K8sObject, string, unknown]>([
    ['a port without targetPort points at itself', object('v1', 'Service', { spec: { ports: [{ port: 80 }] } }), 'spec.ports.0.targetPort', 80],
    ['a Service port speaks TCP', object('v1', 'Service', { spec: { ports: [{ port: 80 }] } }), 'spec.ports.0.protocol', 'TCP'],
    ['ClientIP affinity lasts three hours', object('v1', 'Service', { spec: { ports: [{ port: 80 }], sessionAffinity: 'ClientIP' } }), 'spec.sessionAffinityConfig.clientIP.timeoutSeconds', 10800],
    ['a NodePort Service routes externally to the whole cluster', object('v1', 'Service', { spec: { type: 'NodePort', ports: [{ port: 80 }] } }), 'spec.externalTrafficPolicy', 'Cluster'],
    ['a policy without egress rules is for ingress', object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {} } }), 'spec.policyTypes', ['Ingress']],
    ['a policy with egress rules is for both', object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, egress: [{}] } }), 'spec.policyTypes', ['Ingress', 'Egress']],
    ['text of a Secret becomes data', object('v1', 'Secret', { stringData: { key: 'grün' } }), 'data.key', 'Z3LDvG4='],
    ['a Secret is opaque', object('v1', 'Secret', {}), 'type', 'Opaque'],
    ['an autoscaler without metrics looks at 80 % CPU', object('autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } } }), 'spec.metrics.0.resource.target.averageUtilization', 80],
    ['a maximum is the default limit and request', object('v1', 'LimitRange', { spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } }), 'spec.limits.0.defaultRequest.cpu', '2'],
    ['a namespace is labelled with its name', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'game' } }, 'metadata.labels', { 'kubernetes.io/metadata.name': 'game' }],
    ['a subject of kind User gets its group', object('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }] }), 'subjects.0.apiGroup', 'rbac.authorization.k8s.io'],
  ])('%s', (_name, given, path, expected) => {
    const verdict = admit(given)
    expect(verdict.errors).toEqual([])
    expect(path.split('.').reduce((value: any, key) => value?.[key], verdict.object)).toEqual(expected)
  })
})

const warned = (given: K8sObject): string[] => admit(given).warnings
const balancer = (spec: Fields): K8sObject => object('v1', 'Service', { spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec } })
const plainService = (spec: Fields): K8sObject => object('v1', 'Service', { spec: { ports: [{ port: 80 }], ...spec } })
const policyFrom = (ipBlock: Fields): K8sObject => object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] } })
const slice = (addressType: string, ...addresses: string[]): K8sObject => object('discovery.k8s.io/v1', 'EndpointSlice', { addressType, endpoints: [{ addresses }], ports: [] })

describe('addresses and blocks', () => {
  const block = 'spec.ingress[0].from[0].ipBlock'
  const address = 'endpoints[0].addresses[0]'
  it.each<[string, K8sObject, string[]]>([
    ['a block ends where its prefix does', policyFrom({ cidr: '10.0.0.7/8' }), [`${block}.cidr: Invalid value: "10.0.0.7/8": must not have bits set beyond the prefix length`]],
    ['a block has no leading zeros', policyFrom({ cidr: '10.0.0.0/8', except: ['10.01.0.0/16'] }), [`${block}.except[0]: Invalid value: "10.01.0.0/16": must not have leading 0s in IP or prefix length`]],
    ['nor has its prefix', policyFrom({ cidr: '10.0.0.0/08' }), [`${block}.cidr: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length`]],
    ['a block is of one family', policyFrom({ cidr: '::ffff:10.0.0.0/104' }), [`${block}.cidr: Invalid value: "::ffff:10.0.0.0/104": must not have an IPv4-mapped IPv6 address`]],
    ['an exception that is no block is said once', policyFrom({ cidr: '10.0.0.0/8', except: ['10.0.0.1'] }), [`${block}.except[0]: Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`]],
    ['a bad exception may also be outside', policyFrom({ cidr: '10.0.0.0/8', except: ['11.0.0.1/16'] }), [`${block}.except[0]: Invalid value: "11.0.0.1/16": must not have bits set beyond the prefix length`, `${block}.except[0]: Invalid value: "11.0.0.1/16": must be a strict subset of \`cidr\``]],
    ['source ranges are blocks, spaces aside', balancer({ loadBalancerSourceRanges: [' 10.0.0.0/8 ', '10.1.2.3/8'] }), ['spec.LoadBalancerSourceRanges[1]: Invalid value: "10.1.2.3/8": must not have bits set beyond the prefix length']],
    ['so they are in the annotation', { ...balancer({}), metadata: { name: 'a', namespace: 'game', annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, 10.0.0.1/8' } } }, ['metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length']],
    ['a cluster IP has no leading zeros', plainService({ clusterIP: '10.096.0.7' }), ['spec.clusterIPs[0]: Invalid value: "10.096.0.7": must not have leading 0s']],
    ['nor is it IPv4 inside IPv6', plainService({ clusterIP: '::ffff:10.96.0.7' }), ['spec.clusterIPs[0]: Invalid value: "::ffff:10.96.0.7": must not be an IPv4-mapped IPv6 address']],
    ['an ExternalName has no cluster IP, not even None', plainService({ type: 'ExternalName', externalName: 'db.example.com', clusterIP: 'None' }), ['spec.clusterIPs: Forbidden: may not be set for ExternalName services']],
    ['after None nothing follows, valid or not', plainService({ clusterIP: 'None', clusterIPs: ['None', 'x'] }), ['spec.clusterIPs: Invalid value: ["None","x"]: \'None\' must be the first and only value', 'spec.clusterIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    ['three addresses of one family are too many twice', plainService({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', '10.96.0.8', '10.96.0.9'] }), ['spec.clusterIPs: Invalid value: ["10.96.0.7","10.96.0.8","10.96.0.9"]: may only hold up to 2 values', 'spec.clusterIPs: Invalid value: ["10.96.0.7","10.96.0.8","10.96.0.9"]: may specify no more than one IP for each IP family']],
    ['a domain has two labels', slice('FQDN', 'localhost'), [`${address}: Invalid value: "localhost": should be a domain with at least two segments separated by dots`]],
    ['a domain may end with a dot', slice('FQDN', 'db.example.com.'), []],
    ['a domain is not empty', slice('FQDN', ''), [`${address}: Required value`]],
    ['a label has 63 characters', slice('FQDN', `${'a'.repeat(64)}.example.com`), [`${address}: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`]],
    ['topology is not for clients to write', object('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.7'], deprecatedTopology: { 'a b': 'c d' } }], ports: [] }), []],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))

  it.each<[string, K8sObject, string[]]>([
    ['IPv6 has one short form', plainService({ clusterIP: '2001:DB8::1' }), ['spec.clusterIPs[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")']],
    ['so it has in blocks', policyFrom({ cidr: '2001:DB8::/64' }), ['spec.ingress[0].from[0].ipBlock.cidr: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")']],
    ['the address asked of a balancer is not judged, but warned of', balancer({ loadBalancerIP: '010.0.0.7' }), ['spec.loadBalancerIP: non-standard IP address "010.0.0.7" will be considered invalid in a future Kubernetes release: use "10.0.0.7"']],
    ['an external name without the type', plainService({ externalName: 'db.example.com' }), ['spec.externalName is ignored when spec.type is not "ExternalName"']],
    ['external addresses of a headless Service', plainService({ clusterIP: 'None', externalIPs: ['10.0.0.7'] }), ['spec.externalIPs is ignored for headless services']],
    ['endpoints by name', slice('FQDN', 'db.example.com'), ['spec.addressType: FQDN endpoints are deprecated']],
  ])('warns: %s', (_name, given, expected) => expect(warned(given)).toEqual(expected))
})

const volume = (spec: Fields): K8sObject => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...spec } })
const claimOf = (spec: Fields): K8sObject => object('v1', 'PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })

describe('volumes and claims', () => {
  const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  const secret = { name: 's', namespace: 'game' }
  const iscsi = { targetPortal: '10.0.0.7', iqn: 'iqn.2015-02.example.com:disk', lun: 0 }
  it.each<[string, K8sObject, string[]]>([
    ['an export is given by an absolute path', volume({ nfs: { server: 'nas' } }), ['spec.nfs.path: Required value', 'spec.nfs.path: Invalid value: "": must be an absolute path']],
    ['a driver has a name', volume({ csi: { volumeHandle: 'h' } }), ['spec.csi.driver: Required value']],
    ["a driver's secret has both parts", volume({ csi: { driver: 'd', volumeHandle: 'h', nodePublishSecretRef: { name: 's' } } }), ['spec.csi.nodePublishSecretRef.namespace: Required value']],
    ['and both are names', volume({ csi: { driver: 'd', volumeHandle: 'h', nodeExpandSecretRef: { ...secret, namespace: 'a.b_' } } }), [`spec.csi.nodeExpandSecretRef.namespace: Invalid value: "a.b_": ${label}`]],
    ['a partition is a small number', volume({ gcePersistentDisk: { pdName: 'd', partition: 300 } }), ['spec.persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive']],
    ['an initiator has a name of a known kind', volume({ iscsi: { ...iscsi, initiatorName: 'x' } }), ['spec.iscsi.initiatorname: Invalid value: "x": must be valid format']],
    ['a volume and its portal are not too long together', volume({ iscsi: { ...iscsi, targetPortal: 'p'.repeat(63), initiatorName: iscsi.iqn } }), [`spec.iscsi.targetportal: Invalid value: "${'p'.repeat(63)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`]],
    ['CHAP needs a secret', volume({ iscsi: { ...iscsi, chapAuthSession: true } }), ['spec.iscsi.secretRef: Required value']],
    ["a shared disk's URI is a web address", volume({ azureDisk: { diskName: 'd', diskURI: '/subscriptions/s' } }), ['spec.azureDisk.diskURI: Unsupported value: "/subscriptions/s": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"']],
    ["a share's secret is somewhere", volume({ azureFile: { secretName: 's', shareName: 'f', secretNamespace: '' } }), ['spec.azureFile.secretNamespace: Required value']],
    ['the endpoints of glusterfs are somewhere', volume({ glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: '' } }), ['spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name']],
    ['a disk of OpenStack needs a whole secret', volume({ cinder: { volumeID: 'v', secretRef: { name: 's' } } }), ['spec.cinder.secretRef.namespace: Required value']],
    ['fibre channel by worldwide names needs a unit', volume({ fc: { targetWWNs: ['w'] } }), ['spec.fc.lun: Required value: lun is required if targetWWNs is specified']],
    ['options are not the project’s', volume({ flexVolume: { driver: 'd', options: { 'k8s.io/x': 'y' } } }), ['spec.flexVolume.options[k8s.io/x]: Invalid value: "k8s.io/x": kubernetes.io and k8s.io namespaces are reserved']],
    ['a second source is refused under its old name', volume({ hostPath: { path: '/a' }, cephfs: { monitors: ['m'] } }), ['spec.cephFS: Forbidden: may not specify more than 1 volume type']],
    ['less than a unit below zero is below zero', volume({ hostPath: { path: '/a' }, capacity: { storage: '-500m' } }), ['spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity', 'spec.capacity[storage]: Invalid value: "-500m": must be greater than zero']],
    ['a data source from another namespace is ignored', claimOf({ dataSourceRef: { kind: 'PersistentVolumeClaim', name: '', namespace: 'other' } }), []],
    ['a data source of any kind agrees with its reference', claimOf({ dataSource: { apiGroup: 'a.example.com', kind: 'Copy', name: 'c' }, dataSourceRef: { apiGroup: 'a.example.com', kind: 'Copy', name: 'd' } }), ['spec: Invalid value: {}: must match dataSourceRef']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))

  it.each<[string, K8sObject, string[]]>([
    ['old sources', volume({ cephfs: { monitors: ['m'] } }), ['spec.cephfs: deprecated in v1.28, non-functional in v1.31+']],
    ['old labels', volume({ local: { path: '/a' }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'Exists' }] }] } } }), ['spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead']],
    ['parts of bytes as a limit', claimOf({ resources: { requests: { storage: '1' }, limits: { storage: '1500m' } } }), ['spec.resources.limits[storage]: fractional byte value "1500m" is invalid, must be an integer']],
  ])('warns of %s', (_name, given, expected) => expect(warned(given)).toEqual(expected))

  const affinity = (key: string): Fields => ({ local: { path: '/a' }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'Exists' }] }] } } })
  const annotated = (given: K8sObject, storageClass: string): K8sObject => ({ ...given, metadata: { ...given.metadata, annotations: { 'volume.beta.kubernetes.io/storage-class': storageClass } } })
  it.each<[string, K8sObject, K8sObject, string[]]>([
    ['old labels of a volume may become new ones', volume(affinity('kubernetes.io/os')), volume(affinity('beta.kubernetes.io/os')), []],
    ['its affinity stays otherwise', volume(affinity('b')), volume(affinity('a')), ['nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"b","Operator":"Exists","Values":null}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA']],
    ['a class of attributes is not given up', claimOf({}), claimOf({ volumeAttributesClassName: 'fast' }), ['spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims', 'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden']],
    ['the class moves from the annotation to the field', claimOf({ storageClassName: 'a' }), annotated(claimOf({}), 'a'), []],
    ['but does not change on the way', claimOf({ storageClassName: 'b' }), annotated(claimOf({}), 'a'), ['metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "": field is immutable', 'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims']],
  ])('%s', (_name, next, old, expected) => expect(said(next, old)).toEqual(expected))
})

describe('configuration', () => {
  const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
  const login = (text: string): K8sObject => object('v1', 'Secret', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64(text) } })
  it.each<[string, string]>([
    ['{"auths":{}}{"auths":{}}', "invalid character '{' after top-level value"],
    ['{"auths":{},}', "invalid character '}' looking for beginning of object key string"],
    ['{"auths" {}}', "invalid character '{' after object key"],
    ['{"auths":"a\tb"}', "invalid character '\\t' in string literal"],
    ['{"auths":[1 2]}', "invalid character '2' after array element"],
    ['{"auths":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"auths":', 'unexpected end of JSON input'],
    ['\xc3\xa4', "invalid character 'Ã' looking for beginning of value"],
    ['[]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ])('a registry login is a JSON object, which %s is not', (text, problem) => expect(said(login(text))).toEqual([`data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ${problem}`]))

  const pem = (type: string): string => base64(`-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`)
  const tls = (crt: string, key: string): K8sObject => object('v1', 'Secret', { type: 'kubernetes.io/tls', data: { 'tls.crt': crt, 'tls.key': key } })
  it.each<[string, K8sObject, string[]]>([
    ['a certificate that is none', tls(base64('x'), base64('x')), ['tls: failed to find any PEM data in certificate input']],
    ['a certificate and a key that changed places', tls(pem('RSA PRIVATE KEY'), pem('CERTIFICATE')), ['tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched']],
    ['a certificate as a key', tls(pem('CERTIFICATE'), pem('CERTIFICATE')), ['tls: found a certificate rather than a key in the PEM for the private key']],
    ['nothing where both look right', tls(pem('CERTIFICATE'), pem('EC PRIVATE KEY')), []],
    ['an account that limits its Secrets', { ...object('v1', 'ServiceAccount', {}), metadata: { name: 'a', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } }, ['metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets']],
  ])('warns of %s', (_name, given, expected) => expect(warned(given)).toEqual(expected))

  it('prints a scope selector as Go does', () => {
    const quota = object('v1', 'ResourceQuota', { spec: { hard: { services: '1' }, scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } } })
    expect(said(quota)).toEqual(['spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"PriorityClass","Operator":"Exists","Values":null}]}: unsupported scope applied to resource'])
  })

  it('drops what elects the holder of a Lease', () => {
    const lease = admit(object('coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity: 'a', strategy: 'x', preferredHolder: 'b' } }))
    expect([lease.errors, lease.object.spec]).toEqual([[], { holderIdentity: 'a' }])
  })
})

describe('updates of kinds that run no Pods', () => {
  const claim = (spec: Fields): K8sObject => object('v1', 'PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
  const secret = (rest: Fields): K8sObject => object('v1', 'Secret', rest)
  const service = (spec: Fields): K8sObject => object('v1', 'Service', { spec: { ports: [{ port: 80 }], ...spec } })
  const binding = (name: string): K8sObject => object('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name } })

  it.each<[string, K8sObject, K8sObject, string[]]>([
    ['the type of a Secret stays', secret({ type: 'a/b' }), secret({ type: 'c/d' }), ['type: Invalid value: "a/b": field is immutable']],
    ['an immutable ConfigMap keeps its data', object('v1', 'ConfigMap', { immutable: true, data: { a: '2' } }), object('v1', 'ConfigMap', { immutable: true, data: { a: '1' } }), ['data: Forbidden: field is immutable when `immutable` is set']],
    ['an immutable ConfigMap stays immutable', object('v1', 'ConfigMap', { data: { a: '1' } }), object('v1', 'ConfigMap', { immutable: true, data: { a: '1' } }), ['immutable: Forbidden: field is immutable when `immutable` is set']],
    ['the address of a Service stays', service({ clusterIP: '10.96.0.8' }), service({ clusterIP: '10.96.0.7' }), ['spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set']],
    ['one without an address keeps it', service({}), service({ clusterIP: '10.96.0.7' }), []],
    ['node ports stay with their names', service({ type: 'NodePort' }), service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }), []],
    ['a NodePort Service may become internal', service({ ports: [{ port: 80, nodePort: 30080 }] }), service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }), []],
    ['an internal Service may become a name', service({ type: 'ExternalName', externalName: 'a.example.com', clusterIP: '10.96.0.7' }), service({ clusterIP: '10.96.0.7' }), []],
    ['the second address goes only where one is asked for', service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ipFamilyPolicy: 'PreferDualStack' }), service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', '2001:db8::1'], ipFamilyPolicy: 'PreferDualStack' }), ["spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the secondary clusterIP"]],
    ['a block that was never valid may stay', { ...policyFrom({ cidr: '10.0.0.7/8' }) }, policyFrom({ cidr: '10.0.0.7/8' }), []],
    ['the role of a binding stays', binding('b'), binding('a'), ['roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: cannot change roleRef']],
    ['a claim keeps its class', claim({ storageClassName: 'b' }), claim({ storageClassName: 'a' }), ['spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims']],
    ['a claim without a class may get one', claim({ storageClassName: 'b' }), claim({}), []],
    ['labels may change', { ...service({}), metadata: { name: 'a', namespace: 'game', labels: { a: 'b' } } }, service({}), []],
  ])('%s', (_name, next, old, expected) => expect(said(next, old)).toEqual(expected))

  it.each<[string, K8sObject, K8sObject, string[]]>([
    ['an autoscaler may stay at zero', autoscaler({ minReplicas: 0, metrics: [external] }), autoscaler({ minReplicas: 0, metrics: [external] }), []],
    ['but not go there', autoscaler({ minReplicas: 0, metrics: [external] }), autoscaler({}), ['spec.minReplicas: Invalid value: 0: must be greater than or equal to 1']],
    ['a group that was wrong may stay', autoscaler({ maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'a' } }), autoscaler({ scaleTargetRef: { kind: 'Deployment', name: 'a' } }), []],
    ['a revision never changes', object('apps/v1', 'ControllerRevision', { data: { a: 2 }, revision: 1 }), object('apps/v1', 'ControllerRevision', { data: { a: 1 }, revision: 1 }), ['data: Invalid value: {"a":2}: field is immutable']],
  ])('%s', (_name, next, old, expected) => expect(said(next, old)).toEqual(expected))

  it('lets a bound claim grow and only then', () => {
    const bound = { ...admit(claim({ volumeName: 'pv' })).object, status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
    const larger = { ...claim({ volumeName: 'pv', resources: { requests: { storage: '2Gi' } } }), status: bound.status }
    expect(admit(larger, { old: bound }).errors.map((error) => error.message)).toEqual([])
    expect(said(claim({ resources: { requests: { storage: '2Gi' } } }), claim({}))).toHaveLength(1)
  })
})
