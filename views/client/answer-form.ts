/** The answer as it stands in the form, as the JSON value the server takes, and back. What kind of value it is shows in the fields, not in the type's name. */
export type Answer = string | string[] | Record<string, string>

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement
const isToggle = (field: Field): field is HTMLInputElement => field instanceof HTMLInputElement && (field.type === 'radio' || field.type === 'checkbox')

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter((field): field is Field => (field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) && /^answer(\[|$)/.test(field.name) && field.type !== 'hidden')
}

/** `answer[policy.yaml]` → `policy.yaml`; undefined for `answer` and `answer[]`. */
function keyOf(field: Field): string | undefined {
  return /^answer\[(.+)\]$/.exec(field.name)?.[1]
}

export function orderingIn(form: HTMLFormElement): HTMLElement | null {
  return form.querySelector<HTMLElement>('[data-ordering]')
}

export function readAnswer(form: HTMLFormElement): Answer {
  const ordering = orderingIn(form)
  if (ordering) return ordering.dataset.answered === 'true' ? [...ordering.querySelectorAll<HTMLElement>('li[data-id]')].map((item) => item.dataset.id!) : []
  const fields = fieldsOf(form)
  if (fields.some((field) => field.name === 'answer[]')) return fields.filter((field) => isToggle(field) && field.checked).map((field) => field.value)
  if (fields.some((field) => keyOf(field) !== undefined)) {
    const answer: Record<string, string> = {}
    for (const field of fields) {
      const key = keyOf(field)!
      if (!isToggle(field) || field.checked) answer[key] = field.value
    }
    return answer
  }
  return fields.find((field) => !isToggle(field) || field.checked)?.value ?? ''
}

/** Puts an answer into the fields, as if the person had given it; tells the page by a `readyz:applied` event. */
export function applyAnswer(form: HTMLFormElement, answer: unknown): void {
  const ordering = orderingIn(form)
  if (ordering) {
    const list = ordering.querySelector('ol')!
    const ids = Array.isArray(answer) ? answer.map(String) : []
    ordering.dataset.answered = String(ids.length > 0)
    for (const id of ids) {
      const item = [...list.children].find((child) => (child as HTMLElement).dataset.id === id)
      if (item) list.append(item)
    }
  }
  for (const field of fieldsOf(form)) {
    const key = keyOf(field)
    const value = key === undefined ? answer : (answer as Record<string, string> | null)?.[key]
    if (isToggle(field)) field.checked = Array.isArray(value) ? value.includes(field.value) : field.value === value
    else if (typeof value === 'string') field.value = value
    else if (field instanceof HTMLTextAreaElement) field.value = field.defaultValue
    else field.value = ''
  }
  form.dispatchEvent(new CustomEvent('readyz:applied'))
}

/** The answer in words, for choosing between two of them. */
export function describeAnswer(form: HTMLFormElement, answer: unknown): string {
  const wordsOf = (id: string): string => {
    const field = fieldsOf(form).find((one) => isToggle(one) && one.value === id)
    const item = form.querySelector<HTMLElement>(`li[data-id="${CSS.escape(id)}"] [id^="text-"]`)
    const option = form.querySelector<HTMLOptionElement>(`option[value="${CSS.escape(id)}"]`)
    return (field?.closest('label')?.querySelector('span:last-child') ?? item ?? (/^t[a-z0-9]+$/.test(id) ? option : null))?.textContent?.trim() ?? id
  }
  if (typeof answer === 'string') return answer === '' ? '–' : wordsOf(answer)
  if (Array.isArray(answer)) return answer.length === 0 ? '–' : answer.map((id, index) => `${index + 1}. ${wordsOf(String(id))}`).join('\n')
  const entries = Object.entries((answer ?? {}) as Record<string, string>)
  const isFiles = entries.some(([, value]) => value.includes('\n'))
  return entries.map(([key, value]) => (isFiles ? `# ${key}\n${value}` : `${wordsOf(key)}: ${value === '' ? '–' : wordsOf(value)}`)).join('\n') || '–'
}
