/** What a rule is: advice about manifests that the API server accepts. One file per rule under rules/; the file's name is its id. */
import type { K8sObject } from '../k8s/object.ts'
import type { Inventory } from './inventory.ts'

/** A sentence in both languages. Field names, reasons and commands stay English in Chinese. */
export type Text = { en: string; 'zh-CN': string }

/** `error`: it does not work. `warning`: it will hurt. `hint`: worth knowing. */
export type Severity = 'error' | 'warning' | 'hint'
export const severities: readonly Severity[] = ['error', 'warning', 'hint']

/** For the lists: what a rule is about. */
export type Category = 'references' | 'network' | 'availability' | 'probes' | 'resources' | 'images' | 'pod-security' | 'access' | 'configuration'

/** Where in the object, and what is wrong there. A path that does not exist is shown at its nearest existing ancestor. */
export type Report = { at: readonly (string | number)[]; message: Text; /** A change of text that mends it, offered in editors. */ change?: Change }

/** Sets the value at a path, or with `value` undefined removes it. */
export type Change = { title: Text; path: readonly (string | number)[]; value?: unknown }

export type Rule = {
  /** States what must be true: `service-selects-a-pod`. Never used again for another rule. */
  id: string
  category: Category
  severity: Severity
  title: Text
  why: Text
  fix: Text
  links: readonly string[]
  /** Kinds it looks at; `*` for every kind, `workloads` for every kind that has a pod template, and Pods. */
  kinds: readonly string[]
  /** Names of fields of which an object must have at least one, anywhere, for the rule to have something to say. Objects without are not shown to it, which is most of the speed. */
  mentions?: readonly string[]
  /** Off unless asked for by name: a matter of taste or of a stricter house. */
  optional?: true
  /** Sees one object, defaulted as the API server stores it, and all others; reports only on this one; never changes anything. */
  check(object: K8sObject, all: Inventory): Iterable<Report>
  /** `closed`: the example is all there is. */
  examples: { good: readonly string[]; bad: readonly { yaml: string; expect: readonly string[]; closed?: true }[] }
}

/** Keeps the author's literal types checked. */
export function defineRule(rule: Rule): Rule {
  return rule
}
