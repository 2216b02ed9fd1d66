import type { Fields } from '../../k8s/object.ts'
import { quantityOf } from '../../k8s/quantity.ts'
import { envOf, literal, memoryLimitOf, parseByteCount } from '../go-runtime.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

export default defineRule({
  id: 'gomemlimit-is-below-the-memory-limit',
  category: 'resources',
  severity: 'error',
  title: { en: 'GOMEMLIMIT is below the memory limit', 'zh-CN': 'GOMEMLIMIT 低于内存 limit' },
  why: {
    en: 'GOMEMLIMIT makes the collector work harder before memory runs out. At or above the limit of the container it never does, and the kernel kills the process. Stacks of C code, mapped files and pages of the binary are not counted in it, so the two must not be equal either.',
    'zh-CN': 'GOMEMLIMIT 让垃圾回收在内存用尽之前加紧工作。若等于或高于容器的 limit，它永远不会起作用，进程会直接被内核杀掉。它不统计 C 代码的内存、映射文件与二进制自身的页，所以也不能相等。',
  },
  fix: {
    en: 'Set it to about 90 % of `resources.limits.memory`, written out.',
    'zh-CN': '直接写明数值，约为 `resources.limits.memory` 的 90%。',
  },
  links: ['https://go.dev/doc/gc-guide#Memory_limit'],
  kinds: ['workloads'],
  mentions: ['env'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const found = envOf(container, 'GOMEMLIMIT')
      const limit = memoryLimitOf(container)
      if (!found || limit === undefined) continue
      const at = [...path, 'env', found.index]
      const reference = found.entry['valueFrom']?.resourceFieldRef as Fields | undefined
      if (reference?.['resource'] === 'limits.memory' && (reference['containerName'] ?? container['name']) === container['name']) {
        const divisor = quantityOf(reference['divisor'] ?? '1').nano
        yield {
          at: [...at, 'valueFrom'],
          message: divisor > 1_000_000_000n
            ? { en: 'Go reads the divided number as bytes, so the collector never rests.', 'zh-CN': 'Go 会把除过的数字当作字节数，垃圾回收将一刻不停。' }
            : { en: 'It equals the memory limit, which leaves nothing for what Go does not count.', 'zh-CN': '它等于内存 limit，没有为 Go 不统计的部分留出余量。' },
        }
        continue
      }
      const bytes = parseByteCount(literal(found.entry) ?? '')
      if (bytes === undefined || limit === 0n || bytes < limit) continue
      yield { at: [...at, 'value'], message: { en: `${found.entry['value']} is not below the memory limit of ${container['resources'].limits.memory}.`, 'zh-CN': `${found.entry['value']} 不低于内存 limit ${container['resources'].limits.memory}。` } }
    }
  },
  examples: {
    good: [
      running('env: [{ name: GOMEMLIMIT, value: 460MiB }], resources: { limits: { memory: 512Mi } }'),
      running('env: [{ name: GOMEMLIMIT, value: 2GiB }]'),
    ],
    bad: [
      { yaml: running('env: [{ name: GOMEMLIMIT, value: 512MiB }], resources: { limits: { memory: 512Mi } }'), expect: ['spec.template.spec.containers[0].env[0].value'] },
      { yaml: running('env: [{ name: GOMEMLIMIT, valueFrom: { resourceFieldRef: { resource: limits.memory } } }], resources: { limits: { memory: 512Mi } }'), expect: ['spec.template.spec.containers[0].env[0].valueFrom'] },
    ],
  },
})
