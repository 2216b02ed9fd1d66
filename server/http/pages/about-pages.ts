/** The pages that explain the site. PURE. */
import { kubectlHelp } from '../../cluster/index.ts'
import { textListOf, translatorOf } from '../../i18n/index.ts'
import { questionTypes } from '../../question-types/index.ts'
import type { Language } from '../../question-types/index.ts'
import type { PageModel } from '../views.ts'
import { chapterLines } from './catalogue.ts'

/** Model of pages/about/about.hbs. */
export function aboutPage(bank: Parameters<typeof chapterLines>[0], language: Language): PageModel {
  return { title: translatorOf(language)('about.title'), area: 'about', chapters: chapterLines(bank, language) }
}

/** Model of pages/about/help.hbs. */
export function helpPage(language: Language): PageModel {
  return {
    title: translatorOf(language)('help.title'),
    area: 'help',
    types: questionTypes.map(({ label, about }) => ({ label: label[language], about: about[language] })),
    kubectl: kubectlHelp().filter(({ absent }) => !absent),
    notModelled: textListOf(language, 'help.notModelled'),
  }
}
