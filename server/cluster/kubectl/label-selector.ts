/** Label selectors as typed on the command line, read as the server reads them (apimachinery/pkg/labels/selector.go). */
import { labelValue, qualifiedName } from '../../k8s/names.ts'
import type { LabelSelector } from '../selection.ts'

export type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

/** What the server answers to a selector it cannot read. */
export class SelectorError extends Error {}

/** Reads `a=b,c!=d,e in (x,y),f,!g`. Throws a SelectorError. */
export function parseLabelSelector(text: string): Requirement[] {
  return new Parser(text).all()
}

const operators: Record<string, Requirement['operator']> = { in: 'In', notin: 'NotIn', '=': 'In', '==': 'In', '!=': 'NotIn', '>': 'Gt', '<': 'Lt' }

class Parser {
  private readonly tokens: readonly string[]
  private at = 0

  constructor(text: string) {
    // labels.Lexer: the longest operator, or everything up to a blank or an operator.
    this.tokens = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? []
  }

  all(): Requirement[] {
    const found: Requirement[] = []
    while (this.next !== '') {
      if (this.next !== '!' && !isWord(this.next)) throw new SelectorError(`found '${this.next}', expected: !, identifier, or 'end of string'`)
      found.push(this.requirement())
      const behind = this.take()
      if (behind === '') return found
      if (behind !== ',') throw new SelectorError(`found '${behind}', expected: ',' or 'end of string'`)
      if (this.next !== '!' && !isWord(this.next)) throw new SelectorError(`found '${this.next}', expected: identifier after ','`)
    }
    return found
  }

  /** The token that stands here; the empty text at the end. */
  private get next(): string {
    return this.tokens[this.at] ?? ''
  }

  private take(): string {
    return this.tokens[this.at++] ?? ''
  }

  private requirement(): Requirement {
    const absent = this.next === '!'
    if (absent) this.at++
    const key = this.take()
    if (!isWord(key)) refuse(`found '${key}', expected: identifier`)
    for (const why of qualifiedName(key)) refuse(`key: Invalid value: ${JSON.stringify(key)}: ${why}`)
    if (absent) return { key, operator: 'DoesNotExist' }
    if (this.next === '' || this.next === ',') return { key, operator: 'Exists' }
    const word = this.take()
    const operator = operators[word]
    if (!operator) return refuse(`found '${word}', expected: in, notin, =, ==, !=, gt, lt`)
    const values = word === 'in' || word === 'notin' ? this.set() : [this.exact()]
    if (values.length === 0) refuse("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
    if (/[<>]/.test(word) && !/^[+-]?\d+$/.test(values[0]!)) refuse(`values[0]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`)
    for (const [i, value] of values.entries()) for (const why of labelValue(value)) refuse(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${why}`)
    return { key, operator, values }
  }

  private exact(): string {
    if (this.next === '' || this.next === ',') return ''
    const value = this.take()
    return isWord(value) ? value : refuse(`found '${value}', expected: identifier`)
  }

  /** What stands in parentheses; between two commas stands the empty value. */
  private set(): string[] {
    const open = this.take()
    if (open !== '(') refuse(`found '${open}' expected: '('`)
    const values = new Set<string>()
    let last = '('
    for (;;) {
      const token = this.take()
      if (token === ')') {
        if (last === ',') values.add('')
        return [...values].sort()
      }
      if (token === ',') {
        if (last !== 'word') values.add('')
      } else if (isWord(token)) {
        if (last === 'word') refuse(`found '${token}', expected: ',' or ')'`)
        values.add(token)
      } else refuse(last === 'word' ? `found '${token}', expected: ',' or ')'` : last === '(' ? `found '${token}', expected: ',', ')' or identifier` : `found '${token}', expected: ',', or identifier`)
      last = token === ',' ? ',' : 'word'
    }
  }
}

const isWord = (token: string): boolean => token !== '' && !/^[=!(),<>]/.test(token)

function refuse(why: string): never {
  throw new SelectorError(`unable to parse requirement: ${why}`)
}
