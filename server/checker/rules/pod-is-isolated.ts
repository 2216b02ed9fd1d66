import { podOf } from '../pods.ts'
import { isolates, policiesOf } from '../policies.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

export default defineRule({
  id: 'pod-is-isolated',
  category: 'network',
  severity: 'hint',
  optional: true,
  title: { en: 'Every Pod is isolated by a NetworkPolicy', 'zh-CN': '每个 Pod 都受 NetworkPolicy 隔离' },
  why: { en: 'Pods that no policy selects accept connections from every Pod of the cluster.', 'zh-CN': '没有被任何策略选中的 Pod 接受集群中所有 Pod 的连接。' },
  fix: { en: 'Add a policy that denies by default in the namespace, then one for each connection that is needed.', 'zh-CN': '在 namespace 中添加默认拒绝的策略，再为每个需要的连接添加放行策略。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies'],
  kinds: ['workloads'],
  *check(subject, all) {
    const pod = podOf(subject)!
    const workload = { object: subject, pod, namespace: subject.metadata.namespace ?? '' }
    if (pod.spec.hostNetwork === true || policiesOf(workload, all).some((policy) => isolates(policy, 'ingress'))) return
    yield { at: [...pod.path, 'metadata', 'labels'], message: { en: `No NetworkPolicy in these manifests restricts who may connect to ${subject.kind} "${subject.metadata.name}".`, 'zh-CN': `这些清单里没有 NetworkPolicy 限制谁可以访问 ${subject.kind} "${subject.metadata.name}"。` } }
  },
  examples: { good: [file(deployment('login'), object('networking.k8s.io/v1', 'NetworkPolicy', 'deny', 'spec: { podSelector: {} }'))], bad: [{ yaml: deployment('login'), expect: ['spec.template.metadata.labels'] }] },
})
