import type { Fields } from '../../k8s/object.ts'
import { namespaceOf } from '../inventory.ts'
import { podOf, runningContainersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { file, object, running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'container-sets-a-memory-limit',
  category: 'resources',
  severity: 'warning',
  title: { en: 'A container has a memory limit', 'zh-CN': '容器设有内存 limit' },
  why: {
    en: 'A container without a limit can fill its node: the kernel then kills by score, and neighbours die for a leak that is not theirs.',
    'zh-CN': '没有 limit 的容器可以吃光节点内存：内核按评分杀进程，同节点的其他 Pod 会为别人的泄漏陪葬。',
  },
  fix: {
    en: 'Set `resources.limits.memory` to the peak that was measured, plus a reserve.',
    'zh-CN': '把 `resources.limits.memory` 设为实测峰值再加余量。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/'],
  kinds: ['workloads'],
  *check(subject, all) {
    const pod = podOf(subject)
    if (!pod || pod.spec['resources']?.limits?.memory !== undefined || subject.kind === 'PodTemplate') return
    // A LimitRange with a default fills it in.
    if (all.list('LimitRange', namespaceOf(subject)).some((range) => ((range.spec?.limits ?? []) as Fields[]).some((limit) => limit['type'] === 'Container' && (limit['default']?.memory ?? limit['max']?.memory) !== undefined))) return
    for (const { container, path } of runningContainersOf(subject)) {
      if (container['resources']?.limits?.memory !== undefined) continue
      const who = containerCalled(container['name'])
      yield { at: [...path, 'resources'], message: { en: `${who.en} has no memory limit.`, 'zh-CN': `${who['zh-CN']}没有内存 limit。` } }
    }
  },
  examples: {
    good: [
      running('resources: { limits: { memory: 128Mi } }'),
      running('', 'resources: { limits: { memory: 128Mi } }'),
      file(object('v1', 'LimitRange', 'bounds', 'spec: { limits: [{ type: Container, default: { memory: 256Mi } }] }'), running('')),
    ],
    bad: [
      { yaml: running('resources: { limits: { cpu: 1 }, requests: { memory: 64Mi } }'), expect: ['spec.template.spec.containers[0].resources'] },
    ],
  },
})
