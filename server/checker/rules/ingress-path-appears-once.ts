import type { K8sObject } from '../../k8s/object.ts'
import { classOf, pathsOf } from '../ingress.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file, object } from '../samples.ts'

const ingress = (name: string, path: string, rest = ''): string => object('networking.k8s.io/v1', 'Ingress', name, `spec:\n  rules: [{ host: play.example, http: { paths: [{ path: ${path}, pathType: Prefix, backend: { service: { name: login, port: { number: 80 } } } }] } }]${rest}`)

/** Prefix /a and /a/ are the same; Exact /a is another. */
function keyOf(className: string, { host, path, type }: ReturnType<typeof pathsOf>[number]): string {
  return [className, host, type === 'Exact' ? '=' : type === 'Prefix' ? '^' : '~', type === 'Prefix' ? path.replace(/\/+$/, '') : path].join('\n')
}

/** Canaries and mergeable parts share their paths on purpose. */
function isShared({ metadata }: K8sObject): boolean {
  return metadata.annotations?.['nginx.ingress.kubernetes.io/canary'] === 'true' || metadata.annotations?.['nginx.org/mergeable-ingress-type'] !== undefined
}

export default defineRule({
  id: 'ingress-path-appears-once',
  category: 'network',
  severity: 'warning',
  title: { en: 'A host and path lead to one backend', 'zh-CN': '同一 host 和 path 只有一个后端' },
  why: { en: 'When two rules claim the same host and path, the controller keeps one, usually the older Ingress, and ignores the other without an error.', 'zh-CN': '两条规则声明相同的 host 和 path 时，控制器只保留其中一条，通常是较早创建的 Ingress，另一条被忽略，也不报错。' },
  fix: { en: 'Change the path or the host of one of them, or remove it.', 'zh-CN': '修改其中一条的 path 或 host，或者删除它。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#multiple-matches'],
  kinds: ['Ingress'],
  *check(subject, all) {
    const first = all.once('first owner of host and path', () => {
      const found = new Map<string, string>()
      for (const other of all.list('Ingress')) {
        if (isShared(other)) continue
        for (const entry of pathsOf(other)) {
          const key = keyOf(classOf(other), entry)
          if (!found.has(key)) found.set(key, `${called(other)}\n${entry.at.join('.')}`)
        }
      }
      return found
    })
    if (isShared(subject)) return
    for (const entry of pathsOf(subject)) {
      const owner = first.get(keyOf(classOf(subject), entry))
      if (owner === undefined || owner === `${called(subject)}\n${entry.at.join('.')}`) continue
      const [name] = owner.split('\n')
      yield { at: [...entry.at, 'path'], message: { en: `${name} already serves ${entry.host || '*'}${entry.path}.`, 'zh-CN': `${name} 已经占用 ${entry.host || '*'}${entry.path}。` } }
    }
  },
  examples: {
    good: [file(ingress('a', '/'), ingress('b', '/login')), file(ingress('a', '/'), ingress('b', '/', '\n  ingressClassName: internal'))],
    bad: [{ yaml: file(ingress('a', '/login'), ingress('b', '/login/')), expect: ['spec.rules[0].http.paths[0].path'] }],
  },
})
