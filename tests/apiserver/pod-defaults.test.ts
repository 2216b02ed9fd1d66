import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const pod = (spec: Fields): K8sObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec } })
const container = (fields: Fields): K8sObject => pod({ containers: [{ name: 'c', image: 'nginx:1.27', ...fields }] })
const volume = (source: Fields): K8sObject => pod({ volumes: [{ name: 'v', ...source }] })
const at = (value: unknown, path: string): unknown => path.split('.').reduce((inner: any, key) => inner?.[key], value)
const template = (kind: string, spec: Fields, rest: Fields = {}): K8sObject => ({ apiVersion: 'apps/v1', kind, metadata: { name: 'a' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec }, ...rest } })

describe('pull policy', () => {
  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['registry.example:5000/nginx', 'Always'],
    ['registry.example:5000/nginx:1.27', 'IfNotPresent'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
    [`nginx:latest@sha256:${'a'.repeat(64)}`, 'Always'],
  ])('of %s is %s', (image, policy) => expect(at(admit(container({ image })).object, 'spec.containers.0.imagePullPolicy')).toBe(policy))
})

describe('what a Pod gets that says little', () => {
  it.each<[string, K8sObject, string, unknown]>([
    ['it restarts always', pod({}), 'spec.restartPolicy', 'Always'],
    ['it asks the cluster for names', pod({}), 'spec.dnsPolicy', 'ClusterFirst'],
    ['the default scheduler places it', pod({}), 'spec.schedulerName', 'default-scheduler'],
    ['it has thirty seconds to stop', pod({}), 'spec.terminationGracePeriodSeconds', 30],
    ['it learns of Services', pod({}), 'spec.enableServiceLinks', true],
    ['its security context is there', pod({}), 'spec.securityContext', {}],
    ['a port speaks TCP', container({ ports: [{ containerPort: 80 }] }), 'spec.containers.0.ports.0.protocol', 'TCP'],
    ['with the host network a port is the host\'s', pod({ hostNetwork: true, containers: [{ name: 'c', image: 'i:1', ports: [{ containerPort: 80 }] }] }), 'spec.containers.0.ports.0.hostPort', 80],
    ['a last message is a file', container({}), 'spec.containers.0.terminationMessagePath', '/dev/termination-log'],
    ['a limit is the request', container({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '0.5' } } }), 'spec.containers.0.resources.requests', { cpu: '500m', memory: '1Gi' }],
    ['a probe fails at the third time', container({ livenessProbe: { tcpSocket: { port: 80 } } }), 'spec.containers.0.livenessProbe', { tcpSocket: { port: 80 }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }],
    ['a zero in a probe is no value', container({ livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 0 } }), 'spec.containers.0.livenessProbe.periodSeconds', 10],
    ['HTTP goes to the root', container({ readinessProbe: { httpGet: { port: 80 } } }), 'spec.containers.0.readinessProbe.httpGet', { port: 80, path: '/', scheme: 'HTTP' }],
    ['a field reference is of v1', container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }), 'spec.containers.0.env.0.valueFrom.fieldRef.apiVersion', 'v1'],
    ['a ConfigMap is mounted 0644', volume({ configMap: { name: 'x' } }), 'spec.volumes.0.configMap.defaultMode', 0o644],
    ['a token lives an hour', { ...volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }) }, 'spec.volumes.0.projected.sources.0.serviceAccountToken.expirationSeconds', 3600],
    ['a volume without a source is an empty directory', volume({}), 'spec.volumes.0.emptyDir', {}],
    ['a host path has no type', volume({ hostPath: { path: '/x' } }), 'spec.volumes.0.hostPath.type', ''],
    ['the old name of the account is read', pod({ serviceAccount: 'x' }), 'spec.serviceAccountName', 'x'],
    ['a negative grace period is one second', pod({ terminationGracePeriodSeconds: -5 }), 'spec.terminationGracePeriodSeconds', 1],
  ])('%s', (_name, given, path, expected) => expect(at(admit(given).object, path)).toEqual(expected))

  it('leaves requests of a template to the Pods made of it', () => {
    const { object } = admit(template('Deployment', { containers: [{ name: 'c', image: 'i:1', resources: { limits: { cpu: '1' } } }] }))
    expect(at(object, 'spec.template.spec.containers.0.resources')).toEqual({ limits: { cpu: '1' } })
  })

  it('drops fields of features that are switched off', () => {
    const { object, errors } = admit(container({ lifecycle: { stopSignal: 'SIGUSR1' } }))
    expect(errors).toEqual([])
    expect(at(object, 'spec.containers.0.lifecycle')).toBeUndefined()
  })

  it('writes nothing into what it is given', () => {
    const frozen = deepFrozen(pod({ terminationGracePeriodSeconds: -5, volumes: [{ name: 'v' }], resources: { limits: { cpu: '1' } }, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'k', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['a'], labelSelector: {} }] }))
    expect(() => admit(frozen)).not.toThrow()
  })
})

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    for (const item of Object.values(value)) deepFrozen(item)
  }
  return value
}
