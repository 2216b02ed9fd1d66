import type { LabelSelector } from '../../k8s/selector.ts'
import { namespaceOf, spaceOf } from '../inventory.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { deployment, file } from '../samples.ts'

const twin = (name: string, labels: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec:\n  selector: { matchLabels: { ${labels} } }\n  template: { metadata: { labels: { ${labels} } }, spec: { containers: [{ name: app, image: "login:1" }] } }\n`

export default defineRule({
  id: 'workload-selectors-do-not-overlap',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'Two workloads of one kind do not select the same Pods', 'zh-CN': '两个同类工作负载不会选中同一批 Pod' },
  why: { en: 'Owner references keep controllers from stealing each other’s Pods, but everything else goes by labels: autoscalers, budgets, Services and `kubectl logs` see both sets as one.', 'zh-CN': 'ownerReferences 能防止控制器互相抢 Pod，但其他一切都看标签：HPA、PDB、Service 和 `kubectl logs` 会把两批 Pod 当成一批。' },
  fix: { en: 'Give each workload a label of its own, in selector and template.', 'zh-CN': '给每个工作负载一个独有的标签，selector 和模板都要写。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector'],
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
  *check(subject, all) {
    const namespace = namespaceOf(subject)
    const other = all.matching(subject.spec?.selector as LabelSelector | undefined, namespace).find(({ object }) => object.kind === subject.kind && object.metadata.name !== subject.metadata.name && spaceOf(object.metadata.namespace) === spaceOf(namespace))
    if (other) yield { at: ['spec', 'selector'], message: { en: `The selector takes the Pods of ${called(other.object)} too.`, 'zh-CN': `这个 selector 也选中了 ${called(other.object)} 的 Pod。` } }
  },
  examples: { good: [file(deployment('login'), deployment('match')), file(twin('stable', 'app: login, track: stable'), twin('canary', 'app: login, track: canary'))], bad: [{ yaml: file(twin('login', 'app: login'), twin('login-two', 'app: login, track: canary')), expect: ['spec.selector'] }] },
})
