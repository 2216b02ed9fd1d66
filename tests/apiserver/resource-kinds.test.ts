import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const object = (apiVersion: string, kind: string, rest: Fields): K8sObject => ({ apiVersion, kind, metadata: { name: 'a', namespace: 'game' }, ...rest })
const said = (next: K8sObject, old?: K8sObject): string[] => {
  const stored = old && admit(old).object
  return admit(next, stored ? { old: { ...stored, metadata: { ...stored.metadata, ...old.metadata } } } : {}).errors.map((error) => `${error.path}: ${error.message}`)
}

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
    ['the role of a binding stays', binding('b'), binding('a'), ['roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"b"}: cannot change roleRef']],
    ['a claim keeps its class', claim({ storageClassName: 'b' }), claim({ storageClassName: 'a' }), ['spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims']],
    ['a claim without a class may get one', claim({ storageClassName: 'b' }), claim({}), []],
    ['labels may change', { ...service({}), metadata: { name: 'a', namespace: 'game', labels: { a: 'b' } } }, service({}), []],
  ])('%s', (_name, next, old, expected) => expect(said(next, old)).toEqual(expected))

  it('lets a bound claim grow and only then', () => {
    const bound = { ...admit(claim({ volumeName: 'pv' })).object, status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
    const larger = { ...claim({ volumeName: 'pv', resources: { requests: { storage: '2Gi' } } }), status: bound.status }
    expect(admit(larger, { old: bound }).errors.map((error) => error.message)).toEqual([])
    expect(said(claim({ resources: { requests: { storage: '2Gi' } } }), claim({}))).toHaveLength(1)
  })
})
