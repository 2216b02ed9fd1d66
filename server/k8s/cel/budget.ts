/** The work that one evaluation may do. Steps of the expression and the lengths of what it makes or compares are counted; it stops when the budget is used up. */

/** Thrown when the budget is used up. Macros swallow errors of their steps, so the engine asks `isSpent` afterwards as well. */
export class BudgetExceeded extends Error {
  constructor() {
    super('the expression takes too many steps')
    this.name = 'BudgetExceeded'
  }
}

let left = 0

/** Starts counting for one evaluation. */
export function openBudget(steps: number): void {
  left = steps
}

export function isSpent(): boolean {
  return left < 0
}

/** Steps not yet used. */
export function budgetLeft(): number {
  return left
}

/** Takes steps off, or throws. Once spent, every further step throws at once. */
export function spend(steps: number): void {
  left -= steps
  if (left < 0) {
    left = -1
    throw new BudgetExceeded()
  }
}

const sizes = new WeakMap<object, number>()

/** What comparing or printing a value costs: ten characters, or one element, are a step. A list that is in itself many times counts many times. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length / 10
  if (value === null || typeof value !== 'object') return 1
  const known = sizes.get(value)
  if (known !== undefined) return known
  let size = 1
  for (const inner of value instanceof Map ? value.values() : Array.isArray(value) ? value : value.constructor === Object ? Object.values(value) : []) size += sizeOf(inner)
  sizes.set(value, size)
  return size
}
