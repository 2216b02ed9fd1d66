import { containersOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const env = (variables: string): string => deployment('login', `containers: [{ name: app, image: "login:1", env: [${variables}] }]`)

export default defineRule({
  id: 'env-reference-is-set-before',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'A variable refers only to variables above it', 'zh-CN': '环境变量只引用写在它前面的变量' },
  why: { en: 'Variables are expanded in the order of the list. A reference to one further down is not an error: the text `$(NAME)` stays as it is, and the process reads it literally.', 'zh-CN': '环境变量按列表顺序展开。引用写在后面的变量不会报错：`$(NAME)` 会原样保留，进程读到的就是这段文字。' },
  fix: { en: 'Move the variable that is referred to above the one that uses it; write `$$(NAME)` when the text itself is meant.', 'zh-CN': '把被引用的变量移到前面；如果就是要这段文字，写成 `$$(NAME)`。' },
  links: ['https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/'],
  kinds: ['workloads'],
  mentions: ['env'],
  *check(object) {
    for (const { container, path } of containersOf(object)) {
      const variables = list(container.env)
      if (!variables.some(({ value }) => typeof value === 'string' && value.includes('$('))) continue
      const first = new Map<string, number>()
      for (const [index, { name }] of variables.entries()) {
        if (!first.has(name as string)) first.set(name as string, index)
      }
      // Variables of envFrom come first, and their names are not known here.
      if (list(container.envFrom).length > 0) continue
      for (const [index, { value }] of variables.entries()) {
        if (typeof value !== 'string') continue
        const late = [...value.matchAll(/(\$+)\(([^()]+)\)/g)].filter(([, dollars]) => dollars!.length % 2 === 1).map(([, , name]) => name!).find((name) => (first.get(name) ?? -1) > index)
        if (late !== undefined) yield { at: [...path, 'env', index, 'value'], message: { en: `$(${late}) is set further down (env[${first.get(late)}]), so it is not expanded here.`, 'zh-CN': `$(${late}) 在后面才设置（env[${first.get(late)}]），这里不会展开。` } }
      }
    }
  },
  examples: { good: [env('{ name: HOST, value: db }, { name: URL, value: "http://$(HOST)/" }'), env('{ name: URL, value: "$$(HOST)" }, { name: HOST, value: db }'), env('{ name: URL, value: "$(DB_SERVICE_HOST)" }')], bad: [{ yaml: env('{ name: URL, value: "http://$(HOST)/" }, { name: HOST, value: db }'), expect: ['spec.template.spec.containers[0].env[0].value'] }] },
})
