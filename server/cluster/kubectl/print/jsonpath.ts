/** JSONPath templates of kubectl (client-go/util/jsonpath): text, `{…}` with fields, subscripts, slices, unions, filters, recursive descent, range/end and quoted text. */
import { jsonText } from './json.ts'

/** A template that cannot be read; the message is what stands after `error parsing jsonpath …, `. */
export class JsonPathError extends Error {}

type Step =
  | { step: 'field'; name: string }
  | { step: 'wildcard' }
  | { step: 'recursive' }
  | { step: 'slice'; from?: number; to?: number; by?: number; single: boolean }
  | { step: 'union'; of: Step[][] }
  | { step: 'filter'; left: Operand; operator: string; right?: Operand }
type Operand = { path: Step[] } | { value: string | number | boolean }
type Part = { part: 'text'; text: string } | { part: 'path'; steps: Step[] } | { part: 'range'; steps: Step[]; body: Part[] }

export type Template = readonly Part[]

/** Reads a template. Throws JsonPathError with kubectl's wording. */
export function readTemplate(text: string): Template {
  return new Reader(text).template(false)
}

/** kubectl accepts `.a.b`, `{.a.b}` and `a.b` alike where one expression is meant (cmd/get/customcolumn.go:RelaxedJSONPathExpression). */
export function relaxed(expression: string): string {
  if (expression === '') return expression
  const match = /^\{?\.?([^{}]+)\}?$/.exec(expression)
  if (!match || (expression.startsWith('{') && !expression.endsWith('}'))) throw new JsonPathError(`unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`)
  return `{.${match[1]}}`
}

class Reader {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  template(inRange: boolean): Part[] {
    const parts: Part[] = []
    while (this.at < this.text.length) {
      const open = this.text.indexOf('{', this.at)
      const end = open < 0 ? this.text.length : open
      if (end > this.at) parts.push({ part: 'text', text: this.text.slice(this.at, end) })
      this.at = end
      if (open < 0) break
      this.at++
      if (this.action(parts)) {
        if (!inRange) throw new JsonPathError('not in range, nothing to end')
        return parts
      }
    }
    if (inRange) throw new JsonPathError('unexpected end of range: missing {end}')
    return parts
  }

