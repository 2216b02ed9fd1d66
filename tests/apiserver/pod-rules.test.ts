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
    ['need all three', fromFile({}, []), [`${inEnv}.key: Required value`, `${inEnv}.volumeName: Required value`, `${inEnv}.path: Required value`]],
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
