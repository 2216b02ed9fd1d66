import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import { parseManifest } from '../../server/k8s/manifest.ts'
import type { K8sObject } from '../../server/k8s/object.ts'
import { aboutField, loadDocumentation } from '../../server/k8s/schemas/documentation.ts'
import { declarationAt, schemasOf } from '../../server/k8s/schemas/schema.ts'

const judge = (text: string) => admit(parseManifest(text).documents[0]!.object!)
const pod = (spec: string): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":${spec}}`
const only = (text: string): string => {
  const { stage, errors } = judge(text)
  expect(stage).toBe('decode')
  expect(errors).toHaveLength(1)
  return errors[0]!.message
}

describe('decoding', () => {
  it('names the Go field and type, embedded structs included', () => {
    expect(only(pod('{"containers":[{"name":"c","livenessProbe":{"tcpSocket":[1]}}]}'))).toBe('json: cannot unmarshal array into Go struct field Probe.spec.containers.livenessProbe.ProbeHandler.tcpSocket of type v1.TCPSocketAction')
    expect(only(pod('{"volumes":[{"name":"v","emptyDir":{"medium":5}}]}'))).toBe('json: cannot unmarshal number into Go struct field EmptyDirVolumeSource.spec.volumes.VolumeSource.emptyDir.medium of type v1.StorageMedium')
    expect(only(pod('{"containers":{"name":"c"}}'))).toBe('json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container')
    expect(only('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":true}}')).toBe('json: cannot unmarshal bool into Go struct field ConfigMap.data of type string')
  })

  it('judges numbers by their text', () => {
    const deployment = (replicas: string): string => `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":${replicas}}}`
    for (const text of ['3.0', '1e2', '1.5', '3000000000']) expect(only(deployment(text))).toBe(`json: cannot unmarshal number ${text} into Go struct field DeploymentSpec.spec.replicas of type int32`)
    expect(judge('apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  replicas: 3.0\n').stage).toBe('invalid')
  })

  it('lets a type that decodes itself end decoding, whatever came before', () => {
    expect(only(pod('{"containers":[{"name":1,"resources":{"limits":{"memory":"1 Gi"}}}]}'))).toMatch(/^quantities must match/)
    expect(only(pod('{"activeDeadlineSeconds":"x","restartPolicy":1}'))).toBe('json: cannot unmarshal string into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64')
  })

  it('gives values their types: quantities canonical, nulls gone, base64 checked', () => {
    const { object } = judge('apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: null}\nspec:\n  containers:\n  - {name: c, image: i, command: [a, null], resources: {limits: {cpu: 1000m, memory: 0.5Gi}}}\n')
    expect(object.metadata.labels).toBeUndefined()
    expect(object.spec.containers[0].command).toEqual(['a', ''])
    expect(object.spec.containers[0].resources.limits).toEqual({ cpu: '1', memory: '512Mi' })
    expect(only('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"YQ="}}')).toBe('illegal base64 data at input byte 3')
  })

  it('tells of several values that decode themselves the first that is sent', () => {
    expect(only(pod('{"containers":[{"name":"c","resources":{"limits":{"cpu":"x"}}}],"activeDeadlineSeconds":"5"}').replace('"name":"p"', '"name":"p","creationTimestamp":"now"'))).toMatch(/^parsing time "now"/)
  })

  it('reads bytes from a list of numbers too', () => {
    expect(judge('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":[104,105]}}').object['data']).toEqual({ a: 'aGk=' })
    expect(only('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":[104,300]}}')).toBe('json: cannot unmarshal number 300 into Go struct field Secret.data of type uint8')
  })

  it('names the types of a status and of a definition', () => {
    expect(only('{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"status":{"conditions":[{"status":true}]}}')).toBe('json: cannot unmarshal bool into Go struct field DeploymentCondition.status.conditions.status of type v1.ConditionStatus')
    const schema = (text: string): string => `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"d"},"spec":{"versions":[{"schema":{"openAPIV3Schema":${text}}}]}}`
    expect(only(schema('{"x-kubernetes-validations":{}}'))).toBe('json: cannot unmarshal object into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.x-kubernetes-validations of type v1.ValidationRules')
    expect(only(schema('{"maximum":1e999}'))).toBe('json: cannot unmarshal number 1e999 into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.maximum of type float64')
  })

  it('keeps the text of an amount that looks canonical to the server', () => {
    const amount = (text: string): unknown => judge(pod(`{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"${text}"}}}]}`)).object.spec.containers[0].resources.requests.cpu
    for (const text of ['1.500', '+5', '007', '12E3', '1500Mi']) expect(amount(text)).toBe(text)
    for (const [text, printed] of [['1000m', '1'], ['0.5', '500m'], ['2048Mi', '2Gi'], ['1000', '1k'], ['-', '0'], ['Ki', '0']]) expect(amount(text!)).toBe(printed)
  })

  it('lists a hundred unknown fields and quotes their names', () => {
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`f${String(index).padStart(3, '0')}`, 1]))
    const { strict } = admit({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, ...many } as unknown as K8sObject)
    expect([strict.length, strict[99]!.path]).toEqual([100, 'f099'])
    expect(judge('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"a\\"b":1}').strict[0]!.message).toBe('unknown field "a\\"b"')
  })

  it('lists every unknown field, with its place', () => {
    const document = parseManifest('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  Labels: {}\nDATA: {}\ndata: {constructor: x}\n').documents[0]!
    const { stage, errors, strict, warnings } = admit(document.object!)
    expect(stage).toBe('strict')
    expect(errors).toEqual(strict)
    expect(strict.map((error) => error.message)).toEqual(['unknown field "metadata.Labels"', 'unknown field "DATA"'])
    expect(warnings[0]).toBe('strict decoding error: unknown field "metadata.Labels"')
    expect(strict.map((error) => document.rangeOf(error.segments, 'key').start.line)).toEqual([5, 6])
  })

  it('goes on to validation without the unknown fields', () => {
    const { stage, errors, strict } = judge('apiVersion: v1\nkind: ConfigMap\nmetadata: {names: c}\n')
    expect([stage, errors.map((error) => error.path), strict.length]).toEqual(['invalid', ['metadata.name'], 1])
  })

  it('says unknown of what it does not know, and leaves it alone', () => {
    const object = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' }, spec: { a: [1] } } as K8sObject
    expect(admit(object)).toEqual({ stage: 'unknown', object, errors: [], strict: [], warnings: [] })
    expect(admit({ kind: 5 } as unknown as K8sObject).stage).toBe('unknown')
  })

  it('puts objects into their namespace', () => {
    expect(admit({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }).object.metadata.namespace).toBe('default')
    expect(admit({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'c', namespace: 'x' } }).object.metadata).toEqual({ name: 'c' })
  })

  it('names an object by generateName', () => {
    expect(admit({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', generateName: 'c-' } }).errors).toEqual([])
    expect(admit({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', generateName: 'My_C-' } }).errors.map((error) => error.path)).toEqual(['metadata.generateName', 'metadata.name'])
  })
})

describe('schemas', () => {
  it('know every version’s kinds', () => {
    expect(schemasOf('1.36').all().length).toBeGreaterThan(80)
    for (const version of ['1.34', '1.35', '1.36'] as const) for (const kind of ['v1 Pod', 'apps/v1 Deployment', 'autoscaling/v2 HorizontalPodAutoscaler']) expect(schemasOf(version).kind(...(kind.split(' ') as [string, string]))).toBeDefined()
    expect(schemasOf('1.36').kind('v1', 'Pods')).toBeUndefined()
  })

  it('differ between versions', () => {
    const fields = (version: '1.34' | '1.35' | '1.36'): string[] => [...schemasOf(version).typeOf('V1PodSpec').fields.keys()]
    expect(fields('1.36')).toContain('schedulingGroup')
    expect(fields('1.34')).not.toContain('schedulingGroup')
    // 1.35 had another way to say which group a Pod belongs to.
    expect(fields('1.35')).not.toContain('schedulingGroup')
    expect([fields('1.35').includes('workloadRef'), fields('1.36').includes('workloadRef')]).toEqual([true, false])
    expect(schemasOf('1.35').typeOf('V1CSIDriverSpec').fields.has('serviceAccountTokenInSecrets')).toBe(true)
    expect(schemasOf('1.34').typeOf('V1CSIDriverSpec').fields.has('serviceAccountTokenInSecrets')).toBe(false)
    const object = parseManifest(pod('{"schedulingGroup":{},"containers":[{"name":"c","image":"i"}]}')).documents[0]!.object!
    expect([admit(object).strict, admit(object, { version: '1.34' }).strict.map((error) => error.path)]).toEqual([[], ['spec.schedulingGroup']])
  })

  it('know which kinds came and went', () => {
    const has = (apiVersion: string, kind: string): boolean[] => (['1.34', '1.35', '1.36'] as const).map((version) => schemasOf(version).kind(apiVersion, kind) !== undefined)
    expect(has('scheduling.k8s.io/v1alpha1', 'Workload')).toEqual([false, true, false])
    expect(has('scheduling.k8s.io/v1alpha2', 'Workload')).toEqual([false, false, true])
    expect(has('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy')).toEqual([false, false, true])
    expect(has('storagemigration.k8s.io/v1beta1', 'StorageVersionMigration')).toEqual([false, true, true])
    expect(has('certificates.k8s.io/v1alpha1', 'PodCertificateRequest')).toEqual([true, false, false])
    const workload = parseManifest('{"apiVersion":"scheduling.k8s.io/v1alpha1","kind":"Workload","metadata":{"name":"w"},"spec":{"podGroups":[{"name":"a","policy":{"gang":{"minCount":"x"}}}]}}').documents[0]!.object!
    expect(admit(workload, { version: '1.35' }).stage).toBe('decode')
  })

  it('tell what is declared at a path, and its documentation', async () => {
    const type = schemasOf('1.36').typeOf(schemasOf('1.36').kind('apps/v1', 'Deployment')!.model)
    const found = declarationAt(type, ['spec', 'template', 'spec', 'containers', 0, 'livenessProbe', 'periodSeconds'])!
    expect([found.shape.is, found.owner!.name, found.field]).toEqual(['int32', 'Probe', 'periodSeconds'])
    expect(declarationAt(type, ['spec', 'selector', 'matchLabels', 'app'])!.shape.is).toBe('string')
    expect(declarationAt(type, ['spec', 'nope'])).toBeUndefined()
    expect(aboutField((await loadDocumentation('apps/v1', 'Deployment'))!, found.owner!, found.field!)).toMatch(/^How often \(in seconds\) to perform the probe/)
    expect(loadDocumentation('v1', 'Nope')).toBeUndefined()
  })

  it('type every field of amounts as a quantity', () => {
    const found = new Set<string>()
    const walk = (model: string, seen: Set<string>): void => {
      if (seen.has(model)) return
      seen.add(model)
      for (const [name, shape] of schemasOf('1.36').typeOf(model).fields) {
        let inner = shape
        while (inner.is === 'list' || inner.is === 'map') inner = inner.of
        if (inner.is === 'quantity') found.add(`${model}.${name}`)
        if (inner.is === 'object') walk(inner.type.model, seen)
      }
    }
    const seen = new Set<string>()
    for (const kind of schemasOf('1.36').all()) walk(kind.model, seen)
    expect(found.size).toBeGreaterThanOrEqual(61)
    for (const place of ['V1ResourceRequirements.limits', 'V1EmptyDirVolumeSource.sizeLimit', 'V2MetricTarget.averageValue', 'V1LimitRangeItem.max', 'V1PersistentVolumeSpec.capacity']) expect(found).toContain(place)
  })
})
