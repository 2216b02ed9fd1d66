/** test(1): expressions over files, texts and numbers. */
import { absolutePath, permits } from '../files.ts'
import type { Node } from '../files.ts'
import type { Host } from '../host.ts'
import { Undecided } from './session.ts'

type Result = boolean | { error: string }

/** Value of an expression, or the complaint after the command's name. */
export function testResult(words: readonly string[], host: Host, cwd: string): Result {
  if (words.length === 0) return false
  try {
    const evaluator = new Evaluator(words, host, cwd)
    return evaluator.all()
  } catch (thrown) {
    if (thrown instanceof Complaint) return { error: thrown.text }
    throw thrown
  }
}

class Complaint {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const binaries = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

class Evaluator {
  private readonly words: readonly string[]
  private readonly host: Host
  private readonly cwd: string
  private at = 0

  constructor(words: readonly string[], host: Host, cwd: string) {
    this.words = words
    this.host = host
    this.cwd = cwd
  }

  all(): boolean {
    const value = this.either()
    if (this.at < this.words.length) throw new Complaint(`${this.words[this.at]}: unknown operand`)
    return value
  }

  private either(): boolean {
    let value = this.both()
    while (this.words[this.at] === '-o') {
      this.at++
      const right = this.both()
      value = value || right
    }
    return value
  }

  private both(): boolean {
    let value = this.not()
    while (this.words[this.at] === '-a') {
      this.at++
      const right = this.not()
      value = value && right
    }
    return value
  }

  private not(): boolean {
    if (this.words[this.at] === '!' && !binaries.has(this.words[this.at + 1] ?? '')) {
      this.at++
      return !this.not()
    }
    return this.primary()
  }

  private primary(): boolean {
    const word = this.words[this.at]
    if (word === undefined) throw new Complaint('argument expected')
    const operator = this.words[this.at + 1]
    if (operator !== undefined && binaries.has(operator) && this.words[this.at + 2] !== undefined) {
      this.at += 3
      return this.compare(word, operator, this.words[this.at - 1]!)
    }
    if (word === '(') {
      this.at++
      const value = this.either()
      if (this.words[this.at++] !== ')') throw new Complaint('missing )')
      return value
    }
    if (/^-[a-zA-Z]$/.test(word) && this.words[this.at + 1] !== undefined) {
      this.at += 2
      return this.unary(word, this.words[this.at - 1]!)
    }
    this.at++
    return word !== ''
  }

  private compare(left: string, operator: string, right: string): boolean {
    if (operator === '=' || operator === '==') return left === right
    if (operator === '!=') return left !== right
    if (operator === '<') return left < right
    if (operator === '>') return left > right
    if (operator === '-nt' || operator === '-ot' || operator === '-ef') throw new Undecided(`test ${operator}`)
    for (const text of [left, right]) if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Complaint(`${text}: bad number`)
    const a = Number(left)
    const b = Number(right)
    return operator === '-eq' ? a === b : operator === '-ne' ? a !== b : operator === '-lt' ? a < b : operator === '-le' ? a <= b : operator === '-gt' ? a > b : a >= b
  }

  private unary(operator: string, word: string): boolean {
    if (operator === '-z') return word === ''
    if (operator === '-n') return word !== ''
    if (operator === '-t') return false
    const node = this.node(word)
    const { user } = this.host.spec
    switch (operator) {
      case '-e': return node !== undefined
      case '-f': return node !== undefined && !node.directory
      case '-d': return node?.directory === true
      case '-s': return node !== undefined && (node.directory === true || node.bytes > 0)
      case '-r': return node !== undefined && permits(node, user, 4)
      case '-w': return node !== undefined && permits(node, user, 2) && (node.directory === true || this.host.files.canWrite(absolutePath(word, this.cwd), user).ok)
      case '-x': return node !== undefined && permits(node, user, 1)
      case '-L':
      case '-h':
      case '-S':
      case '-p':
      case '-b':
      case '-c': return false
      default: throw new Complaint(`${operator}: unknown operand`)
    }
  }

  private node(word: string): Node | undefined {
    const found = this.host.files.walk(absolutePath(word, this.cwd), this.host.spec.user)
    return 'error' in found ? undefined : found.node
  }
}
