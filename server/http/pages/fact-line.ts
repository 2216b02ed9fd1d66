/** One fact of a run as a line of the list beside its picture. What kubectl prints stays as it is; the rest is said in the reader's language. PURE. */
import { lossInChinese, reachInChinese } from '../../cluster/index.ts'
import { translatorOf } from '../../i18n/index.ts'
import type { Translate } from '../../i18n/index.ts'
import type { Language } from '../../question-types/index.ts'
import { instantText, momentText } from '../instant.ts'
import type { Fact } from '../pod-lanes.ts'

export type FactLine = { instant: string; who: string; /** Of an event. */ reason?: string; what: string; tone?: 'good' | 'bad'; cause?: Fact['cause'] }

/** Facts whose words say nothing more than their kind. */
const bare: Readonly<Record<string, string>> = { 'pod-created': 'created', 'pod-deleted': 'deleted', 'pod-terminating': 'terminating', 'drain-started': 'drainStarted', 'drain-finished': 'drainFinished', 'drain-timeout': 'drainTimeout' }
/** Facts that say what the cluster said, or name something. */
const named: Readonly<Record<string, string>> = { 'pod-placed': 'placed', 'pod-phase': 'phase', 'step-refused': 'stepRefused', 'evict-refused': 'evictRefused' }

/** A translation, or the word itself where there is none: an old grade may hold what is not said any more. */
function known(t: Translate, key: string, word: string): string {
  const text = t(key)
  return text === key ? word : text
}

function wordsOf({ kind, text }: Fact, language: Language): string {
  const t = translatorOf(language)
  if (bare[kind]) return t(`facts.${bare[kind]}`)
  if (named[kind]) return t(`facts.${named[kind]}`, { text })
  switch (kind) {
    case 'ready': return t(text === 'ready' ? 'facts.ready' : 'facts.notReady')
    case 'container-state': return text === 'running' ? t('facts.running') : text
    case 'endpoint': return text === 'none' ? t('facts.noEndpoints') : t('facts.endpoints', { text })
    case 'step': return known(t, `facts.step.${text}`, text)
    case 'applied': return known(t, `facts.applied.${text}`, text)
    case 'behaved': return known(t, `facts.behaved.${text}`, text)
    case 'reach': return language === 'zh-CN' ? reachInChinese(text) : text
    case 'request-lost': return lossWords(text, language)
    case 'reconnected': return returnWords(text, language)
    default: return text
  }
}

/** Of `players: 37 requests lost: EOF` (cluster/traffic/bursts.ts). */
function lossWords(text: string, language: Language): string {
  const [, name, count, noun, error = ''] = /^(.*?): (\d+) (request|call|stream|connection)s? lost: (.*)$/s.exec(text) ?? []
  return name === undefined || language === 'en' ? text : translatorOf(language)('facts.lost', { name, count, noun: translatorOf(language)(`facts.noun.${noun!}`), error: lossInChinese(error) })
}

/** Of `players: 20 connections open again 4 s after the cut, 3 still trying` (cluster/traffic/sessions.ts). */
function returnWords(text: string, language: Language): string {
  const [, name, count, noun, seconds, waiting] = /^(.*?): (\d+) (call|stream|connection)s? open again ([\d.]+) s after the cut(?:, (\d+) still trying)?$/.exec(text) ?? []
  if (name === undefined || language === 'en') return text
  const t = translatorOf(language)
  return `${t('facts.reopened', { name, count, noun: t(`facts.noun.${noun!}`), time: instantText(Number(seconds) * 1000, language) })}${waiting === undefined ? '' : t('facts.waiting', { count: Number(waiting) })}`
}

/** How a fact reads in the list, and whether it is good or bad news. */
export function factLine(fact: Fact, language: Language): FactLine {
  const who = fact.ref ? `${fact.ref.kind.toLowerCase()}/${fact.ref.name}${fact.container ? ` ${fact.container}` : ''}` : ''
  const [, type = '', reason, message] = (fact.kind === 'event' && /^(Normal|Warning) (\S+) ?(.*)$/s.exec(fact.text)) || []
  const isBad = type === 'Warning' || fact.text === 'not ready' || /BackOff|Error|OOMKilled|^Failed$/.test(fact.text) || ['request-lost', 'step-refused', 'evict-refused', 'drain-timeout'].includes(fact.kind)
  const tone = isBad ? 'bad' : fact.kind === 'ready' && fact.text === 'ready' ? 'good' : undefined
  return { instant: instantText(fact.at, language), who, ...(reason === undefined ? {} : { reason }), what: message ?? wordsOf(fact, language), ...(tone === undefined ? {} : { tone }), ...(fact.cause ? { cause: fact.cause } : {}) }
}

/** The same where it explains a verdict: what stood before the files were applied has no moment. */
export function evidenceLine(fact: Fact, language: Language): FactLine {
  return { ...factLine(fact, language), instant: fact.at < 0 ? '' : momentText(fact.at, language) }
}
