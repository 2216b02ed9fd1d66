/** Shows a report with the template that the server uses for browsers without scripts. */
import Handlebars from 'handlebars/runtime'
import reportSpec from '../partials/check-report.hbs'
import summarySpec from '../partials/check-summary.hbs'
import piecesSpec from '../partials/pieces.hbs'

type Tree = { [key: string]: string | Tree }
/** What the page brings along: its sentences and icons. */
export type Kit = { texts: Tree; icons: Record<string, string>; example: string }
type Options = { hash?: Record<string, unknown> }

const template = (spec: unknown) => Handlebars.template(spec as TemplateSpecification)
const [report, summary, pieces] = [template(reportSpec), template(summarySpec), template(piecesSpec)]

/** HTML of the report and of its summary; both are escaped by the template. */
export function reportView({ texts, icons }: Kit): { report: (model: unknown) => string; summary: (model: unknown) => string } {
  const find = (path: string): string | undefined => {
    const found = path.split('.').reduce<string | Tree | undefined>((tree, step) => (typeof tree === 'object' ? tree[step] : undefined), { check: texts })
    return typeof found === 'string' ? found : undefined
  }
  /** Plural forms as i18next names them; Chinese has the one form only. */
  const say = (key: string, values: Record<string, unknown>): string => {
    const form = values.count === undefined ? undefined : (values.count === 1 ? find(`${key}_one`) : undefined) ?? find(`${key}_other`)
    return (form ?? find(key) ?? key).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''))
  }
  const helpers = {
    t: (key: string, { hash = {} }: Options) => say(key, hash),
    icon: (name: string) => new Handlebars.SafeString(icons[name] ?? ''),
    eq: (a: unknown, b: unknown) => a === b,
    or: (a: unknown, b: unknown) => Boolean(a) || Boolean(b),
    concat: (...parts: unknown[]) => parts.slice(0, -1).join(''),
  }
  const options = { helpers, partials: { pieces } }
  return { report: (model) => report({ report: model }, options), summary: (model) => summary({ report: model }, options) }
}
