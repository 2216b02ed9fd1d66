/** A run looked back at: any moment of it, before and after the repair. PURE. */
import type { AttemptView, LookedBack } from '../../attempts/index.ts'
import type { Translate } from '../../i18n/index.ts'
import type { ConsoleReply } from '../../question-types/index.ts'
import { instantText } from '../instant.ts'
import type { PageModel } from '../views.ts'

function sideView(when: 'before' | 'after', reply: ConsoleReply | undefined): Record<string, unknown> | undefined {
  if (!reply) return undefined
  return { when, outputs: reply.printed.map(({ line, text }) => ({ line, text })), problems: (reply.unreadable ?? []).map(({ message }) => message) }
}

/** Model of pages/attempts/timeline.hbs, the same look back without scripts. */
export function momentPage(attempt: AttemptView, slot: number, { before, after }: LookedBack, { run, at, command }: { run?: string | undefined; at: number; command: string }, t: Translate): PageModel {
  const backHref = attempt.state === 'finished' ? `/attempts/${attempt.id}/result` : `/attempts/${attempt.id}/${slot}#outcome`
  return {
    title: t('timeline.pageTitle', { time: instantText(at) }),
    layout: 'main',
    url: `/attempts/${attempt.id}/${slot}/timeline`,
    backHref,
    questionTitle: attempt.slots[slot - 1]!.title,
    run,
    seconds: at / 1000,
    instant: instantText(at),
    command,
    sides: [sideView('before', before), sideView('after', after)].filter((side) => side !== undefined),
  }
}
