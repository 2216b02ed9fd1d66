import { resolvePort } from '../../k8s/port.ts'
import { namespaceOf } from '../inventory.ts'
import { called, listed } from '../naming.ts'
import { isolates, letsPort, policiesOf, rulesOf } from '../policies.ts'
import { declaredPorts } from '../ports.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object, service } from '../samples.ts'

const pod = 'containers: [{ name: app, image: "login:1", ports: [{ name: http, containerPort: 8080 }, { name: metrics, containerPort: 9090 }] }]'
const web = service('login', 'selector: { app: login }, ports: [{ port: 80, targetPort: http }]')
const policy = (ingress: string): string => object('networking.k8s.io/v1', 'NetworkPolicy', 'login', `spec: { podSelector: { matchLabels: { app: login } }, policyTypes: [Ingress]${ingress} }`)

export default defineRule({
  id: 'service-port-is-let-in',
  category: 'network',
  severity: 'warning',
  title: { en: 'The NetworkPolicies of its Pods let a port of a Service in', 'zh-CN': 'Pod 的 NetworkPolicy 放行 Service 的端口' },
  why: { en: 'When the policies isolate the Pods and no rule of any of them opens the targetPort, every connection to this port of the Service times out, from wherever it comes.', 'zh-CN': '如果策略隔离了这些 Pod，又没有任何规则放行 targetPort，那么无论从哪里访问 Service 的这个端口都会超时。' },
  fix: { en: 'Add the port to an ingress rule of a policy, or remove it from the Service.', 'zh-CN': '在策略的 ingress 规则中加上这个端口，或者从 Service 中删除它。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation'],
  kinds: ['Service'],
  *check(subject, all) {
    if (all.list('NetworkPolicy').length === 0) return
    const selected = all.selectedBy(subject.spec?.selector as Record<string, string> | undefined, namespaceOf(subject)).filter(({ pod: part }) => part.spec.hostNetwork !== true)
    if (selected.length === 0) return
    for (const [index, port] of list(subject.spec?.ports).entries()) {
      const protocol = (port.protocol ?? 'TCP') as string
      const closing = selected.map((workload) => {
        const policies = policiesOf(workload, all).filter((policy) => isolates(policy, 'ingress'))
        const target = resolvePort(port.targetPort as number | string, declaredPorts(workload).map((declared) => ({ name: declared.name, containerPort: declared.port, protocol: declared.protocol })), protocol)
        const rules = rulesOf(policies, 'ingress')
        // A policy that closes everything is meant to; what it needs stands in another one, perhaps in the cluster.
        return rules.length > 0 && target !== undefined && !rules.some((rule) => letsPort(rule, target, protocol, workload)) ? { workload, policies, target } : undefined
      })
      const first = closing[0]
      if (!first || closing.some((entry) => !entry)) continue
      const names = listed(first.policies.map(called))
      yield { at: ['spec', 'ports', index], message: { en: `No rule of ${names.en} opens port ${first.target}/${protocol} of ${called(first.workload.object)}.`, 'zh-CN': `${names['zh-CN']} 中没有规则放行 ${called(first.workload.object)} 的端口 ${first.target}/${protocol}。` } }
    }
  },
  examples: {
    good: [file(deployment('login', pod), web, policy(', ingress: [{ ports: [{ port: http }] }]')), file(deployment('login', pod), web, policy(', ingress: [{ from: [{ podSelector: {} }] }]')), file(deployment('login', pod), web, policy(''))],
    bad: [{ yaml: file(deployment('login', pod), web, policy(', ingress: [{ ports: [{ port: 9090 }] }]')), expect: ['spec.ports[0]'] }],
  },
})
