import { containersOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const env = (variables: string): string => deployment('login', `containers: [{ name: app, image: "login:1", env: [${variables}] }]`)

export default defineRule({
  id: 'env-name-appears-once',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'A container sets a variable once', 'zh-CN': '容器中每个环境变量只设置一次' },
  why: { en: 'The last one wins. Worse, `kubectl apply` merges variables by name, and may drop both when one of the two is removed.', 'zh-CN': '以最后一个为准。更糟的是，`kubectl apply` 按名称合并环境变量，删掉其中一个时可能两个都没了。' },
  fix: { en: 'Keep the one that is meant. Extending a variable with its own earlier value, as in `$(PATH):/x`, is fine.', 'zh-CN': '只保留真正需要的那个。用变量自己先前的值扩展它（如 `$(PATH):/x`）没有问题。' },
  links: ['https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/'],
  kinds: ['workloads'],
  mentions: ['env'],
  *check(object) {
    for (const { container, path } of containersOf(object)) {
      const seen = new Set<string>()
      for (const [index, { name, value }] of list(container.env).entries()) {
        if (typeof name !== 'string') continue
        const extendsItself = typeof value === 'string' && value.includes(`$(${name})`)
        if (seen.has(name) && !extendsItself) yield { at: [...path, 'env', index, 'name'], message: { en: `Container "${container.name}" already sets ${name}; this value replaces the one before.`, 'zh-CN': `容器 "${container.name}" 已经设置过 ${name}，这里的值会覆盖前面的。` }, change: { title: { en: `Remove this ${name}`, 'zh-CN': `删除这一处 ${name}` }, path: [...path, 'env', index] } }
        seen.add(name)
      }
    }
  },
  examples: { good: [env('{ name: A, value: x }, { name: B, value: x }'), env('{ name: P, value: a }, { name: P, value: "$(P):b" }')], bad: [{ yaml: env('{ name: A, value: x }, { name: A, value: z }'), expect: ['spec.template.spec.containers[0].env[1].name'] }] },
})
