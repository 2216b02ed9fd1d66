import { sentences, setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { configMap, file } from '../samples.ts'

const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`

export default defineRule({
  id: 'namespace-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'An object goes into a namespace that exists', 'zh-CN': '对象所在的 namespace 存在' },
  why: { en: 'The API server refuses objects of a missing namespace: namespaces "…" not found. The rest of the file is applied, so half of the application runs.', 'zh-CN': '对象的 namespace 不存在时，API server 会拒绝它：namespaces "…" not found。文件的其余部分照样生效，结果是应用只运行了一半。' },
  fix: { en: 'Correct `metadata.namespace`, or put the Namespace before the objects in it.', 'zh-CN': '改正 `metadata.namespace`，或者把 Namespace 放在其中的对象之前。' },
  links: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/'],
  kinds: ['*'],
  *check(subject, all) {
    const name = subject.metadata.namespace
    if (!name || name === 'default' || name.startsWith('kube-')) return
    const missing = all.missing('Namespace', undefined, name)
    if (!missing) return
    const at = ['metadata', 'namespace']
    yield { at, message: sentences({ en: `${subject.kind} "${subject.metadata.name}" goes into namespace "${name}".`, 'zh-CN': `${subject.kind} "${subject.metadata.name}" 属于 namespace "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
  },
  examples: {
    good: [file(namespace('game'), configMap('a', 'x: z', 'game')), configMap('a', 'x: z', 'game'), file(namespace('game-1'), configMap('a', 'x: z', 'game-2'))],
    bad: [{ yaml: file(namespace('gaming'), configMap('a', 'x: z', 'gamign')), expect: ['metadata.namespace'] }, { yaml: configMap('a', 'x: z', 'game'), closed: true, expect: ['metadata.namespace'] }],
  },
})
