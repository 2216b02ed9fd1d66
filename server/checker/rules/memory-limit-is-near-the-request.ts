import type { Fields } from '../../k8s/object.ts'
import { quantityOf } from '../../k8s/quantity.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { containerCalled } from '../security.ts'

/** Above this the sum of limits says nothing about the node any more. */
const ratioMax = 4n

export default defineRule({
  id: 'memory-limit-is-near-the-request',
  category: 'resources',
  severity: 'hint',
  title: { en: 'A memory limit is not far above the request', 'zh-CN': '内存 limit 不远高于 request' },
  why: {
    en: 'Nodes are filled by requests. When many containers use what their limits allow, the node runs out of memory and evicts those that are farthest above their request.',
    'zh-CN': '节点按 request 来装 Pod。许多容器同时用到 limit 时，节点内存耗尽，超出 request 最多的会先被驱逐。',
  },
  fix: {
    en: 'Raise the request to what is used, or lower the limit. Memory cannot be throttled, so the two belong close together.',
    'zh-CN': '把 request 提到实际用量，或降低 limit。内存无法节流，两者应当接近。',
  },
  links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/'],
  kinds: ['workloads'],
  mentions: ['memory'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const { requests, limits } = (container['resources'] ?? {}) as { requests?: Fields; limits?: Fields }
      if (requests?.['memory'] === undefined || limits?.['memory'] === undefined) continue
      const [request, limit] = [quantityOf(requests['memory']).nano, quantityOf(limits['memory']).nano]
      if (request === 0n || limit <= request * ratioMax) continue
      const who = containerCalled(container['name'])
      yield { at: [...path, 'resources', 'limits', 'memory'], message: { en: `${who.en} may use ${limit / request} times the memory that was set aside for it.`, 'zh-CN': `${who['zh-CN']}可用的内存是为它预留的 ${limit / request} 倍。` } }
    }
  },
  examples: {
    good: [
      running('resources: { requests: { memory: 128Mi }, limits: { memory: 256Mi } }'),
    ],
    bad: [
      { yaml: running('resources: { requests: { memory: 64Mi }, limits: { memory: 1Gi } }'), expect: ['spec.template.spec.containers[0].resources.limits.memory'] },
    ],
  },
})
