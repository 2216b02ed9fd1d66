/** Every sentence of the user interface, in each language. Questions bring their own texts. */
import i18next from 'i18next'
import type { Language } from '../question-types/index.ts'
import en from './en.json' with { type: 'json' }
import zhCN from './zh-CN.json' with { type: 'json' }

export type Translate = (key: string, values?: Record<string, unknown>) => string

const instance = i18next.createInstance()
void instance.init({
  lng: 'en',
  fallbackLng: false,
  resources: { en: { translation: en }, 'zh-CN': { translation: zhCN } },
  interpolation: { escapeValue: false },
  initAsync: false,
  showSupportNotice: false,
} as Parameters<typeof instance.init>[0])

const byLanguage: Record<Language, Translate> = { en: instance.getFixedT('en') as unknown as Translate, 'zh-CN': instance.getFixedT('zh-CN') as unknown as Translate }

/** The translator of a language. Plural forms are chosen by `count`; an unknown key comes back as itself. Texts are plain: escape them where they enter HTML. */
export function translatorOf(language: Language): Translate {
  return byLanguage[language]
}

/** A list of sentences. */
export function textListOf(language: Language, key: 'help.notModelled'): string[] {
  return translatorOf(language)(key, { returnObjects: true }) as unknown as string[]
}

/** Everything below a key, for the browser: `client` → { saved: '…' }. */
export function textsUnder<Key extends 'client' | 'check'>(language: Language, key: Key): (typeof en)[Key] | (typeof zhCN)[Key] {
  return (language === 'en' ? en : zhCN)[key]
}

/** The best of our languages for an Accept-Language header; English when nothing fits. Any Chinese is served as Simplified. */
export function negotiateLanguage(header: string | undefined): Language {
  const wanted = (header ?? '').split(',').map((entry, index) => {
    const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';')
    const quality = Number(/q=([\d.]+)/.exec(parameters.join(';'))?.[1] ?? '1')
    return { tag, index, quality: Number.isFinite(quality) ? quality : 0 }
  })
  for (const { tag } of wanted.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality || a.index - b.index)) {
    if (/^zh\b/.test(tag)) return 'zh-CN'
    if (/^en\b/.test(tag) || tag === '*') return 'en'
  }
  return 'en'
}