  /** One `{…}`, which may hold several expressions; true for `{end}`. */
  private action(parts: Part[]): boolean {
    for (;;) {
      this.spaces()
      if (this.at >= this.text.length) throw new JsonPathError('unclosed action')
      const rest = this.text.slice(this.at)
      if (rest.startsWith('}')) {
        this.at++
        return false
      }
      if (/^end\s*\}/.test(rest)) {
        this.at = this.text.indexOf('}', this.at) + 1
        return true
      }
      if (/^range\b/.test(rest)) {
        this.at += 5
        this.spaces()
        const steps = this.path()
        this.spaces()
        if (this.text[this.at] !== '}') throw new JsonPathError('unclosed action')
        this.at++
        parts.push({ part: 'range', steps, body: this.template(true) })
        return false
      }
      if (rest[0] === '"' || rest[0] === "'") parts.push({ part: 'text', text: this.quoted() })
      else parts.push({ part: 'path', steps: this.path() })
    }
  }

  private spaces(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++
  }

  private quoted(): string {
    const quote = this.text[this.at]!
    let value = ''
    for (let i = this.at + 1; i < this.text.length; i++) {
      const letter = this.text[i]!
      if (letter === quote) {
        this.at = i + 1
        return value
      }
      if (letter === '\\') {
        const next = this.text[++i] ?? ''
        value += ({ n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' } as Record<string, string>)[next] ?? `\\${next}`
      } else value += letter
    }
    throw new JsonPathError('unterminated quoted string')
  }

  private path(): Step[] {
    const steps: Step[] = []
    const start = this.at
    for (;;) {
      const letter = this.text[this.at]
      if (letter === '$' || letter === '@') this.at++
      else if (letter === '[') steps.push(this.subscript())
      else if (letter === '.') {
        this.at++
        if (this.text[this.at] === '.') {
          this.at++
          steps.push({ step: 'recursive' })
          const name = this.name()
          if (name !== '') steps.push(name === '*' ? { step: 'wildcard' } : { step: 'field', name })
        } else {
          const name = this.name()
          if (name === '*') steps.push({ step: 'wildcard' })
          else if (name !== '') steps.push({ step: 'field', name })
        }
      } else if (letter === '*') {
        this.at++
        steps.push({ step: 'wildcard' })
      } else if (letter !== undefined && this.at === start && /[\w-]/.test(letter)) steps.push({ step: 'field', name: this.name() })
      else break
    }
    if (this.at === start) throw new JsonPathError(`unrecognized character in action: U+${this.text.codePointAt(this.at)!.toString(16).toUpperCase().padStart(4, '0')} '${this.text[this.at]}'`)
    return steps
  }

  /** A field name; a backslash takes the next letter as it is (`annotations.a\.b`). */
  private name(): string {
    let name = ''
    for (; this.at < this.text.length; this.at++) {
      const letter = this.text[this.at]!
      if (letter === '\\') name += this.text[++this.at] ?? ''
      else if (/[\s.,[\](){}$@'"<>=!|&]/.test(letter)) break
      else name += letter
    }
    return name
  }

  private subscript(): Step {
    const start = ++this.at
    if (this.text[this.at] === '?') return this.filter()
    let depth = 1
    let quote = ''
    for (; this.at < this.text.length; this.at++) {
      const letter = this.text[this.at]!
      if (quote) {
        if (letter === quote) quote = ''
      } else if (letter === '"' || letter === "'") quote = letter
      else if (letter === '[') depth++
      else if (letter === ']' && --depth === 0) break
    }
    if (depth > 0) throw new JsonPathError('unterminated array')
    const inside = this.text.slice(start, this.at++).trim()
    return subscriptOf(inside)
  }

  private filter(): Step {
    if (this.text[this.at + 1] !== '(') throw new JsonPathError('unrecognized character in action: U+003F \'?\'')
    this.at += 2
    this.spaces()
    const left = this.operand()
    this.spaces()
    const operator = /^(==|!=|<=|>=|<|>)/.exec(this.text.slice(this.at))?.[1] ?? ''
    this.at += operator.length
    this.spaces()
    const step: Step = operator === '' ? { step: 'filter', left, operator: 'exists' } : { step: 'filter', left, operator, right: this.operand() }
    this.spaces()
    if (this.text[this.at] === '=' ) throw new JsonPathError(`unrecognized filter operator =`)
    if (!this.text.startsWith(')', this.at)) throw new JsonPathError('unterminated filter')
    this.at++
    if (this.text[this.at] !== ']') throw new JsonPathError('unclosed array expect ]')
    this.at++
    return step
  }

  private operand(): Operand {
    const letter = this.text[this.at]
    if (letter === '"' || letter === "'") return { value: this.quoted() }
    const literal = /^(true|false|-?\d+(?:\.\d+)?)(?=[\s)=!<>])/.exec(this.text.slice(this.at))
    if (literal) {
      this.at += literal[1]!.length
      return { value: literal[1] === 'true' ? true : literal[1] === 'false' ? false : Number(literal[1]) }
    }
    return { path: this.path() }
  }
}

function subscriptOf(inside: string): Step {
  if (inside === '*') return { step: 'wildcard' }
  if (/^'(?:[^'\\]|\\.)*'$|^"(?:[^"\\]|\\.)*"$/.test(inside)) return { step: 'field', name: inside.slice(1, -1).replaceAll(/\\(.)/g, '$1') }
  if (/^-?\d+$/.test(inside)) return { step: 'slice', from: Number(inside), single: true }
  const slice = /^(-?\d*)?:(-?\d*)?(?::(-?\d*)?)?$/.exec(inside)
  if (slice) {
    const number = (text: string | undefined): number | undefined => (text ? Number(text) : undefined)
    const [from, to, by] = [number(slice[1]), number(slice[2]), number(slice[3])]
    return { step: 'slice', single: false, ...(from !== undefined ? { from } : {}), ...(to !== undefined ? { to } : {}), ...(by !== undefined ? { by } : {}) }
  }
  if (inside.includes(',')) return { step: 'union', of: inside.split(',').map((item) => [subscriptOf(item.trim())]) }
  throw new JsonPathError(`invalid array index ${inside}`)
}

type Place = { value: unknown }

/** With `strict` a field that is nowhere is an error, as with --allow-missing-template-keys=false. */
function walk(places: readonly Place[], steps: readonly Step[], strict = false): Place[] {
  let now = [...places]
  for (const step of steps) {
    now = now.flatMap((place) => take(place.value, step))
    if (strict && step.step === 'field' && now.length === 0) throw new JsonPathError(`${step.name} is not found`)
  }
  return now
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  return typeof value === 'object' && value !== null ? Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined).sort().map((key) => (value as Record<string, unknown>)[key]) : []
}

