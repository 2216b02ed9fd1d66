/** The pages about the rules of the checker. PURE. */
import { check, findRule, piecesOf, rules } from '../../checker/index.ts'
import type { Category, Rule } from '../../checker/index.ts'
import { translatorOf } from '../../i18n/index.ts'
import type { Language } from '../../question-types/index.ts'
import type { PageModel } from '../views.ts'

const categories: readonly Category[] = ['references', 'network', 'availability', 'probes', 'resources', 'images', 'pod-security', 'access', 'configuration']

/** All words of a rule in a language, for the search. */
function wordsIn({ id, title, why, fix, kinds }: Rule, language: Language): string {
  return [id, title[language], why[language], fix[language], ...kinds].join(' ').toLowerCase()
}

/** Model of pages/rules/index.hbs: every rule in which each word of the search stands, by category. */
export function rulesPage(search: string, language: Language): PageModel {
  const wanted = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
  const found = rules.filter((rule) => wanted.every((word) => wordsIn(rule, language).includes(word)))
  const shown = [...categories, ...new Set(found.map(({ category }) => category).filter((category) => !categories.includes(category)))]
  return {
    title: translatorOf(language)('advice.title'),
    area: 'rules',
    search,
    count: found.length,
    total: rules.length,
    groups: shown.map((category) => ({ category, rules: found.filter((rule) => rule.category === category).map(({ id, severity, title, optional }) => ({ id, severity, title: piecesOf(title[language]), optional })) })).filter((group) => group.rules.length > 0),
  }
}

/** Model of pages/rules/rule.hbs, with what the rule says to its own bad examples; undefined when there is no such rule. */
export function rulePage(id: string, language: Language): PageModel | undefined {
  const rule = findRule(id)
  if (!rule) return undefined
  const t = translatorOf(language)
  return {
    title: rule.title[language],
    area: 'rules',
    crumbs: [{ label: t('advice.title'), href: '/rules' }, { label: t(`advice.categories.${rule.category}`) }],
    rule: { id, severity: rule.severity, optional: rule.optional ?? false, kinds: rule.kinds.map((kind) => (kind === '*' ? t('advice.everyKind') : kind === 'workloads' ? t('advice.workloads') : kind)) },
    heading: piecesOf(rule.title[language]),
    why: piecesOf(rule.why[language]),
    fix: piecesOf(rule.fix[language]),
    links: rule.links.map((url) => ({ url, host: /^https?:\/\/([^/]+)/.exec(url)?.[1] ?? url })),
    bad: rule.examples.bad.map((example) => ({ code: fenced(example.yaml), closed: example.closed ?? false, says: saidTo(rule, example, language) })),
    good: rule.examples.good.map((yaml) => ({ code: fenced(yaml) })),
  }
}

function saidTo(rule: Rule, { yaml, closed }: Rule['examples']['bad'][number], language: Language): { line: number; path: string; message: ReturnType<typeof piecesOf> }[] {
  const report = check([{ file: '', text: yaml }], { only: [rule.id], closed: closed ?? false })
  return report.documents.flatMap(({ findings }) => findings).map(({ range, path, message }) => ({ line: range.start.line, path, message: piecesOf(message[language]) }))
}

/** As Markdown, so that it is highlighted like every other manifest. */
function fenced(yaml: string): string {
  return `\`\`\`\`yaml\n${yaml.replace(/\n*$/, '')}\n\`\`\`\``
}
