/** Node and pod affinity terms (component-helpers/scheduling/corev1/nodeaffinity, scheduler plugins interpodaffinity). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { View } from '../types.ts'
import { holds, selects } from '../selection.ts'

/** One node selector term: all expressions and fields hold; an empty term matches nothing. */
export function termMatches(term: Fields, node: K8sObject): boolean {
  const expressions = (term.matchExpressions ?? []) as Fields[]
  const fields = (term.matchFields ?? []) as Fields[]
  if (expressions.length + fields.length === 0) return false
  const labels = node.metadata.labels ?? {}
  return expressions.every((item) => holds(item as never, labels)) && fields.every((item) => holds(item as never, { 'metadata.name': node.metadata.name }))
}

/** nodeSelector and the required terms (ORed) of node affinity. */
export function nodeMatches(pod: K8sObject, node: K8sObject): boolean {
  const labels = node.metadata.labels ?? {}
  for (const [name, value] of Object.entries(pod.spec?.nodeSelector ?? {})) if (labels[name] !== value) return false
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || (required.nodeSelectorTerms ?? []).some((term: Fields) => termMatches(term, node))
}

/** Node names that matchFields pins the pod to, when every term does: such nodes are chosen before filters run (NodeAffinity PreFilter). */
export function pinnedNodes(pod: K8sObject): Set<string> | undefined {
  const terms = (pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) as Fields[]
  if (terms.length === 0) return undefined
  const names = new Set<string>()
  for (const term of terms) {
    const pins = ((term.matchFields ?? []) as Fields[]).filter((item) => item.key === 'metadata.name' && item.operator === 'In')
    if (pins.length === 0) return undefined
    for (const name of pins[0]!.values) if (pins.every((pin) => pin.values.includes(name))) names.add(name)
  }
  return names
}

/** The tolerations of a pod cover a taint: effect, key and value each match or are left open. */
export function tolerates(tolerations: readonly Fields[] | undefined, taint: Fields): boolean {
  return (tolerations ?? []).some((toleration) => (!toleration.effect || toleration.effect === taint.effect) && (toleration.key ? toleration.key === taint.key : toleration.operator === 'Exists') && (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '')))
}

/** Does a pod affinity term of `owner` select `other`: namespaces default to the owner's own. */
export function affinityTermSelects(term: Fields, owner: K8sObject, other: K8sObject, view: View): boolean {
  const namespace = other.metadata.namespace ?? ''
  const listed = (term.namespaces ?? []) as string[]
  const byLabel = term.namespaceSelector !== undefined && selects(term.namespaceSelector, view.get('Namespace', '', namespace)?.metadata.labels)
  const inNamespace = listed.includes(namespace) || byLabel || (listed.length === 0 && term.namespaceSelector === undefined && namespace === owner.metadata.namespace)
  return inNamespace && selects(withKeys(term, owner), other.metadata.labels)
}

/** matchLabelKeys and mismatchLabelKeys become expressions over the owner's own labels. */
function withKeys(term: Fields, owner: K8sObject): Fields | undefined {
  const extra = (keys: string[] | undefined, operator: string): Fields[] => (keys ?? []).filter((key) => owner.metadata.labels?.[key] !== undefined).map((key) => ({ key, operator, values: [owner.metadata.labels![key]!] }))
  const added = [...extra(term.matchLabelKeys, 'In'), ...extra(term.mismatchLabelKeys, 'NotIn')]
  return added.length === 0 || !term.labelSelector ? term.labelSelector : { ...term.labelSelector, matchExpressions: [...(term.labelSelector.matchExpressions ?? []), ...added] }
}

export function requiredTerms(pod: K8sObject, kind: 'podAffinity' | 'podAntiAffinity'): Fields[] {
  return pod.spec?.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}
