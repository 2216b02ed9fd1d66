/** Evaluation of the CEL assertions of exercises: pure, with a limit on the work one expression may do. The only place that knows the CEL library. */
import { Environment, EvaluationError } from '@marcbachmann/cel-js'

/** `missing`: a field, key or index that is not there, which in a manifest means that the assertion fails; `wrong`: the expression itself cannot be used. */
export type CelResult = { value: boolean } | { error: { kind: 'missing' | 'wrong' | 'cost'; message: string } }

/** Elements the expression may walk over, counted over all its inputs before it runs: nested macros multiply. */
const costLimit = 1_000_000
const lengthLimit = 4000

const environment = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits: { maxAstNodes: 2000, maxDepth: 100, maxListElements: 500, maxMapEntries: 500, maxCallArguments: 20 } })
  .registerVariable('object', 'dyn')
  .registerVariable('objects', 'list')

/** CEL integers are 64 bit: whole numbers go in as bigint. */
function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(toCel)
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, toCel(inner)]))
  return value
}

function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, inner) => sum + sizeOf(inner), 1)
  if (value !== null && typeof value === 'object') return Object.values(value).reduce<number>((sum, inner) => sum + sizeOf(inner), 1)
  return 1
}

/** An upper bound on the steps: every nested macro may walk the longest list once per turn of the one around it. */
function costOf(expression: string, variables: Record<string, unknown>): number {
  const macros = (expression.match(/\.(all|exists|exists_one|map|filter)\s*\(/g) ?? []).length
  const largest = Math.max(...Object.values(variables).map(longest), 1)
  return largest ** Math.min(depthOf(expression), macros) * (1 + macros) + sizeOf(Object.values(variables))
}

function longest(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1
  const inner = Object.values(value)
  return Math.max(inner.length, ...inner.map(longest))
}

/** How deep macro calls are nested in each other, by their parentheses. */
function depthOf(expression: string): number {
  let depth = 0
  let most = 0
  const open: boolean[] = []
  for (let i = 0; i < expression.length; i++) {
    if (expression[i] === '(') {
      const macro = /\.(all|exists|exists_one|map|filter)\s*$/.test(expression.slice(0, i))
      open.push(macro)
      if (macro) most = Math.max(most, ++depth)
    } else if (expression[i] === ')' && open.pop()) depth--
  }
  return most
}

/** Evaluates a boolean expression. Never throws. */
export function evaluateCel(expression: string, variables: { object: unknown; objects: readonly unknown[] }): CelResult {
  if (expression.length > lengthLimit) return { error: { kind: 'cost', message: 'the expression is too long' } }
  if (costOf(expression, variables) > costLimit) return { error: { kind: 'cost', message: 'the expression would take too many steps' } }
  try {
    const value: unknown = environment.evaluate(expression, toCel(variables) as Record<string, unknown>)
    if (typeof value === 'boolean') return { value }
    return { error: { kind: 'wrong', message: `the result is no boolean but ${typeof value}` } }
  } catch (error) {
    const message = (error as Error).message.split('\n')[0]!
    const missing = error instanceof EvaluationError && /no such key|no such field|index|out of bounds|not found/i.test(message)
    return { error: { kind: missing ? 'missing' : 'wrong', message } }
  }
}
