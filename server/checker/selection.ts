/** Selectors that take nothing: which pods were meant. */
import type { LabelSelector } from '../k8s/selector.ts'
import { isEmptySelector, printSelector } from '../k8s/selector.ts'
import { editDistance, spaceOf, type Inventory, type Workload } from './inventory.ts'
import { called, setTo } from './naming.ts'
import type { Report } from './rule.ts'

/** Workloads that are compared in search of a slip: a namespace with more is no single application. */
const comparedMax = 300

/** A workload whose labels are almost those that are wanted: the one key that differs, and the value it has. With a single label wanted, the value must look alike. */
export function almostSelected(wanted: Readonly<Record<string, string>>, all: readonly Workload[]): { workload: Workload; key: string; value: string } | undefined {
  const entries = Object.entries(wanted)
  for (const workload of all.slice(0, comparedMax)) {
    const labels = workload.pod.metadata.labels ?? {}
    const different = entries.filter(([key, value]) => labels[key] !== value)
    if (different.length !== 1) continue
    const [key, value] = different[0]!
    const has = labels[key]
    if (has !== undefined && (entries.length > 1 || isAlike(value, has))) return { workload, key, value: has }
  }
  return undefined
}

const isAlike = (a: string, b: string): boolean => (editDistance(a, b, 2) <= 2 && Math.min(a.length, b.length) > 3) || a.startsWith(b) || b.startsWith(a)

/** Reports a label selector that takes no pod of its namespace: when a label is almost right, or when the inputs are everything there is. */
export function* selectsNoPod(selector: LabelSelector | undefined | null, namespace: string, at: Report['at'], all: Inventory): Generator<Report> {
  if (!selector || isEmptySelector(selector) || all.matching(selector, namespace).length > 0) return
  const printed = printSelector(selector)
  const near = selector.matchLabels ? almostSelected(selector.matchLabels, all.workloads(namespace)) : undefined
  if (near) {
    yield { at, change: setTo([...at, 'matchLabels', near.key], near.value), message: { en: `No Pod in namespace "${spaceOf(namespace)}" has the labels ${printed}; the Pods of ${called(near.workload.object)} have ${near.key}=${near.value}.`, 'zh-CN': `namespace "${spaceOf(namespace)}" 中没有带标签 ${printed} 的 Pod；${called(near.workload.object)} 的 Pod 带的是 ${near.key}=${near.value}。` } }
  } else if (all.closed && !all.isExtended()) {
    yield { at, message: { en: `No Pod in namespace "${spaceOf(namespace)}" has the labels ${printed}.`, 'zh-CN': `namespace "${spaceOf(namespace)}" 中没有带标签 ${printed} 的 Pod。` } }
  }
}
