/**
 * CEL as Kubernetes runs it: the only place that knows the CEL library. Pure; an evaluation never runs longer than its budget.
 *
 *     const compiled = compileCel('object.spec.replicas >= 2', { object: 'dyn' })
 *     if (compiled.ok) compiled.program.run({ object }) // { value: true }
 */
import { Environment } from '@marcbachmann/cel-js'
import { BudgetExceeded, budgetLeft, isSpent, openBudget, sizeOf, spend } from './budget.ts'
import { replacedMethods, withKubernetesLibrary } from './library.ts'
import { toCel } from './values.ts'

/** Where an expression is wrong: offsets into it, and line and column from 1. */
export type CelProblem = { message: string; start: number; end: number; line: number; column: number }

/** `missing`: a field, key or index is not there; `wrong`: the expression cannot be used with these values; `cost`: it takes too many steps. */
export type CelFailure = { kind: 'missing' | 'wrong' | 'cost'; message: string }
/** `steps` is the part of the budget that was used. */
export type CelResult = ({ value: unknown } | { error: CelFailure }) & { steps: number }

export type CelProgram = {
  /** CEL's name of the type it gives; `dyn` when that depends on the values. */
  type: string
  /** Evaluates with plain JSON values. Never throws. */
  run(values: Readonly<Record<string, unknown>>, stepsMax?: number): CelResult
  /** The same with values that are CEL's already: bigint, Map, Date, durations. */
  runWith(values: Readonly<Record<string, unknown>>, stepsMax?: number): CelResult
}

export type Compiled = { ok: true; program: CelProgram } | { ok: false; problem: CelProblem }

/** Steps of one evaluation: as many units as the API server allows one call (apis/cel/config.go: PerCallLimit). */
export const stepsPerCall = 1_000_000
/** Longer expressions are refused unread. */
export const expressionLengthMax = 4000

const options = { unlistedVariablesAreDyn: false, enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits: { maxAstNodes: 2000, maxDepth: 100, maxListElements: 500, maxMapEntries: 500, maxCallArguments: 20 } }
let library: Environment | undefined

/** A fresh environment with Kubernetes' functions and no variables. */
export function kubernetesEnvironment(): Environment {
  library ??= withKubernetesLibrary(new Environment(options))
  return library.clone(options)
}

/** Reads and checks an expression. `variables` gives the CEL type of each: `dyn`, `list<dyn>`, `string`. */
export function compileCel(expression: string, variables: Readonly<Record<string, string>>): Compiled {
  const environment = kubernetesEnvironment()
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type)
  return compileIn(environment, expression)
}

/** The same in an environment that has its variables already. `everyField` checks fields inside `has(…)` too. */
export function compileIn(environment: Environment, expression: string, everyField = false): Compiled {
  if (expression.length > expressionLengthMax) return { ok: false, problem: problemAt(expression, 'the expression is too long', 0, 0) }
  try {
    const parsed = environment.parse(expression) as unknown as Parsed
    replaceMethods(parsed.ast, everyField)
    const checked = parsed.check()
    if (!checked.valid) return { ok: false, problem: problemOf(expression, checked.error) }
    count(parsed.ast)
    return { ok: true, program: { type: checked.type ?? 'dyn', run: (values, stepsMax = stepsPerCall) => run(parsed, toCelEach(values), stepsMax), runWith: (values, stepsMax = stepsPerCall) => run(parsed, values, stepsMax) } }
  } catch (error) {
    return { ok: false, problem: problemOf(expression, error) }
  }
}

type Parsed = { (values: Record<string, unknown>): unknown; ast: Node; check(): { valid: boolean; type?: string; error?: unknown } }
type Evaluate = (evaluator: unknown, node: Node, context: unknown) => unknown
type Operator = { name: string; check: (checker: Checker, node: Node, context: unknown) => unknown; evaluate: Evaluate }
type Checker = { check(node: Node, context: unknown): unknown; getType(name: string): unknown }
type Meta = { evaluate: Evaluate; alternate?: Node; macro?: Record<string, unknown> }
type Handle = (...values: unknown[]) => unknown
type Node = { op: string; args: unknown; meta: Meta; handle?: Handle; setMeta(name: string, value: unknown): Node; clone(operator: Operator, args: unknown): Node }

const toCelEach = (values: Readonly<Record<string, unknown>>): Record<string, unknown> => Object.fromEntries(Object.entries(values).map(([name, inner]) => [name, toCel(inner)]))

function run(parsed: Parsed, values: Readonly<Record<string, unknown>>, stepsMax: number): CelResult {
  openBudget(stepsMax)
  const result = evaluateIn(parsed, values)
  const steps = isSpent() ? stepsMax : stepsMax - budgetLeft()
  openBudget(0)
  return { ...result, steps }
}

