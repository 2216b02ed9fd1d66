/** Where an answer stands, in one word the pages have an icon and a colour for. PURE. */
export type Standing = 'right' | 'partly' | 'wrong' | 'unanswered' | 'pending' | 'ungradable'

export function standingOf(status: 'graded' | 'pending' | 'ungradable' | 'unanswered', earned: number | null, possible: number): Standing {
  if (status !== 'graded') return status
  if (earned === null || earned <= 0) return 'wrong'
  return earned >= possible - 1e-9 ? 'right' : 'partly'
}
