import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const labels = { a: 'b' }
const template: Fields = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } }
const workload = (kind: string, rest: Fields = {}, name = 'a'): K8sObject => ({ apiVersion: kind === 'ReplicationController' ? 'v1' : 'apps/v1', kind, metadata: { name, namespace: 'game' }, spec: { selector: kind === 'ReplicationController' ? labels : { matchLabels: labels }, template, ...rest } })
const at = (value: unknown, path: string): unknown => path.split('.').reduce((inner: any, key) => inner?.[key], value)
const said = (next: K8sObject, old?: K8sObject): string[] => admit(next, old ? { old: admit(old).object } : {}).errors.map((error) => `${error.path}: ${error.message}`)
const withImage = (image: string): Fields => ({ ...template, spec: { containers: [{ name: 'c', image }] } })

describe('defaults of workloads', () => {
  it.each<[string, K8sObject, string, unknown]>([
    ['a Deployment has one replica', workload('Deployment'), 'spec.replicas', 1],
    ['a quarter of them may roll at once', workload('Deployment'), 'spec.strategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } }],
    ['a named maximum leaves the other', workload('Deployment', { strategy: { rollingUpdate: { maxSurge: 2 } } }), 'spec.strategy.rollingUpdate', { maxUnavailable: '25%', maxSurge: 2 }],
    ['Recreate has no maxima', workload('Deployment', { strategy: { type: 'Recreate' } }), 'spec.strategy', { type: 'Recreate' }],
    ['ten old ReplicaSets are kept', workload('Deployment'), 'spec.revisionHistoryLimit', 10],
    ['a rollout is given up after ten minutes', workload('Deployment'), 'spec.progressDeadlineSeconds', 600],
    ['a DaemonSet replaces one Pod at a time', workload('DaemonSet'), 'spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }],
    ['a StatefulSet starts in order', workload('StatefulSet'), 'spec.podManagementPolicy', 'OrderedReady'],
    ['it rolls from partition 0', workload('StatefulSet'), 'spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }],
    ['it keeps its claims', workload('StatefulSet'), 'spec.persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Retain', whenScaled: 'Retain' }],
    ['a ReplicationController selects by its template', workload('ReplicationController', { selector: undefined }), 'spec.selector', labels],
    ['a ReplicaSet has one replica', workload('ReplicaSet'), 'spec.replicas', 1],
  ])('%s', (_name, given, path, expected) => {
    const { object, errors } = admit(given)
    expect(errors).toEqual([])
    expect(at(object, path)).toEqual(expected)
  })
})

describe('creation of workloads', () => {
  it.each<[string, K8sObject, string[]]>([
    ['needs a selector', workload('Deployment', { selector: undefined }), ['spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`']],
    ['refuses an empty selector', workload('Deployment', { selector: {} }), ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
    ['needs labels that are selected', workload('Deployment', { template: { ...template, metadata: { labels: { a: 'c' } } } }), ['spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`']],
    ['restarts always', workload('ReplicaSet', { template: { ...template, spec: { ...(template.spec as Fields), restartPolicy: 'Never' } } }), ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
    ['has no deadline for its Pods', workload('Deployment', { template: { ...template, spec: { ...(template.spec as Fields), activeDeadlineSeconds: 5 } } }), ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported']],
    ['can\'t stand still', workload('Deployment', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }), ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0']],
    ['has whole shares', workload('Deployment', { strategy: { rollingUpdate: { maxUnavailable: '120%' } } }), ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "120%": must not be greater than 100%']],
    ['gives more time than it waits', workload('Deployment', { minReadySeconds: 60, progressDeadlineSeconds: 60 }), ['spec.progressDeadlineSeconds: Invalid value: 60: must be greater than minReadySeconds']],
    ['of StatefulSets refuses dots', workload('StatefulSet', {}, 'a.b'), ['metadata.name: Invalid value: "a.b": must not contain dots']],
    ['of StatefulSets takes claims for volumes', workload('StatefulSet', {
      template: { ...template, spec: { containers: [{ name: 'c', image: 'i:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
    }), []],
    ['of StatefulSets wants Pods that restart, whatever else is wrong', workload('StatefulSet', { selector: { matchLabels: { 'a b': 'c' } }, template: { ...template, spec: { ...(template.spec as Fields), restartPolicy: 'Never' } } }), [expect.stringMatching(/^spec\.selector\.matchLabels: Invalid value: "a b": /) as string, 'spec.selector: Invalid value: {"matchLabels":{"a b":"c"}}', 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
    ['of DaemonSets takes one of two ways', workload('DaemonSet', { updateStrategy: { rollingUpdate: { maxSurge: 1 } } }), ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})

describe('update of workloads', () => {
  const other = { selector: { matchLabels: { c: 'd' } }, template: { ...template, metadata: { labels: { c: 'd' } } } }
  it.each<[string, K8sObject, K8sObject, string[]]>([
    ['may roll a Deployment', workload('Deployment', { template: withImage('nginx:1.28'), replicas: 3 }), workload('Deployment'), []],
    ...['Deployment', 'ReplicaSet', 'DaemonSet'].map((kind): [string, K8sObject, K8sObject, string[]] => [`keeps the selector of a ${kind}`, workload(kind, other), workload(kind), ['spec.selector: Invalid value: {"matchLabels":{"c":"d"}}: field is immutable']]),
    ['may scale and roll a StatefulSet', workload('StatefulSet', { template: withImage('nginx:1.28'), replicas: 3, minReadySeconds: 5 }), workload('StatefulSet'), []],
    ['keeps the Service of a StatefulSet', workload('StatefulSet', { serviceName: 'x' }), workload('StatefulSet', { serviceName: 'y' }), ["spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"]],
    ['judges the rest as a creation does', workload('Deployment', { replicas: -1 }), workload('Deployment'), ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  ])('%s', (_name, next, old, expected) => expect(said(next, old)).toEqual(expected))
})

describe('warnings of workloads', () => {
  const warned = (given: K8sObject): string[] => admit(given).warnings
  it.each<[string, K8sObject, string[]]>([
    ['an ordinary one has none', workload('Deployment'), []],
    ['a variable twice', workload('Deployment', { template: { ...template, spec: { containers: [{ name: 'c', image: 'i:1', env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] }] } } }), ['spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply']],
    ['a variable that goes on from itself', workload('Deployment', { template: { ...template, spec: { containers: [{ name: 'c', image: 'i:1', env: [{ name: 'A', value: '1' }, { name: 'A', value: '$(A):2' }] }] } } }), []],
    ['an old node label', workload('Deployment', { template: { ...template, spec: { containers: [{ name: 'c', image: 'i:1' }], nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } } }), ['spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']],
    ['a claim of half a byte', workload('StatefulSet', { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1500m' } } } }] }), ['spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer']],
    ['a name that is no host name', workload('Deployment', {}, 'a.b'), ['metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]']],
  ])('%s', (_name, given, expected) => expect(warned(given)).toEqual(expected))
})
