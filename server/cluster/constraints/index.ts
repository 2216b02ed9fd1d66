/** The standing constraints of every repair: what may not change while a fault is mended. A scenario may lift some. */
import type { ConstraintResult } from '../types.ts'
import type { Scenario } from '../scenario.ts'
import type { Comparison, Constraint, Unfelt } from './items.ts'
import { itemsOf } from './items.ts'
import { nothingMasked, platformKept } from './platform.ts'
import { probesKept } from './probes.ts'
import { replicasKept } from './replicas.ts'
import { policyKept, privilegeKept, secretsKept } from './security.ts'
import { identityKept, imageKept, limitsKept } from './workloads.ts'

/** In the order of their numbers. */
export const constraints: readonly Constraint[] = [identityKept, imageKept, replicasKept, probesKept, privilegeKept, policyKept, limitsKept, secretsKept, platformKept, nothingMasked]

export type ConstraintInput = {
  scenario: Scenario
  /** Texts by path: what the person was given, what the platform owns, what is handed in. */
  broken: Readonly<Record<string, string>>
  given: Readonly<Record<string, string>>
  answer: Readonly<Record<string, string>>
  /** What a hang at the end of the plays of the answer showed. */
  unfelt?: readonly Unfelt[]
}

const mostPerConstraint = 5

/** One result per breach; a constraint that holds gives one result with `broken: false`; lifted ones give none. Never throws. */
export function checkConstraints({ scenario, broken, given, answer, unfelt = [] }: ConstraintInput): ConstraintResult[] {
  const { namespace } = scenario
  const comparison: Comparison = { scenario, broken: itemsOf(broken, namespace), given: itemsOf(given, namespace), answer: itemsOf(answer, namespace), unfelt }
  return constraints.filter(({ id }) => !(scenario.constraints.lift as readonly string[]).includes(id)).flatMap((constraint): ConstraintResult[] => {
    const breaches = [...constraint.check(comparison)].slice(0, mostPerConstraint)
    if (breaches.length === 0) return [{ id: constraint.id, broken: false, because: constraint.title }]
    return breaches.map(({ item, path, en, zh }) => ({ id: constraint.id, broken: true, because: { en, 'zh-CN': zh }, ...(item ? { ref: item.ref, file: item.file } : {}), ...(path === undefined ? {} : { path }) }))
  })
}
