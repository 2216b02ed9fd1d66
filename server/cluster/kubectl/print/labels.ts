/** Labels, selectors and lists as Go's apimachinery writes them. */
import type { Fields } from '../../../k8s/object.ts'

/** labels.FormatLabels: `a=1,b=2`, or `<none>`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const text = Object.keys(labels ?? {}).sort().map((key) => `${key}=${labels![key]}`).join(',')
  return text === '' ? '<none>' : text
}

type Requirement = { key: string; operator: string; values?: string[] }

/** metav1.FormatLabelSelector: `<none>` when empty or absent. */
export function formatSelector(selector: Fields | undefined | null): string {
  const text = selectorText(selector)
  return text === '' ? '<none>' : text
}

/** labels.Selector.String: requirements sorted by key; matchLabels read as `key=value`. */
export function selectorText(selector: Fields | undefined | null): string {
  const requirements: Requirement[] = [
    ...Object.entries((selector?.matchLabels ?? {}) as Record<string, string>).map(([key, value]) => ({ key, operator: '=', values: [value] })),
    ...((selector?.matchExpressions ?? []) as Requirement[]),
  ]
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(requirementText).join(',')
}

function requirementText({ key, operator, values = [] }: Requirement): string {
  const list = `(${[...values].sort().join(',')})`
  if (operator === '=') return `${key}=${values[0]}`
  if (operator === 'In') return `${key} in ${list}`
  if (operator === 'NotIn') return `${key} notin ${list}`
  if (operator === 'DoesNotExist') return `!${key}`
  if (operator === 'Gt') return `${key}>${values[0]}`
  if (operator === 'Lt') return `${key}<${values[0]}`
  return key
}

/** Go's %v of a string slice: `[a b]`. */
export function goList(values: readonly unknown[] | undefined): string {
  return `[${(values ?? []).join(' ')}]`
}

/** Go's %q for plain text. */
export function quoted(text: string): string {
  return JSON.stringify(text)
}

/** storageutil.GetAccessModesAsString: short names in a fixed order, each once. */
export function accessModes(modes: readonly string[] | undefined): string {
  const short: [string, string][] = [['ReadWriteOnce', 'RWO'], ['ReadOnlyMany', 'ROX'], ['ReadWriteMany', 'RWX'], ['ReadWriteOncePod', 'RWOP']]
  return short.filter(([name]) => modes?.includes(name)).map(([, text]) => text).join(',')
}
