import { quantityOf } from '../../k8s/quantity.ts'
import { setTo } from '../naming.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

/** One mebibyte, in billionths of a byte. */
const smallestUseful = 1_048_576_000_000_000n

const suggestion = (text: string): string => `${/^[\d.]+/.exec(text)?.[0] ?? '128'}Mi`

export default defineRule({
  id: 'memory-amount-has-a-unit',
  category: 'resources',
  severity: 'warning',
  title: { en: 'An amount of memory has the unit that was meant', 'zh-CN': '内存数量带有正确的单位' },
  why: {
    en: '`128m` is not 128 megabytes but a fraction of one byte, and `512` is 512 bytes. The container does not start with so little, or dies at once.',
    'zh-CN': '`128m` 不是 128 兆，而是不到一个字节；`512` 就是 512 字节。这么小的内存，容器要么起不来，要么立刻被杀。',
  },
  fix: {
    en: 'Write `128Mi` or `128M`.',
    'zh-CN': '写作 `128Mi` 或 `128M`。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory'],
  kinds: ['workloads'],
  mentions: ['memory'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      for (const list of ['limits', 'requests']) {
        const text = container['resources']?.[list]?.memory as string | undefined
        // A request that stands for the limit is said once.
        if (text === undefined || (list === 'requests' && text === container['resources']?.limits?.memory)) continue
        const amount = quantityOf(text).nano
        if (amount <= 0n || amount >= smallestUseful) continue
        yield { at: [...path, 'resources', list, 'memory'], message: { en: `${text} is less than the smallest process needs; ${suggestion(text)} was probably meant.`, 'zh-CN': `${text} 连最小的进程都不够用，可能想写的是 ${suggestion(text)}。` }, change: setTo([...path, 'resources', list, 'memory'], suggestion(text)) }
      }
    }
  },
  examples: {
    good: [
      running('resources: { limits: { memory: 16Mi } }'),
      running('resources: { limits: { memory: "134217728" } }'),
    ],
    bad: [
      { yaml: running('resources: { limits: { memory: 128m } }'), expect: ['spec.template.spec.containers[0].resources.limits.memory'] },
      { yaml: running('resources: { limits: { memory: 256Mi }, requests: { memory: 128 } }'), expect: ['spec.template.spec.containers[0].resources.requests.memory'] },
    ],
  },
})
