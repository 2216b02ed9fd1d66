/** Handlebars with layouts: reads views/ once, registers partials and helpers, and turns a page name and a model into HTML. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Handlebars from 'handlebars'
import { textsUnder, translatorOf } from '../i18n/index.ts'
import { compareText } from '../k8s/object.ts'
import { renderInline, renderMarkdown } from '../markdown.ts'
import { languages } from '../question-types/index.ts'
import type { Language, Text } from '../question-types/index.ts'
import { iconSvg } from './icons.ts'

export type Theme = 'auto' | 'light' | 'dark'
export const themes: readonly Theme[] = ['auto', 'light', 'dark']

/** What every page needs, whatever it shows. */
export type Shell = {
  language: Language
  theme: Theme
  /** Path and query of the page: where switching the language comes back to. */
  path: string
  personName?: string
}

/** `title` becomes the document's title; `layout` is a file of views/layouts, `main` unless said otherwise. */
export type PageModel = { title: string; layout?: 'main' | 'exam'; [name: string]: unknown }

export type Views = {
  /** A whole document. `name` is a path below views/pages without its ending. Throws when there is no such page. */
  page(name: string, model: PageModel, shell: Shell): string
  /** A partial alone, for scripts that replace a part of a page. */
  fragment(name: string, model: Record<string, unknown>, shell: Shell): string
  /** Pages, partials and layouts by name, for the test that renders them all. */
  readonly names: readonly string[]
}

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '../..')

function templatesBelow(folder: string, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name)).flatMap((entry): [string, string][] => {
      if (entry.isDirectory()) return Object.entries(templatesBelow(join(folder, entry.name), `${prefix}${entry.name}/`))
      return entry.name.endsWith('.hbs') ? [[`${prefix}${entry.name.slice(0, -4)}`, readFileSync(join(folder, entry.name), 'utf8')]] : []
    }),
  )
}

/** When a template was last changed. */
function newestIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((newest, entry) => {
    const path = join(folder, entry.name)
    return Math.max(newest, entry.isDirectory() ? newestIn(path) : entry.name.endsWith('.hbs') ? statSync(path).mtimeMs : 0)
  }, 0)
}

/** Name in the source → URL with the content hash; without a build the plain name. */
function assetUrls(manifestPath: string): (name: string) => string {
  const manifest: Record<string, string> = existsSync(manifestPath) ? JSON.parse(readFileSync(manifestPath, 'utf8')) : {}
  return (name) => `/static/${manifest[name] ?? name}`
}

type HelperOptions = Handlebars.HelperOptions
const languageIn = (options: HelperOptions): Language => options.data.root.shell.language
const safe = (html: string) => new Handlebars.SafeString(html)

function textOf(value: unknown, language: Language): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? ((value as Text)[language] ?? '') : String(value)
}

function timeTag(value: unknown, style: 'time' | 'date' | 'both', language: Language): string {
  if (value === null || value === undefined || value === '') return ''
  const date = value instanceof Date ? value : new Date(value as string | number)
  const options: Intl.DateTimeFormatOptions = {
    timeZone: 'UTC',
    ...(style === 'time' ? {} : { year: 'numeric', month: 'short', day: 'numeric' }),
    ...(style === 'date' ? {} : { hour: '2-digit', minute: '2-digit', ...(style === 'time' ? { second: '2-digit' } : {}), hourCycle: 'h23' }),
  }
  const words = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, options).format(date)
  return `<time datetime="${date.toISOString()}" data-local="${style}">${Handlebars.escapeExpression(words)}${style === 'date' ? '' : ' UTC'}</time>`
}

