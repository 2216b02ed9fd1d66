/** Label selectors (apimachinery/pkg/labels, apis/meta/v1/helpers.go:LabelSelectorAsSelector). */

export type LabelSelector = { matchLabels?: Record<string, string>; matchExpressions?: { key: string; operator: string; values?: string[] }[] }

/** Does one requirement hold for these labels? NotIn and DoesNotExist hold for a missing key; Gt and Lt compare integers. */
export function holds(requirement: { key: string; operator: string; values?: string[] }, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined
  const values = requirement.values ?? []
  if (requirement.operator === 'Exists') return value !== undefined
  if (requirement.operator === 'DoesNotExist') return value === undefined
  if (requirement.operator === 'In') return value !== undefined && values.includes(value)
  if (requirement.operator === 'NotIn') return value === undefined || !values.includes(value)
  if (value === undefined || !/^-?\d+$/.test(value)) return false
  if (requirement.operator === 'Gt') return Number(value) > Number(values[0])
  if (requirement.operator === 'Lt') return Number(value) < Number(values[0])
  return false
}

/** An empty selector selects everything; an absent one nothing. */
export function selects(selector: LabelSelector | undefined | null, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (!selector) return false
  const present = labels ?? {}
  return selectsAll(selector.matchLabels ?? {}, present) && (selector.matchExpressions ?? []).every((requirement) => holds(requirement, present))
}

/** Every wanted label is there with its value. */
export function selectsAll(wanted: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> | undefined): boolean {
  for (const key in wanted) if (labels === undefined || !Object.hasOwn(labels, key) || labels[key] !== wanted[key]) return false
  return true
}
