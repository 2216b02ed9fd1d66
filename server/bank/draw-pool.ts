/** What a draw needs to know of each question. A question without domains of its own counts for those of its section. Pure. */
import type { Bank } from './format.ts'

export type PoolEntry = { id: string; type: string; chapter: string; section: string; domains: string[]; difficulty: number; tags: string[]; corrects: string[] }

export function drawPool(bank: Pick<Bank, 'questions' | 'sections'>): PoolEntry[] {
  const domains = new Map(bank.sections.map((section) => [section.id, section.domains]))
  return bank.questions.map(({ id, type, chapter, section, difficulty, tags, corrects, domains: own }) => ({ id, type, chapter, section, domains: own.length > 0 ? own : (domains.get(section) ?? []), difficulty, tags, corrects }))
}