function descendants(value: unknown): unknown[] {
  return [value, ...children(value).flatMap(descendants)]
}

function take(value: unknown, step: Step): Place[] {
  if (step.step === 'wildcard') return children(value).map((child) => ({ value: child }))
  if (step.step === 'recursive') return descendants(value).filter((child) => typeof child === 'object' && child !== null).map((child) => ({ value: child }))
  if (step.step === 'union') return step.of.flatMap((steps) => walk([{ value }], steps))
  if (step.step === 'field') {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step.name)) return []
    const child = (value as Record<string, unknown>)[step.name]
    return child === undefined || child === null ? [] : [{ value: child }]
  }
  if (!Array.isArray(value)) return []
  if (step.step === 'filter') return value.filter((item) => matches(item, step)).map((item) => ({ value: item }))
  return sliced(value, step).map((item) => ({ value: item }))
}

function sliced(list: readonly unknown[], { from = 0, to, by = 1, single }: { from?: number; to?: number; by?: number; single: boolean }): unknown[] {
  const start = from < 0 ? from + list.length : from
  if (single) {
    if (start < 0 || start >= list.length) throw new JsonPathError(`array index out of bounds: index ${from}, length ${list.length}`)
    return [list[start]]
  }
  const end = Math.min(to === undefined ? list.length : to < 0 ? to + list.length : to, list.length)
  const taken: unknown[] = []
  for (let i = Math.max(0, start); i < end; i += Math.max(1, by)) taken.push(list[i])
  return taken
}

function matches(item: unknown, filter: Extract<Step, { step: 'filter' }>): boolean {
  const values = (operand: Operand): unknown[] => ('path' in operand ? walk([{ value: item }], operand.path).map((place) => place.value) : [operand.value])
  const left = values(filter.left)
  if (filter.operator === 'exists') return left.length > 0
  const right = values(filter.right!)
  if (left.length === 0 || right.length === 0) return false
  const [a, b] = [left[0], right[0]]
  if (typeof a !== typeof b) return filter.operator === '!=' ? String(a) !== String(b) : false
  const order = (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0
  return { '==': order === 0, '!=': order !== 0, '<': order < 0, '>': order > 0, '<=': order <= 0, '>=': order >= 0 }[filter.operator] ?? false
}

/** A value as the template prints it: text as it is, structures as compact JSON. */
export function printed(value: unknown): string {
  return typeof value === 'object' && value !== null ? jsonText(value, 0) : String(value)
}

/** What an expression selects, in order; missing fields select nothing. */
export function select(template: Template, data: unknown, strict = false): unknown[] {
  return template.flatMap((part) => (part.part === 'path' ? walk([{ value: data }], part.steps, strict).map((place) => place.value) : []))
}

/** The template filled in; several results of one expression are joined by a space. Throws JsonPathError for an index out of bounds. */
export function render(template: Template, data: unknown, strict = false): string {
  return template.map((part) => {
    if (part.part === 'text') return part.text
    const found = walk([{ value: data }], part.steps, strict)
    return part.part === 'path' ? found.map((place) => printed(place.value)).join(' ') : found.map((place) => render(part.body, place.value, strict)).join('')
  }).join('')
}
