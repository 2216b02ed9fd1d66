import type { Fields } from '../../k8s/object.ts'
import { namespaceOf } from '../inventory.ts'
import { podOf, runningContainersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { file, object, running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'container-sets-requests',
  category: 'resources',
  severity: 'hint',
  title: { en: 'A container requests cpu and memory', 'zh-CN': '容器声明 CPU 与内存 request' },
  why: {
    en: 'The scheduler counts requests only. Without them a Pod is put onto a full node, gets the smallest share of a busy cpu, and is among the first to be evicted.',
    'zh-CN': '调度器只看 request。不声明的 Pod 会被调度到已满的节点上，CPU 紧张时分到的份额最小，驱逐时也排在最前。',
  },
  fix: {
    en: 'Set `resources.requests` to what the program uses on an ordinary day.',
    'zh-CN': '把 `resources.requests` 设为平日的实际用量。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/'],
  kinds: ['workloads'],
  *check(subject, all) {
    const pod = podOf(subject)
    if (!pod || subject.kind === 'PodTemplate') return
    const ranges = all.list('LimitRange', namespaceOf(subject)).flatMap((range) => (range.spec?.limits ?? []) as Fields[]).filter((limit) => limit['type'] === 'Container')
    for (const { container, path } of runningContainersOf(subject)) {
      // What has a limit but no request requests its limit.
      const missing = ['cpu', 'memory'].filter((name) => [container['resources'], pod.spec['resources']].every((resources) => resources?.requests?.[name] === undefined && resources?.limits?.[name] === undefined) && !ranges.some((limit) => [limit['defaultRequest'], limit['default'], limit['max'], limit['min']].some((amounts) => amounts?.[name] !== undefined)))
      if (missing.length === 0) continue
      const who = containerCalled(container['name'])
      yield { at: [...path, 'resources'], message: { en: `${who.en} requests no ${missing.join(' and no ')}.`, 'zh-CN': `${who['zh-CN']}没有声明 ${missing.join(' 与 ')} 的 request。` } }
    }
  },
  examples: {
    good: [
      running('resources: { requests: { cpu: 100m, memory: 64Mi } }'),
      running('resources: { limits: { cpu: 1, memory: 64Mi } }'),
      file(object('v1', 'LimitRange', 'bounds', 'spec: { limits: [{ type: Container, defaultRequest: { cpu: 100m, memory: 64Mi } }] }'), running('')),
    ],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0].resources'] },
      { yaml: running('resources: { requests: { memory: 64Mi } }'), expect: ['spec.template.spec.containers[0].resources'] },
    ],
  },
})
