import type { K8sObject } from '../../k8s/object.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file } from '../samples.ts'

const keys: Readonly<Record<string, string>> = { IngressClass: 'ingressclass.kubernetes.io/is-default-class', StorageClass: 'storageclass.kubernetes.io/is-default-class' }
const isDefault = (object: K8sObject): boolean => object.metadata.annotations?.[keys[object.kind]!] === 'true'
const ingressClass = (name: string, value: string): string => `apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata:\n  name: ${name}\n  annotations: { ingressclass.kubernetes.io/is-default-class: "${value}" }\nspec: { controller: example.com/ingress }\n`

export default defineRule({
  id: 'one-default-class',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'At most one IngressClass and one StorageClass is the default', 'zh-CN': '默认的 IngressClass 和 StorageClass 最多各一个' },
  why: { en: 'With several defaults, an Ingress or claim that names no class gets the one that was created last, so which one it is depends on the order in which the cluster was built.', 'zh-CN': '有多个默认 class 时，没写 class 的 Ingress 或 PVC 会用最后创建的那个，结果取决于集群的搭建顺序。' },
  fix: { en: 'Leave the annotation on one of them, and set it to "false" on the other.', 'zh-CN': '只在其中一个上保留该注解，另一个设为 "false"。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class', 'https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass'],
  kinds: ['IngressClass', 'StorageClass'],
  *check(subject, all) {
    if (!isDefault(subject)) return
    const first = all.list(subject.kind).find(isDefault)!
    if (first === subject || first.metadata.name === subject.metadata.name) return
    const at = ['metadata', 'annotations', keys[subject.kind]!]
    yield { at, change: { title: { en: 'Set it to "false"', 'zh-CN': '设为 "false"' }, path: at, value: 'false' }, message: { en: `${called(first)} is the default already.`, 'zh-CN': `${called(first)} 已经是默认。` } }
  },
  examples: { good: [file(ingressClass('a', 'true'), ingressClass('b', 'false'))], bad: [{ yaml: file(ingressClass('a', 'true'), ingressClass('b', 'true')), expect: ['metadata.annotations[ingressclass.kubernetes.io/is-default-class]'] }] },
})
