/** The console beside a repair as a page shows it: with what was printed so far, for a browser without scripts, or empty. PURE. */
import type { Translate } from '../../i18n/index.ts'
import type { ConsoleReply } from '../../question-types/index.ts'

/** Whose files the cluster started with. */
export type ConsoleStart = 'given' | 'own'
/** What a plain form carries from one page to the next. `shown`: commands before this one are played, but their output was cleared away. */
export type ConsoleState = { start: ConsoleStart; done: { at: number; line: string; files?: Record<string, string> }[]; shown: number }

type Line = { text: string; tone?: 'bad' | 'good' | undefined; instant?: string; who?: string }
export type ConsoleBlock = { kind: 'command'; instant: string; line: string; text: string; failed: boolean } | { kind: 'news'; lines: Line[] } | { kind: 'note'; text: string }

/** `0:07.5`: minutes, seconds and tenths since the files were applied. */
export function consoleClock(ms: number): string {
  const tenths = Math.floor(ms / 100)
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`
}

function blocksOf(reply: ConsoleReply, shown: number, t: Translate): ConsoleBlock[] {
  if (reply.unreadable) return [{ kind: 'note', text: t('console.unreadable') }, { kind: 'news', lines: reply.unreadable.map(({ message, file, line }) => ({ tone: 'bad', text: message, who: [file, line].filter((part) => part !== undefined).join(':') })) }]
  const applied: ConsoleBlock[] = shown === 0 ? [{ kind: 'command', instant: consoleClock(0), line: 'kubectl apply -f .', text: reply.applied.join('\n'), failed: false }] : []
  const printed = reply.printed.slice(shown).map(({ at, line, text, exitCode }): ConsoleBlock => ({ kind: 'command', instant: consoleClock(at), line, text, failed: exitCode !== 0 }))
  const news: ConsoleBlock[] = reply.news.length > 0 ? [{ kind: 'news', lines: reply.news.map(({ at, who, what, tone }) => ({ instant: consoleClock(at), who, text: what, tone })) }] : []
  const notes = [...(reply.quiet ? [t('console.quiet')] : []), ...(reply.ended ? [t(`console.ended.${reply.ended}`)] : [])].map((text): ConsoleBlock => ({ kind: 'note', text }))
  return [...applied, ...printed, ...news, ...notes]
}

/** Model of partials/console.hbs. `mayTry`: the person may also start from files of their own. `problem`: why there is no reply. */
export function consoleView({ url, mayTry, t, state = { start: 'given', done: [], shown: 0 }, reply, problem, line = '' }: { url: string; mayTry: boolean; t: Translate; state?: ConsoleState; reply?: ConsoleReply | undefined; problem?: string | undefined; line?: string }): Record<string, unknown> {
  const now = reply?.now ?? 0
  return {
    url,
    mayTry,
    ownStart: state.start === 'own',
    now,
    clock: consoleClock(now),
    namespace: reply?.namespace ?? '',
    done: JSON.stringify(state.done),
    shown: state.shown,
    line,
    blocks: problem ? [{ kind: 'note', text: problem }] : reply ? blocksOf(reply, state.shown, t) : [],
  }
}
