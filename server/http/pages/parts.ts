import type { Part } from '../../question-types/index.ts'
import { standingOf } from './standing.ts'

/** How many points of the question one point of its parts is worth, so that the parts shown add up to the points shown. */
export function shareOf(parts: readonly Part[], points: number): number {
  const possible = parts.reduce((sum, part) => sum + part.possible, 0)
  return possible > 0 ? points / possible : 1
}

/** The parts in points of the question. */
export function partsView(parts: readonly Part[], points: number): (Part & { standing: string })[] {
  const share = shareOf(parts, points)
  return parts.map((part) => ({ ...part, earned: part.earned * share, possible: part.possible * share, standing: standingOf('graded', part.earned, part.possible) }))
}
