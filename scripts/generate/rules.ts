/** Writes server/checker/rules/index.ts and docs/reference/rules.md from the rule files. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Rule } from '../../server/checker/rule.ts'

const folder = fileURLToPath(new URL('../../server/checker/rules/', import.meta.url))
const reference = fileURLToPath(new URL('../../docs/reference/', import.meta.url))

/** Ids of all rule files, sorted. */
export function ruleIds(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'index.ts').map((name) => name.slice(0, -3)).sort()
}

/** The text of rules/index.ts. */
export function rulesIndexText(ids: readonly string[]): string {
  const nameOf = (id: string): string => id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return [
    '/** Every rule, by id. Written by `npm run generate`. */',
    "import type { Rule } from '../rule.ts'",
    ...ids.map((id) => `import ${nameOf(id)} from './${id}.ts'`),
    '',
    `export const rules: readonly Rule[] = [\n${ids.map((id) => `  ${nameOf(id)},\n`).join('')}]`,
    '',
  ].join('\n')
}

/** The reference page. */
export function rulesPageText(rules: readonly Rule[]): string {
  const rows = rules.map((rule) => `| [\`${rule.id}\`](#${rule.id}) | ${rule.severity}${rule.optional ? ', optional' : ''} | ${rule.title.en} |`)
  const sections = rules.map((rule) => [`## ${rule.id}`, '', `**${rule.title.en}** · ${rule.title['zh-CN']}`, '', `*${rule.severity}, ${rule.category}${rule.optional ? ', only when asked for' : ''}; looks at ${rule.kinds.join(', ')}*`, '', rule.why.en, '', rule.fix.en, '', '```yaml', rule.examples.bad[0]!.yaml.trimEnd(), '```', '', ...rule.links.map((link) => `- <${link}>`), ''].join('\n'))
  return ['# Rules of the checker', '', 'Written by `npm run generate` from `server/checker/rules/`. The site shows the same texts under `/rules/<id>`, in both languages.', '', '| Rule | Severity | What must be true |', '|---|---|---|', ...rows, '', ...sections].join('\n')
}

export async function generateRules(): Promise<void> {
  const ids = ruleIds()
  writeFileSync(`${folder}index.ts`, rulesIndexText(ids))
  const rules = await Promise.all(ids.map(async (id) => ((await import(`../../server/checker/rules/${id}.ts`)) as { default: Rule }).default))
  mkdirSync(reference, { recursive: true })
  writeFileSync(`${reference}rules.md`, rulesPageText(rules))
}
