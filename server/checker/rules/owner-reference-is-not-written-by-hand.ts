import { remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { configMap } from '../samples.ts'

export default defineRule({
  id: 'owner-reference-is-not-written-by-hand',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'A manifest carries no ownerReferences', 'zh-CN': '清单中不写 ownerReferences' },
  why: { en: 'A reference holds the uid of an owner in one cluster. Where no owner has that uid, the garbage collector deletes the object shortly after it was created. It mostly comes from copying `kubectl get -o yaml`.', 'zh-CN': 'ownerReferences 里的 uid 只在一个集群里有效。在没有这个 uid 的地方，垃圾回收器会在对象创建后不久把它删除。它多半来自照抄 `kubectl get -o yaml` 的输出。' },
  fix: { en: 'Remove the field; controllers set it on what they create.', 'zh-CN': '删除该字段；控制器会在自己创建的对象上设置它。' },
  links: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/'],
  kinds: ['*'],
  mentions: ['ownerReferences'],
  *check(subject) {
    const [owner] = subject.metadata.ownerReferences ?? []
    if (owner) yield { at: ['metadata', 'ownerReferences'], change: remove(['metadata', 'ownerReferences'], 'ownerReferences'), message: { en: `The owner is ${owner.kind} "${owner.name}" with uid ${owner.uid}; elsewhere no object has that uid.`, 'zh-CN': `owner 是 uid 为 ${owner.uid} 的 ${owner.kind} "${owner.name}"；在别处没有对象有这个 uid。` } }
  },
  examples: { good: [configMap('a', 'x: z')], bad: [{ yaml: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: login, uid: 0d3c7c7e-7f0a-4a57-9d1e-2b8b1f3f7d11 }]\n', expect: ['metadata.ownerReferences'] }] },
})
