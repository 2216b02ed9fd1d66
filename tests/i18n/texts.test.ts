import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import en from '../../server/i18n/en.json' with { type: 'json' }
import zhCN from '../../server/i18n/zh-CN.json' with { type: 'json' }
import { negotiateLanguage, translatorOf } from '../../server/i18n/index.ts'

type Tree = { [key: string]: string | string[] | Tree }

function flat(tree: Tree, prefix = ''): Record<string, string> {
  return Object.assign({}, ...Object.entries(tree).map(([key, value]) => (typeof value === 'string' ? { [prefix + key]: value } : Array.isArray(value) ? { [prefix + key]: value.join('\n') } : flat(value, `${prefix}${key}.`))))
}

const english = flat(en)
const chinese = flat(zhCN)
const stem = (key: string) => key.replace(/_(one|other)$/, '')
const keys = (texts: Record<string, string>) => [...new Set(Object.keys(texts).map(stem))].sort()

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? sourcesBelow(join(folder, entry.name)) : /\.(hbs|ts)$/.test(entry.name) ? [readFileSync(join(folder, entry.name), 'utf8')] : []))
}
const browserSource = sourcesBelow('views/client').join('\n')
const source = [...['layouts', 'pages', 'partials', 'questions', 'reviews'].flatMap((folder) => sourcesBelow(`views/${folder}`)), ...sourcesBelow('server/http')].join('\n')

describe('both languages', () => {
  test('have the same keys', () => expect(keys(chinese)).toEqual(keys(english)))
  test('have the plural forms of their language', () => {
    for (const key of Object.keys(english).filter((key) => key.endsWith('_one'))) expect(english).toHaveProperty([`${stem(key)}_other`])
    expect(Object.keys(chinese).filter((key) => key.endsWith('_one'))).toEqual([])
  })
  test('use the same values', () => {
    const values = (text: string | undefined) => [...new Set([...(text ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name))].sort()
    for (const key of Object.keys(chinese)) {
      const wanted = values(english[key] ?? english[`${stem(key)}_other`])
      expect(values(chinese[key]), key).toEqual(wanted)
    }
  })
  test('Chinese uses full-width punctuation next to Chinese words', () => {
    for (const [key, text] of Object.entries(chinese)) expect(text, key).not.toMatch(/[\u4e00-\u9fff][,:;?!()]|[,;?!()][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?!\w)/)
  })
})

describe('keys', () => {
  /** Keys that templates put together from a prefix and a value. */
  const prefixes = [...source.matchAll(/concat "([\w.-]+\.)"/g)].map(([, prefix]) => prefix!).concat([...source.matchAll(/t\(`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix!))
  const isUsed = (key: string) => source.includes(`'${key}'`) || source.includes(`"${key}"`) || prefixes.some((prefix) => key.startsWith(prefix))
  test('are all used', () => {
    const unused = keys(english).filter((key) => !(isUsed(key) || (key.startsWith('client.') && new RegExp(`t\\([^)]*'${key.slice(7)}'`).test(browserSource))))
    expect(unused).toEqual([])
  })
  test('that are used exist', () => {
    const known = new Set(keys(english))
    const used = [...source.matchAll(/\{\{[^}]*?\bt "([\w.-]+)"|\(t "([\w.-]+)"|[^\w]t\('([\w.-]+)'|translatorOf\([^)]*\)\('([\w.-]+)'/g)].map((match) => match.slice(1).find((name) => name !== undefined)!)
    const usedInBrowser = [...browserSource.matchAll(/\bt\('(\w+)'/g)].map(([, key]) => `client.${key}`)
    expect(usedInBrowser.filter((key) => !known.has(key))).toEqual([])
    expect(used.length).toBeGreaterThan(150)
    expect([...new Set(used)].filter((key) => !known.has(key))).toEqual([])
  })
})

test('plural forms follow the count', () => {
  expect(translatorOf('en')('home.questions', { count: 1 })).toBe('1 question')
  expect(translatorOf('en')('home.questions', { count: 0 })).toBe('0 questions')
  expect(translatorOf('zh-CN')('home.questions', { count: 1 })).toBe('1 道题')
})

test.each([
  [undefined, 'en'], ['', 'en'], ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'], ['zh-TW', 'zh-CN'], ['de-DE,de;q=0.9,zh;q=0.5,en;q=0.3', 'zh-CN'], ['en-GB;q=0.2,zh-Hans', 'zh-CN'],
  ['zh;q=0,en', 'en'], ['fr', 'en'], ['*', 'en'], [';;;q=x,,', 'en'],
] as const)('Accept-Language %s is served as %s', (header, language) => expect(negotiateLanguage(header)).toBe(language))
