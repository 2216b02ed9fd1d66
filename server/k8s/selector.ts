/** Label selectors: matching, parsing and printing (apimachinery/pkg/labels, apis/meta/v1/helpers.go). */

export type Requirement = { key: string; operator: string; values?: readonly string[] }

export type LabelSelector = { matchLabels?: Record<string, string>; matchExpressions?: Requirement[] }

export type Labels = Readonly<Record<string, string>>

/** Does one requirement hold for these labels? NotIn and DoesNotExist hold for a missing key; Gt and Lt compare integers. */
export function holds(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined
  const values = requirement.values ?? []
  if (requirement.operator === 'Exists') return value !== undefined
  if (requirement.operator === 'DoesNotExist') return value === undefined
  if (requirement.operator === 'In') return value !== undefined && values.includes(value)
  if (requirement.operator === 'NotIn') return value === undefined || !values.includes(value)
  if (value === undefined || !/^[+-]?\d+$/.test(value)) return false
  if (requirement.operator === 'Gt') return Number(value) > Number(values[0])
  if (requirement.operator === 'Lt') return Number(value) < Number(values[0])
  return false
}

/** An empty selector selects everything; an absent one nothing (LabelSelectorAsSelector). */
export function selects(selector: LabelSelector | undefined | null, labels: Labels | undefined | null): boolean {
  if (!selector) return false
  const present = labels ?? {}
  return selectsAll(selector.matchLabels ?? {}, present) && (selector.matchExpressions ?? []).every((requirement) => holds(requirement, present))
}

/** Every wanted label is there with its value (a Service's or ReplicationController's selector). */
export function selectsAll(wanted: Labels, labels: Labels | undefined | null): boolean {
  for (const key in wanted) if (!labels || !Object.hasOwn(labels, key) || labels[key] !== wanted[key]) return false
  return true
}

/** Has it no requirement at all? */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

/** `app=web,tier in (a,b),!beta`: a selector as kubectl prints it (metav1.FormatLabelSelector), sorted by key. */
export function printSelector(selector: LabelSelector | undefined): string {
  if (!selector) return '<none>'
  const parts = [...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` })), ...(selector.matchExpressions ?? []).map((requirement) => ({ key: requirement.key, text: printRequirement(requirement) }))]
  return parts.length === 0 ? '<none>' : parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map((part) => part.text).join(',')
}

function printRequirement({ key, operator, values = [] }: Requirement): string {
  const sorted = [...values].sort()
  if (operator === 'Exists') return key
  if (operator === 'DoesNotExist') return `!${key}`
  if (operator === 'In') return `${key} in (${sorted.join(',')})`
  if (operator === 'NotIn') return `${key} notin (${sorted.join(',')})`
  return `${key}${operator === 'Gt' ? '>' : '<'}${sorted[0] ?? ''}`
}

/** Reads the text form kubectl's `-l` takes: `a=b,c!=d,e in (f,g),h,!i,j>1`. Undefined when it is malformed. */
export function parseSelector(text: string): Requirement[] | undefined {
  const found: Requirement[] = []
  let rest = text.trim()
  while (rest !== '') {
    const match = /^(?:(!)\s*([\w./-]+)|([\w./-]+)\s*(?:(==|=|!=|>|<)\s*([\w.-]*)|(in|notin)\s*\(([^()]*)\))?)\s*(,\s*|$)/.exec(rest)
    if (!match || (match[0].endsWith(',') && match[0].length === rest.length)) return undefined
    found.push(requirementOf(match))
    rest = rest.slice(match[0].length)
  }
  return found
}

function requirementOf(match: RegExpExecArray): Requirement {
  const [, , absent, key, sign, value, set, list] = match
  if (absent !== undefined) return { key: absent, operator: 'DoesNotExist' }
  if (set !== undefined) return { key: key!, operator: set === 'in' ? 'In' : 'NotIn', values: list!.split(',').map((item) => item.trim()) }
  if (sign === undefined) return { key: key!, operator: 'Exists' }
  if (sign === '>' || sign === '<') return { key: key!, operator: sign === '>' ? 'Gt' : 'Lt', values: [value!] }
  return { key: key!, operator: sign === '!=' ? 'NotIn' : 'In', values: [value!] }
}
