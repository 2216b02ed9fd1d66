/**
 * Draws the questions of a quiz from a blueprint. PURE: the same blueprint, pool and seed always give the same questions in the same order.
 * Counts per type are exact. Chapter (or domain) and difficulty shares become whole numbers by largest remainder and are met as closely as the pool allows.
 */
import { compareText } from '../k8s/object.ts'
import { shuffled, stream } from '../seed.ts'

export type DrawCandidate = { id: string; type: string; chapter: string; domains: readonly string[]; difficulty: number; tags: readonly string[]; corrects: readonly string[] }
export type DrawBlueprint = {
  id: string
  weights: { by: 'chapter' | 'domain'; shares: Readonly<Record<string, number>> }
  types: Readonly<Record<string, { count: number; points: number }>>
  difficulty: Readonly<Record<string, number>>
}
export type Drawn = { questionId: string; points: number }
export type Shortage = { what: 'type' | 'chapter' | 'domain'; name: string; wanted: number; available: number; missing: number }
export type Draw = { questions: Drawn[]; shortages: Shortage[] }

/** Splits `total` by shares: everyone gets the floor, the largest remainders get one more; equal remainders by name. Shares need not add up to 100. */
export function largestRemainder(shares: Readonly<Record<string, number>>, total: number): Record<string, number> {
  const sum = Object.values(shares).reduce((a, b) => a + b, 0)
  if (sum <= 0) return {}
  const rows = Object.entries(shares).map(([name, share]) => ({ name, exact: (share / sum) * total }))
  const result = Object.fromEntries(rows.map(({ name, exact }) => [name, Math.floor(exact + 1e-9)]))
  const left = total - Object.values(result).reduce((a, b) => a + b, 0)
  const byRemainder = [...rows].sort((a, b) => (b.exact - Math.floor(b.exact + 1e-9)) - (a.exact - Math.floor(a.exact + 1e-9)) || compareText(a.name, b.name))
  for (const { name } of byRemainder.slice(0, left)) result[name]!++
  return result
}

/** What two questions of one quiz should not share: the correction they teach, their family, their fault operator, their base application. */
export function familiesOf(candidate: DrawCandidate): string[] {
  return [...candidate.corrects, ...candidate.tags.filter((tag) => /^(family|fault|app):/.test(tag))]
}

/** The share a question counts for: its chapter, or the first of its domains that the blueprint names. */
function groupOf(candidate: DrawCandidate, blueprint: DrawBlueprint): string | undefined {
  const { by, shares } = blueprint.weights
  return by === 'chapter' ? (Object.hasOwn(shares, candidate.chapter) ? candidate.chapter : undefined) : candidate.domains.find((domain) => Object.hasOwn(shares, domain))
}

function totalOf(blueprint: DrawBlueprint): number {
  return Object.values(blueprint.types).reduce((sum, { count }) => sum + count, 0)
}

/** What the pool lacks for this blueprint whatever the seed. Empty when every type and share can be filled. */
export function shortagesOf(blueprint: DrawBlueprint, pool: readonly DrawCandidate[]): Shortage[] {
  const usable = pool.filter((candidate) => groupOf(candidate, blueprint) !== undefined)
  const compare = (what: Shortage['what'], wanted: Readonly<Record<string, number>>, nameOf: (candidate: DrawCandidate) => string | undefined) =>
    Object.keys(wanted).sort(compareText).flatMap((name): Shortage[] => {
      const available = usable.filter((candidate) => nameOf(candidate) === name).length
      return available < wanted[name]! ? [{ what, name, wanted: wanted[name]!, available, missing: wanted[name]! - available }] : []
    })
  return [
    ...compare('type', Object.fromEntries(Object.entries(blueprint.types).map(([name, { count }]) => [name, count])), (candidate) => candidate.type),
    ...compare(blueprint.weights.by, largestRemainder(blueprint.weights.shares, totalOf(blueprint)), (candidate) => groupOf(candidate, blueprint)),
  ]
}

/**
 * Fills the scarcest type first. Each place goes to the candidate that costs least: sharing a family is dearest, then a chapter that is
 * already full, then a difficulty that is already full; among equals the seed decides, by a number that depends on the question alone,
 * so adding a question to the bank does not reshuffle the others. Questions then stand by type in the blueprint's order, shuffled within one.
 */
export function drawQuestions(blueprint: DrawBlueprint, pool: readonly DrawCandidate[], seed: string): Draw {
  const total = totalOf(blueprint)
  const groupQuota = largestRemainder(blueprint.weights.shares, total)
  const difficultyQuota = largestRemainder(blueprint.difficulty, total)
  const used = new Set<string>()
  const families = new Set<string>()
  const usable = pool.filter((candidate) => groupOf(candidate, blueprint) !== undefined).sort((a, b) => compareText(a.id, b.id))
  const luck = new Map(usable.map(({ id }) => [id, stream(seed, `draw/${blueprint.id}/${id}`)()]))
  const byType = new Map<string, string[]>()
  const spareOf = (type: string) => usable.filter((candidate) => candidate.type === type).length - blueprint.types[type]!.count
  const types = Object.keys(blueprint.types).sort((a, b) => spareOf(a) - spareOf(b) || compareText(a, b))
  const costOf = (candidate: DrawCandidate): number => {
    const group = groupOf(candidate, blueprint)!
    const clashes = familiesOf(candidate).filter((family) => families.has(family)).length
    const groupCost = (groupQuota[group] ?? 0) > 0 ? 0 : 10
    const difficultyCost = (difficultyQuota[candidate.difficulty] ?? 0) > 0 ? 0 : 3
    return clashes * 100 + groupCost + difficultyCost + luck.get(candidate.id)!
  }
  for (const type of types) {
    const chosen: string[] = []
    for (let place = 0; place < blueprint.types[type]!.count; place++) {
      let best: { candidate: DrawCandidate; cost: number } | undefined
      for (const candidate of usable) {
        if (candidate.type !== type || used.has(candidate.id)) continue
        const cost = costOf(candidate)
        if (!best || cost < best.cost) best = { candidate, cost }
      }
      if (!best) break
      const { candidate } = best
      used.add(candidate.id)
      for (const family of familiesOf(candidate)) families.add(family)
      groupQuota[groupOf(candidate, blueprint)!]! -= 1
      difficultyQuota[candidate.difficulty] = (difficultyQuota[candidate.difficulty] ?? 0) - 1
      chosen.push(candidate.id)
    }
    byType.set(type, shuffled(chosen, stream(seed, `order/${blueprint.id}/${type}`)))
  }
  const questions = Object.entries(blueprint.types).flatMap(([type, { points }]) => byType.get(type)!.map((questionId) => ({ questionId, points })))
  return { questions, shortages: shortagesOf(blueprint, pool) }
}

/** The shuffle of one question in one attempt: choices keep their places however often the page is loaded. */
export function shuffleFor(seed: string, questionId: string): <T>(items: readonly T[]) => T[] {
  let round = 0
  return (items) => shuffled(items, stream(seed, `choices/${questionId}/${round++}`))
}
