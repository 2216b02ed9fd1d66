/** Completion indexes of an Indexed Job as text and as sets (pkg/controller/job/indexed_job_utils.go), and its success policy. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'

export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

/** The completion index a pod works on; -1 when it has none. */
export function indexOf(pod: K8sObject): number {
  return Number(pod.metadata.annotations?.[indexAnnotation] ?? -1)
}

/**
 * The first rule that the succeeded indexes meet, or -1 (success_policy.go:matchSuccessPolicy). A rule with indexes wants all of them, or succeededCount of them.
 * Example: succeeded 0 and 2 meet `succeededIndexes: 0-3, succeededCount: 2`, not `succeededIndexes: "0,1"`.
 */
export function matchedRule(rules: readonly Fields[], succeeded: ReadonlySet<number>): number {
  if (succeeded.size === 0) return -1
  return rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined || succeededIndexes === null) return succeededCount !== undefined && succeeded.size >= succeededCount
    const wanted = indexesOf(String(succeededIndexes))
    const there = wanted.filter((index) => succeeded.has(index)).length
    return wanted.length > 0 && (there === wanted.length || (succeededCount !== undefined && there >= succeededCount))
  })
}

/** `0,2-4` as numbers. */
function indexesOf(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
  })
}

/** `0-2,5`: runs of three and more are written with a dash, as the controller does. */
export function compactIndexes(indexes: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < indexes.length; i++) {
    let end = i
    while (end + 1 < indexes.length && indexes[end + 1] === indexes[end]! + 1) end++
    parts.push(end === i ? `${indexes[i]}` : end === i + 1 ? `${indexes[i]},${indexes[end]}` : `${indexes[i]}-${indexes[end]}`)
    i = end
  }
  return parts.join(',')
}
