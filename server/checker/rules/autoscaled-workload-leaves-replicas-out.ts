import { autoscalersOf } from '../availability.ts'
import { namespaceOf } from '../inventory.ts'
import { called, remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const autoscaler = object('autoscaling/v2', 'HorizontalPodAutoscaler', 'login', 'spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: login }, maxReplicas: 5 }')

export default defineRule({
  id: 'autoscaled-workload-leaves-replicas-out',
  category: 'availability',
  severity: 'warning',
  title: { en: 'A workload with an autoscaler does not set replicas', 'zh-CN': '由 HPA 管理的工作负载不写 replicas' },
  why: { en: 'Each apply of the manifest sets the number of Pods back to the written one, in the middle of the peak too, until the autoscaler corrects it. A written `replicas: 1` can’t be told from the default, and goes unnoticed here.', 'zh-CN': '每次 apply 清单都会把 Pod 数量改回写死的值，高峰期也不例外，直到 HPA 再次调整。写成 `replicas: 1` 与默认值无法区分，这里不会提示。' },
  fix: { en: 'Remove `spec.replicas` from the manifest, and set `minReplicas` of the autoscaler instead.', 'zh-CN': '从清单中删除 `spec.replicas`，改为设置 HPA 的 `minReplicas`。' },
  links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling'],
  kinds: ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'],
  *check(subject, all) {
    const replicas = (subject.spec?.replicas ?? 1) as number
    const [autoscaler] = replicas === 1 ? [] : autoscalersOf(subject.kind, namespaceOf(subject), subject.metadata.name, all)
    // 0 switches the autoscaler off on purpose.
    if (autoscaler && replicas !== 0) yield { at: ['spec', 'replicas'], change: remove(['spec', 'replicas'], 'replicas'), message: { en: `${called(autoscaler)} decides how many Pods there are; each apply sets them back to ${replicas}.`, 'zh-CN': `Pod 的数量由 ${called(autoscaler)} 决定；每次 apply 都会把它改回 ${replicas}。` } }
  },
  examples: { good: [file(deployment('login'), autoscaler), deployment('login', undefined, 'replicas: 3')], bad: [{ yaml: file(deployment('login', undefined, 'replicas: 3'), autoscaler), expect: ['spec.replicas'] }] },
})
