/** From scores to points. PURE. Points are kept to the hundredth, percentages are computed once, from the sums, and rounded down. */

export type Scored = { points: number; status: 'graded' | 'pending' | 'ungradable' | 'unanswered'; score: number }
export type Total = {
  earned: number
  /** Questions that could not be graded count for nobody: they are left out. */
  possible: number
  /** 0 to 100, whole. */
  percent: number
  pending: number
  /** Null while something is pending, or when there is no pass mark. */
  passed: boolean | null
}

/** Points for a score between 0 and 1, to the hundredth. */
export function earnedOf(score: number, points: number): number {
  return Math.round(score * points * 100) / 100
}

export function totalOf(rows: readonly Scored[], passMark: number | null): Total {
  const counted = rows.filter(({ status }) => status !== 'ungradable')
  const hundredths = counted.reduce((sum, { score, points, status }) => sum + (status === 'graded' ? Math.round(score * points * 100) : 0), 0)
  const possible = counted.reduce((sum, { points }) => sum + points, 0)
  const pending = rows.filter(({ status }) => status === 'pending').length
  // In hundredths of points against percent of points: whole numbers on both sides, so the border is exact.
  const passed = passMark === null || pending > 0 || possible === 0 ? null : hundredths >= passMark * possible
  return { earned: hundredths / 100, possible, percent: possible === 0 ? 0 : Math.floor(hundredths / possible), pending, passed }
}
