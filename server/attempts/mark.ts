/** Small marks on a question: flags and hints. */
import type { Actor } from '../accounts/index.ts'
import type { Deps } from '../deps.ts'
import { renderMarkdown } from '../markdown.ts'
import type { Language } from '../question-types/index.ts'
import { askedIn, getAttemptRow, mustAllow } from './load.ts'
import { insertAudit, updateSlot } from './store.ts'

/** Throws `closed` when the time is over, `not-found`. */
export async function flagQuestion(deps: Deps, actor: Actor, { attemptId, slot, flagged }: { attemptId: string; slot: number; flagged: boolean }): Promise<void> {
  mustAllow(await getAttemptRow(deps, actor, attemptId), { do: 'flag', slot }, deps.now())
  await updateSlot(deps.db, attemptId, slot, { flagged })
}

/** Shows the hints up to `tier` (1 or 2), as HTML; recorded with the attempt. Throws `forbidden` in an exam, `closed`, `not-found`. */
export async function revealHint(deps: Deps, actor: Actor, { attemptId, slot, tier, language }: { attemptId: string; slot: number; tier: number; language: Language }): Promise<{ hints: string[] }> {
  const attempt = await getAttemptRow(deps, actor, attemptId)
  mustAllow(attempt, { do: 'hint', slot, tier }, deps.now())
  const { row, stored } = askedIn(deps, attempt.slots[slot - 1]!)
  if (tier > row.hintsShown) {
    await updateSlot(deps.db, attemptId, slot, { hintsShown: tier })
    await insertAudit(deps.db, { at: deps.now(), actor: actor.personId, action: 'hint-shown', attemptId, detail: { slot, tier } })
  }
  return { hints: stored.hints.slice(0, Math.max(tier, row.hintsShown)).map((hint) => renderMarkdown(hint[language])) }
}