function evaluateIn(parsed: Parsed, values: Readonly<Record<string, unknown>>): { value: unknown } | { error: CelFailure } {
  const tooMuch = { error: { kind: 'cost' as const, message: new BudgetExceeded().message } }
  try {
    const value = parsed({ ...values })
    return isSpent() ? tooMuch : { value }
  } catch (error) {
    if (isSpent() || error instanceof RangeError) return tooMuch
    const { code, summary, message } = error as { code?: string; summary?: string; message: string }
    const text = ownName(summary ?? message)
    const isMissing = code === 'no_such_key' || code === 'index_out_of_bounds' || code === 'index_out_of_range' || /no such key|out of (bounds|range)/i.test(text)
    return { error: { kind: isMissing ? 'missing' : 'wrong', message: text } }
  }
}

/** Nodes directly below one, also those that macros made. */
function below(node: Node): Node[] {
  const found: Node[] = []
  const add = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(add)
    else if (isNode(value)) found.push(value)
    else if (isPlain(value)) Object.values(value).forEach(add)
  }
  add(node.args)
  add(node.meta.alternate)
  // Of a macro the parts; `ast` leads back to the node itself.
  for (const [name, part] of Object.entries(node.meta.macro ?? {})) if (name !== 'ast') add(part)
  return found.filter((child) => child !== node)
}

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'setMeta' in value && 'op' in value

function everyNode(root: Node, visit: (node: Node) => void): void {
  const seen = new Set<Node>()
  const waiting = [root]
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    waiting.push(...below(node))
    visit(node)
  }
}

function replaceMethods(root: Node, everyField: boolean): void {
  everyNode(root, (node) => {
    const args = node.args as [unknown, ...unknown[]]
    if (node.op === 'rcall' && typeof args[0] === 'string' && Object.hasOwn(replacedMethods, args[0])) args[0] = replacedMethods[args[0]]
    const field = everyField && node.op === 'call' && args[0] === 'has' && node.meta.macro ? (args[1] as Node[])[0] : undefined
    if (field) node.setMeta('alternate', node.clone({ ...hasField }, field))
  })
}

/** `has(…)` that wants its field to be declared. For checking only. */
const hasField: Operator = {
  name: 'has',
  check(checker, node, context) {
    checker.check(node.args as Node, context)
    return checker.getType('bool')
  },
  evaluate: () => {
    throw new Error('an expression checked for its fields is not evaluated')
  },
}

const comparing = new Set(['==', '!=', 'in', '<', '<=', '>', '>='])
const making = new Set(['+', 'call', 'rcall'])

/** Makes every node take a step when it is evaluated, and more where values are compared, copied or handed to a function. */
function count(root: Node): void {
  everyNode(root, (node) => {
    const { evaluate } = node.meta
    const makes = making.has(node.op)
    node.setMeta('evaluate', (evaluator: unknown, self: Node, context: unknown) => {
      spend(1)
      const value = evaluate.call(self, evaluator, self, context)
      if (makes && typeof value === 'string') spend(value.length / 10)
      else if (makes && Array.isArray(value)) spend(value.length)
      return value
    })
    const { handle } = node
    if (!handle) return
    if (comparing.has(node.op)) {
      node.handle = (left, right, ...rest) => {
        spend(sizeOf(right) + (node.op === 'in' ? 0 : sizeOf(left)))
        return handle(left, right, ...rest)
      }
    } else if (node.op === 'call' || node.op === 'rcall') {
      node.handle = (values, ...rest) => {
        spend((values as unknown[]).reduce<number>((sum, value) => sum + argumentCost(value), 0))
        return handle(values, ...rest)
      }
    }
  })
}

/** Functions walk their texts and lists, but not what lies in lists. */
function argumentCost(value: unknown): number {
  if (typeof value === 'string') return value.length / 10
  return Array.isArray(value) ? value.reduce<number>((sum, item) => sum + (typeof item === 'string' ? 1 + item.length / 10 : 1), 0) : 0
}

function problemOf(expression: string, error: unknown): CelProblem {
  const { summary, message, range } = error as { summary?: string; message: string; range?: { start: number; end: number } }
  return problemAt(expression, ownName(summary ?? message), range?.start ?? 0, range?.end ?? expression.length)
}

/** The first line of a message, with methods called as the author wrote them. */
function ownName(message: string): string {
  return message.split('\n')[0]!.replace(/\breadyz_(?=\w)/g, '')
}

function problemAt(expression: string, message: string, start: number, end: number): CelProblem {
  const before = expression.slice(0, start).split('\n')
  return { message, start, end: Math.max(start, end), line: before.length, column: before.at(-1)!.length + 1 }
}
