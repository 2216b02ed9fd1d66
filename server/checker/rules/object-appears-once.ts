import type { K8sObject } from '../../k8s/object.ts'
import { spaceOf } from '../inventory.ts'
import { defineRule } from '../rule.ts'
import { configMap, file } from '../samples.ts'

/** Group, kind, namespace, name: versions of one group show the same objects. */
const keyOf = ({ apiVersion, kind, metadata }: K8sObject): string => [apiVersion.includes('/') ? apiVersion.split('/')[0] : '', kind, spaceOf(metadata.namespace), metadata.name].join('\n')

export default defineRule({
  id: 'object-appears-once',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'An object is in the input once', 'zh-CN': '同一个对象只出现一次' },
  why: { en: 'The second manifest with the same kind, namespace and name is an update of the first: it silently replaces what was written there. Most often a copy was to get another name.', 'zh-CN': '第二份 kind、namespace、name 都相同的清单会更新第一份：前面写的内容被悄悄覆盖。多半是复制之后忘了改名。' },
  fix: { en: 'Give the copy its own name, or remove one of the two.', 'zh-CN': '给副本起一个新名字，或者删除其中一份。' },
  links: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/names/'],
  kinds: ['*'],
  *check(subject, all) {
    if (!subject.metadata.name || all.objects.length === 1) return
    const first = all.once('first object of each name', () => {
      const found = new Map<string, K8sObject>()
      for (const object of all.objects) if (!found.has(keyOf(object))) found.set(keyOf(object), object)
      return found
    }).get(keyOf(subject))
    // The same text twice changes nothing: bundles often repeat their Namespace.
    if (!first || first === subject || JSON.stringify(first) === JSON.stringify(subject)) return
    yield { at: ['metadata', 'name'], message: { en: `There is another ${subject.kind} "${subject.metadata.name}" before this one; this one replaces it.`, 'zh-CN': `前面已经有 ${subject.kind} "${subject.metadata.name}"，这一份会覆盖它。` } }
  },
  examples: {
    good: [file(configMap('a', 'x: z'), configMap('b', 'x: z')), file(configMap('a', 'x: z', 'web'), configMap('a', 'x: z', 'game')), file(configMap('a', 'x: z'), configMap('a', 'x: z'))],
    bad: [{ yaml: file(configMap('a', 'x: z'), configMap('a', 'x: w')), expect: ['metadata.name'] }],
  },
})
