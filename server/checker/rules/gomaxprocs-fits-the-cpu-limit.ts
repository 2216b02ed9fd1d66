import { cpuLimitOf, envOf, literal } from '../go-runtime.ts'
import { setTo } from '../naming.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

export default defineRule({
  id: 'gomaxprocs-fits-the-cpu-limit',
  category: 'resources',
  severity: 'warning',
  title: { en: 'GOMAXPROCS is not above the cpu limit', 'zh-CN': 'GOMAXPROCS 不超过 CPU limit' },
  why: {
    en: 'More running threads than the limit allows use the quota of a period up at once: then all of them stand still, the collector too, and latency jumps by tens of milliseconds.',
    'zh-CN': '并行线程数超过 limit 时，一个周期的配额瞬间用完，随后所有线程（包括垃圾回收）一起停住，延迟会突增几十毫秒。',
  },
  fix: {
    en: 'Remove GOMAXPROCS with Go 1.25 or newer, which reads the limit itself, or set it to the limit rounded up.',
    'zh-CN': 'Go 1.25 起会自行读取 limit，可删除 GOMAXPROCS；旧版本则把它设为 limit 向上取整的值。',
  },
  links: ['https://go.dev/doc/go1.25#container-aware-gomaxprocs', 'https://go.dev/blog/container-aware-gomaxprocs'],
  kinds: ['workloads'],
  mentions: ['env'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const found = envOf(container, 'GOMAXPROCS')
      const limit = cpuLimitOf(container)
      const count = Number((found && literal(found.entry)) ?? 'none')
      if (!Number.isSafeInteger(count) || limit === undefined || limit === 0n) continue
      // Go itself never goes below two.
      const most = Math.max(2, Number((limit + 999n) / 1000n))
      if (count <= most) continue
      const at = [...path, 'env', found!.index, 'value']
      yield { at, change: setTo(at, String(most)), message: { en: `${count} threads share a cpu limit of ${container['resources'].limits.cpu}.`, 'zh-CN': `${count} 个线程共用 ${container['resources'].limits.cpu} 的 CPU limit。` } }
    }
  },
  examples: {
    good: [
      running('env: [{ name: GOMAXPROCS, value: "2" }], resources: { limits: { cpu: 1500m } }'),
      running('env: [{ name: GOMAXPROCS, value: "8" }]'),
    ],
    bad: [
      { yaml: running('env: [{ name: GOMAXPROCS, value: "8" }], resources: { limits: { cpu: 2 } }'), expect: ['spec.template.spec.containers[0].env[0].value'] },
    ],
  },
})
