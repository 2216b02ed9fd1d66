/** What rules about the security of pods share: the controls of the Pod Security Standards as reports on the fields that break them. */
import type { K8sObject } from '../k8s/object.ts'
import { podSecurityViolation } from '../k8s/pod-security.ts'
import { valueAt } from './inventory.ts'
import { podOf } from './pods.ts'
import type { Change, Report, Text } from './rule.ts'

/** Where a control is broken: whose field it is, its last name, and its value; undefined where it is missing. */
export type Place = { who: Text; value: unknown; path: readonly (string | number)[] }

/** Where the controls are described. */
export const securityStandards = 'https://kubernetes.io/docs/concepts/security/pod-security-standards/'

/** One report for each field of a pod that breaks a control, in the server's order. */
export function* brokenFields(object: K8sObject, control: string, say: (place: Place) => Text, mend?: (place: Place) => Change): Iterable<Report> {
  const pod = podOf(object)
  const found = pod && podSecurityViolation(control, pod.spec, pod.metadata.annotations)
  if (!found) return
  for (const field of found.fields) {
    const path = [...pod.path, ...field]
    const place = { who: ownerOf(object, pod.path, field), value: valueAt(object, path), path }
    yield { at: path, message: say(place), ...(mend ? { change: mend(place) } : {}) }
  }
}

/** The container that a path leads into, or the Pod. */
function ownerOf(object: K8sObject, podPath: readonly string[], field: readonly (string | number)[]): Text {
  const [, list, index] = field
  if (typeof list !== 'string' || !/[cC]ontainers$/.test(list) || typeof index !== 'number') return { en: 'The Pod', 'zh-CN': '这个 Pod' }
  return containerCalled(String(valueAt(object, [...podPath, 'spec', list, index, 'name']) ?? ''))
}

/** `Container "app"`. */
export function containerCalled(name: string): Text {
  return { en: `Container "${name}"`, 'zh-CN': `容器 "${name}"` }
}
