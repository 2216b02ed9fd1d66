/** A run looked back at: any moment of it, before and after the repair. PURE. */
import type { AttemptView, LookedBack } from '../../attempts/index.ts'
import { notFound } from '../../errors.ts'
import type { AppError } from '../../errors.ts'
import { translatorOf } from '../../i18n/index.ts'
import type { ConsoleReply, Language } from '../../question-types/index.ts'
import { momentText } from '../instant.ts'
import type { PageModel } from '../views.ts'

function sideView(when: 'before' | 'after', reply: ConsoleReply | undefined): Record<string, unknown> | undefined {
  if (!reply) return undefined
  return { when, outputs: reply.printed.map(({ line, text }) => ({ line, text })), problems: (reply.unreadable ?? []).map(({ message }) => message) }
}

/** What stands in the fields, and what came of it: the moment that was looked at, or why there is none. */
type Look = { run?: string | undefined; seconds: string; command: string } & ({ at: number; looked: LookedBack; problem?: never } | { at?: never; looked?: never; problem: AppError })

/** Model of pages/attempts/timeline.hbs, the same look back without scripts. Throws `not-found` for a question that is not there. */
export function momentPage(attempt: AttemptView, slot: number, language: Language, { run, seconds, command, at, looked, problem }: Look): PageModel {
  const t = translatorOf(language)
  const question = attempt.slots[slot - 1]
  if (!question) throw notFound()
  const { runs = [] } = (problem?.details ?? {}) as { runs?: string[] }
  const url = `/attempts/${attempt.id}/${slot}/timeline`
  return {
    title: at === undefined ? t('timeline.title') : t('timeline.pageTitle', { time: momentText(at, language) }),
    layout: 'main',
    url,
    backHref: attempt.state === 'finished' ? `/attempts/${attempt.id}/result` : `/attempts/${attempt.id}/${slot}#outcome`,
    questionTitle: question.title,
    run: runs.length > 0 ? undefined : run,
    seconds,
    command,
    problem: problem?.message,
    isBadMoment: problem?.code === 'invalid',
    runs: runs.map((name) => ({ name, href: `${url}?${new URLSearchParams({ run: name, seconds: '30' }).toString()}` })),
    sides: looked ? [sideView('before', looked.before), sideView('after', looked.after)].filter((side) => side !== undefined) : [],
  }
}
