import type { Part } from '../../question-types/index.ts'
import { standingOf } from './standing.ts'

export function partsView(parts: readonly Part[]): (Part & { standing: string })[] {
  return parts.map((part) => ({ ...part, standing: standingOf('graded', part.earned, part.possible) }))
}
