import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const pod = (spec: Fields, annotations?: Record<string, string>): K8sObject => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'game', ...(annotations && { annotations }) }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec },
})
const toleration = (key: string, seconds?: number): Fields => ({ key, operator: 'Exists', effect: 'NoExecute', ...(seconds === undefined ? {} : { tolerationSeconds: seconds }) })
const gated = (rest: Fields): K8sObject => pod({ schedulingGates: [{ name: 'wait' }], ...rest })
const terms = (...keys: string[]): Fields => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: keys.map((key) => ({ key, operator: 'Exists' })) }] } } })

/** Path and message of each error, up to the end of a message's first line. */
function said(next: K8sObject, old: K8sObject): string[] {
  return admit(next, { old: admit(old).object }).errors.map((error) => `${error.path}: ${error.message.split('\n')[0]}`)
}

const others = 'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

describe('an update of a Pod', () => {
  it.each<[string, K8sObject, K8sObject, string[]]>([
    ['may bring another image', pod({ containers: [{ name: 'c', image: 'nginx:1.28' }] }), pod({}), []],
    ['may bring other labels', { ...pod({}), metadata: { name: 'a', namespace: 'game', labels: { a: 'b' } } }, pod({}), []],
    ['may not bring another command', pod({ containers: [{ name: 'c', image: 'nginx:1.27', command: ['x'] }] }), pod({}), [others]],
    ['may not bring another node', pod({ nodeSelector: { a: 'b' } }), pod({}), [others]],
    ['may not bring another container', pod({ containers: [{ name: 'c', image: 'nginx:1.27' }, { name: 'd', image: 'i:1' }] }), pod({}), ['spec.containers: Forbidden: pod updates may not add or remove containers']],
    ['may not bring padded images', pod({ containers: [{ name: 'c', image: ' nginx' }] }), pod({}), ['spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace', 'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace']],
    ['may set a deadline', pod({ activeDeadlineSeconds: 5 }), pod({}), []],
    ['may lower a deadline', pod({ activeDeadlineSeconds: 5 }), pod({ activeDeadlineSeconds: 9 }), []],
    ['may not raise a deadline', pod({ activeDeadlineSeconds: 9 }), pod({ activeDeadlineSeconds: 5 }), ['spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value']],
    ['may not lift a deadline', pod({}), pod({ activeDeadlineSeconds: 5 }), ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value']],
    ['may add a toleration', pod({ tolerations: [toleration('a'), toleration('b')] }), pod({ tolerations: [toleration('a')] }), []],
    ['may change how long one lasts', pod({ tolerations: [toleration('a', 9)] }), pod({ tolerations: [toleration('a', 5)] }), []],
    ['may not drop a toleration', pod({ tolerations: [toleration('b')] }), pod({ tolerations: [toleration('a')] }), ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds']],
    ['may open a gate', pod({}), gated({}), []],
    ['may not close a gate', gated({}), pod({}), ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'wait'"]],
    ['may narrow a gated Pod', gated({ nodeSelector: { a: 'b', c: 'd' } }), gated({ nodeSelector: { a: 'b' } }), []],
    ['may not widen a gated Pod', gated({ nodeSelector: { c: 'd' } }), gated({ nodeSelector: { a: 'b' } }), ['spec.nodeSelector: Invalid value: {"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)']],
    ['may ask more of a node while gated', gated({ affinity: terms('a', 'b') }), gated({ affinity: terms('a') }), []],
    ['may not ask another thing of a node while gated', gated({ affinity: terms('b') }), gated({ affinity: terms('a') }), ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"MatchExpressions":[{"Key":"b","Operator":"Exists","Values":null}],"MatchFields":null}: only additions are allowed (no mutations or deletions)']],
    ['may not ask nothing of a node while gated', gated({}), gated({ affinity: terms('a') }), ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Invalid value: null: no additions/deletions to non-empty NodeSelectorTerms list are allowed']],
    ['loses what is switched off', pod({ schedulingGroup: { podGroupName: 'g' }, containers: [{ name: 'c', image: 'nginx:1.27', lifecycle: { stopSignal: 'SIGTERM' } }] }), pod({}), []],
    ['counts a negative grace period as one second', pod({ terminationGracePeriodSeconds: -3 }), pod({ terminationGracePeriodSeconds: -1 }), []],
    ['may not add an AppArmor annotation', pod({}, { 'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default' }), pod({}), ['metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may not add AppArmor annotations']],
  ])('%s', (_name, next, old, expected) => expect(said(next, old)).toEqual(expected))

  it('says which fields changed', () => {
    const [error] = admit(pod({ nodeSelector: { a: 'b' }, hostNetwork: true }), { old: admit(pod({})).object }).errors
    expect(error!.message).toContain('nodeSelector')
    expect(error!.message).toContain('hostNetwork')
  })
})
