import type { Fields, K8sObject } from '../../k8s/object.ts'
import { isEmptySelector, printSelector, selects, type LabelSelector } from '../../k8s/selector.ts'
import { namespaceOf, nearestName, type Inventory } from '../inventory.ts'
import { listed } from '../naming.ts'
import { knownNamespaces } from '../policies.ts'
import { list } from '../references.ts'
import type { Report } from '../rule.ts'
import { defineRule } from '../rule.ts'
import { selectsNoPod } from '../selection.ts'
import { deployment, file, object } from '../samples.ts'

const nameLabel = 'kubernetes.io/metadata.name'
const policy = (peer: string, namespace = ''): string => object('networking.k8s.io/v1', 'NetworkPolicy', 'db', `spec:\n  podSelector: { matchLabels: { app: db } }\n  ingress: [{ from: [{ ${peer} }] }]`, namespace)
const monitoring = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: monitoring }\n'

/** A selector of namespaces that takes none of those that are here, when it is clear which was meant. */
function* missesNamespace(selector: LabelSelector, at: Report['at'], all: Inventory): Generator<Report> {
  const known = knownNamespaces(all)
  if (isEmptySelector(selector) || known.some((name) => selects(selector, all.namespaceLabels(name)))) return
  const entries = Object.entries(selector.matchLabels ?? {})
  const written = all.list('Namespace').map(({ metadata }) => metadata.name)
  const [key, value] = entries.length === 1 ? entries[0]! : []
  if (key === undefined || value === undefined) return
  if (key === nameLabel) {
    const near = nearestName(value, written)
    if (near) yield { at, change: { title: { en: `Change it to "${near}"`, 'zh-CN': `改为 "${near}"` }, path: [...at, 'matchLabels', key], value: near }, message: { en: `There is no namespace "${value}" in these manifests, but there is "${near}".`, 'zh-CN': `这些清单里没有 namespace "${value}"，但有 "${near}"。` } }
  } else if (written.includes(value) && !Object.hasOwn(all.namespaceLabels(value), key)) {
    yield { at, change: { title: { en: `Select by ${nameLabel}`, 'zh-CN': `改用 ${nameLabel} 选择` }, path: [...at, 'matchLabels'], value: { [nameLabel]: value } }, message: { en: `Namespace "${value}" has no label "${key}"; its labels are ${listed(Object.keys(all.namespaceLabels(value)).sort()).en}.`, 'zh-CN': `namespace "${value}" 没有标签 "${key}"；它的标签有 ${listed(Object.keys(all.namespaceLabels(value)).sort())['zh-CN']}。` } }
  }
}

function* checkPeer(peer: Fields, at: Report['at'], subject: K8sObject, all: Inventory): Generator<Report> {
  const pods = peer.podSelector as LabelSelector | undefined
  const namespaces = peer.namespaceSelector as LabelSelector | undefined
  if (!namespaces) {
    // The label may be on Pods of another namespace: then the selector of namespaces was forgotten.
    const elsewhere = pods && !isEmptySelector(pods) && all.matching(pods, namespaceOf(subject)).length === 0 ? knownNamespaces(all).find((name) => all.matching(pods, name).length > 0) : undefined
    if (elsewhere) yield { at: [...at, 'podSelector'], message: { en: `Pods with ${printSelector(pods)} are in namespace "${elsewhere}"; without a namespaceSelector only "${namespaceOf(subject)}" is searched.`, 'zh-CN': `带 ${printSelector(pods)} 的 Pod 在 namespace "${elsewhere}"；没有 namespaceSelector 时只在 "${namespaceOf(subject)}" 中查找。` } }
    else yield* selectsNoPod(pods, namespaceOf(subject), [...at, 'podSelector'], all)
    return
  }
  yield* missesNamespace(namespaces, [...at, 'namespaceSelector'], all)
  const found = knownNamespaces(all).filter((name) => selects(namespaces, all.namespaceLabels(name)))
  if (found.length === 1 && pods) yield* selectsNoPod(pods, found[0]!, [...at, 'podSelector'], all)
}

export default defineRule({
  id: 'network-policy-peer-exists',
  category: 'network',
  severity: 'warning',
  title: { en: 'The peers of a NetworkPolicy are Pods that exist', 'zh-CN': 'NetworkPolicy 的 peer 对应存在的 Pod' },
  why: { en: 'A peer that matches nothing lets nothing through, so the connection that the rule was written for times out. A podSelector alone searches the namespace of the policy only, and namespaces are found by label, not by name.', 'zh-CN': '匹配不到任何 Pod 的 peer 不会放行任何流量，原本要放行的连接会超时。单独的 podSelector 只在策略自己的 namespace 中查找；namespace 靠标签匹配，而不是名称。' },
  fix: { en: 'Use the labels of the Pods, and `kubernetes.io/metadata.name` to select a namespace by its name; both in one list item when both must hold.', 'zh-CN': '使用 Pod 的标签；按名称选择 namespace 时用 `kubernetes.io/metadata.name`；两者要同时满足时写在同一个列表项里。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors'],
  kinds: ['NetworkPolicy'],
  *check(subject, all) {
    for (const [direction, side] of [['ingress', 'from'], ['egress', 'to']] as const) {
      for (const [index, rule] of list(subject.spec?.[direction]).entries()) {
        for (const [position, peer] of list(rule[side]).entries()) if (!peer.ipBlock) yield* checkPeer(peer, ['spec', direction, index, side, position], subject, all)
      }
    }
  },
  examples: {
    good: [
      file(deployment('db'), deployment('login'), policy('podSelector: { matchLabels: { app: login } }')),
      file(deployment('db'), policy('podSelector: { matchLabels: { app: chat } }')),
      file(deployment('db'), monitoring, policy('namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }')),
      file(deployment('db'), policy('namespaceSelector: { matchLabels: { team: ops } }')),
    ],
    bad: [
      { yaml: file(deployment('db'), deployment('login'), policy('podSelector: { matchLabels: { app: logni } }')), expect: ['spec.ingress[0].from[0].podSelector'] },
      { yaml: file(deployment('db'), monitoring, policy('namespaceSelector: { matchLabels: { name: monitoring } }')), expect: ['spec.ingress[0].from[0].namespaceSelector'] },
      { yaml: file(deployment('db', undefined, '', 'data'), deployment('login', undefined, '', 'game'), policy('podSelector: { matchLabels: { app: login } }', 'data')), expect: ['spec.ingress[0].from[0].podSelector'] },
    ],
  },
})
