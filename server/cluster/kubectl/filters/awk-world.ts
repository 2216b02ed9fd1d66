/** What an awk program works on: the line and its fields, variables, arrays, and awk's rules for text and numbers. */
import { digitsMax, widthMax } from '../../runtime/shell/printf.ts'
import { expression } from './filter.ts'
import { ProgramError } from './tokens.ts'

export type Value = string | number
export type Expression = (world: World) => Value
export type Statement = (world: World) => void
export type Rule = { when: 'BEGIN' | 'END' | 'line'; meets?: Expression; act?: Statement }

/** `next` and `exit` leave what is being done. */
export class Leave extends Error {
  readonly how: 'next' | 'exit'
  constructor(how: 'next' | 'exit') {
    super(how)
    this.how = how
  }
}

export const stepsMax = 2_000_000

export class World {
  fields: string[] = []
  line = ''
  out = ''
  steps = 0
  readonly variables = new Map<string, Value>([['FS', ' '], ['OFS', ' '], ['ORS', '\n'], ['NR', 0], ['NF', 0]])
  readonly arrays = new Map<string, Map<string, Value>>()

  read(line: string): void {
    this.line = line
    const by = String(this.variables.get('FS'))
    this.fields = by === ' ' ? line.trim().split(/\s+/).filter((field) => field !== '') : line === '' ? [] : line.split(by.length === 1 ? by : expression(by, true))
    this.variables.set('NF', this.fields.length)
  }

  field(index: number): string {
    return index === 0 ? this.line : (this.fields[index - 1] ?? '')
  }

  setField(index: number, value: Value): void {
    if (index === 0) return this.read(String(value))
    while (this.fields.length < index) this.fields.push('')
    this.fields[index - 1] = textual(value)
    this.variables.set('NF', this.fields.length)
    this.line = this.fields.join(String(this.variables.get('OFS')))
  }

  array(name: string): Map<string, Value> {
    const found = this.arrays.get(name) ?? new Map<string, Value>()
    this.arrays.set(name, found)
    return found
  }

  count(): void {
    if (++this.steps > stepsMax) throw new ProgramError('the program does not end')
  }
}

export function textual(value: Value): string {
  return typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
}

export function numeric(value: Value): number {
  return typeof value === 'number' ? value : Number(/^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+)/.exec(value)?.[0] ?? 0)
}

export function truthy(value: Value): boolean {
  return typeof value === 'number' ? value !== 0 : value !== ''
}

export const looksNumeric = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/

export function compared(a: Value, b: Value): number {
  const both = [a, b].every((value) => typeof value === 'number' || looksNumeric.test(value))
  if (both) return numeric(a) - numeric(b)
  const [x, y] = [textual(a), textual(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** `%-10s %5.2f`: each format takes the next value. */
export function printfText(format: string, values: readonly string[]): string {
  let at = 0
  return format.replaceAll(/%([-0+ ]*)(\d*)(?:\.(\d+))?([sdifgcx%])/g, (_all, flags: string, width: string, precision: string | undefined, kind: string) => {
    if (kind === '%') return '%'
    const value = values[at++] ?? ''
    const number = numeric(value)
    const plain = kind === 's' ? value.slice(0, precision === undefined ? undefined : Number(precision)) : kind === 'c' ? value.slice(0, 1) : kind === 'x' ? Math.trunc(number).toString(16) : kind === 'f' ? number.toFixed(Math.min(Number(precision ?? 6), digitsMax)) : kind === 'g' ? textual(number) : String(Math.trunc(number))
    const size = Math.min(Number(width), widthMax)
    return flags.includes('-') ? plain.padEnd(size) : plain.padStart(size, flags.includes('0') && kind !== 's' ? '0' : ' ')
  })
}
