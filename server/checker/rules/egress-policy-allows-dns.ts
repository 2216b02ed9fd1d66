import type { Fields } from '../../k8s/object.ts'
import type { LabelSelector } from '../../k8s/selector.ts'
import { selects } from '../../k8s/selector.ts'
import { namespaceOf, type Inventory, type Workload } from '../inventory.ts'
import { called } from '../naming.ts'
import { isolates, letsPort, policiesOf, rulesOf } from '../policies.ts'
import { list } from '../references.ts'
import { runningContainers } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const policy = (name: string, egress: string): string => object('networking.k8s.io/v1', 'NetworkPolicy', name, `spec:\n  podSelector: { matchLabels: { app: login } }\n  policyTypes: [Egress]\n  egress: ${egress}`)
const toDatabase = '{ to: [{ podSelector: { matchLabels: { app: db } } }], ports: [{ port: 5432 }] }'
const toDns = '{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }], ports: [{ port: 53, protocol: UDP }, { port: 53 }] }'

/** Could the rule lead to the cluster's DNS servers? They are in kube-system, or behind an address of the node. */
function allowsDns(rule: Fields, policyNamespace: string): boolean {
  if (!letsPort(rule, 53, 'UDP', undefined) && !list(rule.ports).some((entry) => typeof entry.port === 'string' && entry.protocol === 'UDP')) return false
  const peers = list(rule.to)
  return peers.length === 0 || peers.some((peer) => peer.ipBlock !== undefined || policyNamespace === 'kube-system' || (peer.namespaceSelector && !isOnlyElsewhere(peer.namespaceSelector as LabelSelector)))
}

/** Names of namespaces are known labels; any other label could be on kube-system. */
function isOnlyElsewhere(selector: LabelSelector): boolean {
  const name = 'kubernetes.io/metadata.name'
  const known: LabelSelector = { matchLabels: selector.matchLabels?.[name] === undefined ? {} : { [name]: selector.matchLabels[name]! }, matchExpressions: (selector.matchExpressions ?? []).filter(({ key }) => key === name) }
  return !selects(known, { [name]: 'kube-system' })
}

/** A Service among the inputs that the pod is told to call by name. */
function calledByName({ pod, namespace }: Workload, all: Inventory): string | undefined {
  const texts = runningContainers(pod.spec, []).flatMap(({ container }) => [...list(container.env).map(({ value }) => value as unknown), ...((container.args ?? []) as unknown[]), ...((container.command ?? []) as unknown[])]).filter((text) => typeof text === 'string') as string[]
  if (texts.length === 0) return undefined
  const words = new Set(texts.flatMap((text) => text.split(/[^a-z0-9-]+/)))
  return all.list('Service', namespace).map(({ metadata }) => metadata.name).find((name) => words.has(name) && !selects({ matchLabels: { app: name } }, pod.metadata.labels))
}

export default defineRule({
  id: 'egress-policy-allows-dns',
  category: 'network',
  severity: 'warning',
  title: { en: 'Pods whose egress is restricted may still ask DNS', 'zh-CN': '限制 egress 的 Pod 仍可访问 DNS' },
  why: { en: 'Names are resolved by Pods in kube-system over UDP port 53. When no egress rule leads there, each connection by name fails first with a timeout of the lookup, although the rule for its target is right.', 'zh-CN': '域名由 kube-system 中的 Pod 通过 UDP 53 端口解析。如果没有 egress 规则放行它，按域名建立的连接都会先在解析阶段超时，哪怕针对目标的规则写对了。' },
  fix: { en: 'Add an egress rule to namespace kube-system (or to the Pods labelled k8s-app: kube-dns there) for port 53, UDP and TCP.', 'zh-CN': '添加一条 egress 规则，允许访问 kube-system（或其中带 k8s-app: kube-dns 标签的 Pod）的 53 端口，UDP 和 TCP 都要。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/', 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/'],
  kinds: ['NetworkPolicy'],
  *check(subject, all) {
    if (!isolates(subject, 'egress')) return
    for (const workload of all.matching(subject.spec?.podSelector as LabelSelector | undefined, namespaceOf(subject))) {
      if (workload.pod.spec.hostNetwork === true || workload.pod.spec.dnsPolicy === 'None' || workload.object.kind === 'Job') continue
      const policies = policiesOf(workload, all).filter((policy) => isolates(policy, 'egress'))
      const rules = rulesOf(policies, 'egress')
      if (policies[0] !== subject || rules.some((rule) => allowsDns(rule, namespaceOf(subject)))) continue
      const name = calledByName(workload, all)
      // Pods that may go nowhere need no names, unless they are told some.
      if (rules.length === 0 && name === undefined) continue
      const target = name === undefined ? { en: '', 'zh-CN': '' } : { en: ` It is told to call "${name}".`, 'zh-CN': `而它要访问 "${name}"。` }
      yield { at: ['spec', 'egress'], message: { en: `No rule lets ${called(workload.object)} reach DNS (UDP port 53).${target.en}`, 'zh-CN': `没有规则允许 ${called(workload.object)} 访问 DNS（UDP 53 端口）。${target['zh-CN']}` } }
      return
    }
  },
  examples: {
    good: [
      file(deployment('login'), policy('login', `[${toDatabase}, ${toDns}]`)),
      file(deployment('login'), policy('login', `[${toDatabase}]`), policy('dns', `[${toDns}]`)),
      policy('login', `[${toDatabase}]`),
      file(deployment('login'), policy('login', '[]')),
    ],
    bad: [
      { yaml: file(deployment('login'), policy('login', `[${toDatabase}]`)), expect: ['spec.egress'] },
      { yaml: file(deployment('login'), policy('login', `[${toDatabase}, { ports: [{ port: 53 }] }]`)), expect: ['spec.egress'] },
    ],
  },
})