/** `5400` → `1:30:00`, `65` → `1:05`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

const helpersWith = (asset: (name: string) => string): Record<string, Handlebars.HelperDelegate> => ({
  t: (key: string, options: HelperOptions) => translatorOf(languageIn(options))(key, options.hash),
  /** Markdown of the bank as HTML; raw HTML is off in the renderer. */
  md: (value: unknown, options: HelperOptions) => safe(renderMarkdown(textOf(value, languageIn(options)))),
  inline: (value: unknown, options: HelperOptions) => safe(renderInline(textOf(value, languageIn(options)))),
  /** HTML that markdown.ts has made already. */
  html: (value: unknown) => safe(String(value ?? '')),
  say: (value: unknown, options: HelperOptions) => textOf(value, languageIn(options)),
  icon: (name: string) => safe(iconSvg(name)),
  asset: (name: string) => asset(name),
  time: (value: unknown, options: HelperOptions) => safe(timeTag(value, 'time', languageIn(options))),
  date: (value: unknown, options: HelperOptions) => safe(timeTag(value, 'date', languageIn(options))),
  dateTime: (value: unknown, options: HelperOptions) => safe(timeTag(value, 'both', languageIn(options))),
  clock: (seconds: number) => clockText(seconds),
  /** At most one decimal: 2.333 → 2.3, 3 → 3. */
  figure: (value: number) => String(Math.round(value * 10) / 10),
  eq: (a: unknown, b: unknown) => a === b,
  and: (a: unknown, b: unknown) => Boolean(a) && Boolean(b),
  or: (a: unknown, b: unknown) => Boolean(a) || Boolean(b),
  not: (a: unknown) => !a,
  plus: (a: number, b: number) => a + b,
  /** Markdown as words alone, where no markup can stand. */
  plain: (value: unknown, options: HelperOptions) => textOf(value, languageIn(options)).replace(/`([^`]+)`|\*\*([^*]+)\*\*/g, '$1$2'),
  letter: (index: number) => String.fromCharCode(65 + (index % 26)),
  json: (value: unknown) => JSON.stringify(value),
  concat: (...parts: unknown[]) => parts.slice(0, -1).join(''),
  clientTexts: (options: HelperOptions) => JSON.stringify(textsUnder(languageIn(options), 'client')),
})

/** Compiles everything below views/ at once, so a broken template stops the start and not a candidate. With `reload`, templates and the names of browser files are read anew when they changed. */
export function createViews({ folder = join(projectRoot, 'views'), manifest = join(projectRoot, 'build/client/manifest.json'), reload = false }: { folder?: string; manifest?: string; reload?: boolean } = {}): Views {
  const load = () => {
    const handlebars = Handlebars.create()
    const helpers = helpersWith(assetUrls(manifest))
    handlebars.registerHelper(helpers)
    const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]))
    const compile = (source: string) => handlebars.compile(source, { knownHelpers, knownHelpersOnly: true, preventIndent: true, strict: false })
    const compileAll = (part: string) => Object.fromEntries(Object.entries(templatesBelow(join(folder, part))).map(([name, source]) => [name, compile(source)]))
    const partials = { ...compileAll('partials'), ...Object.fromEntries(['questions', 'reviews'].flatMap((part) => Object.entries(compileAll(part)).map(([name, template]) => [`${part}/${name}`, template]))) }
    handlebars.registerPartial(partials)
    return { pages: compileAll('pages'), layouts: compileAll('layouts'), partials }
  }
  let loaded = load()
  const newestNow = () => (reload ? Math.max(newestIn(folder), existsSync(manifest) ? statSync(manifest).mtimeMs : 0) : 0)
  let seen = newestNow()
  const refresh = () => {
    const newest = newestNow()
    if (newest === seen) return
    seen = newest
    loaded = load()
  }
  const shellModel = (shell: Shell) => ({
    ...shell,
    languages: languages.map((language) => ({ language, current: language === shell.language })),
    themes: themes.map((theme) => ({ theme, current: theme === shell.theme })),
  })
  return {
    page(name, model, shell) {
      refresh()
      const page = loaded.pages[name]
      if (!page) throw new Error(`There is no page views/pages/${name}.hbs`)
      const context = { ...model, shell: shellModel(shell) }
      return loaded.layouts[model.layout ?? 'main']!({ ...context, body: page(context) })
    },
    fragment(name, model, shell) {
      refresh()
      const partial = loaded.partials[name]
      if (!partial) throw new Error(`There is no partial views/partials/${name}.hbs`)
      return partial({ ...model, shell: shellModel(shell) })
    },
    get names() {
      return Object.keys(loaded.pages)
    },
  }
}
