import { cpuLimitOf, envOf } from '../go-runtime.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'go-program-knows-its-cpu-limit',
  category: 'resources',
  severity: 'hint',
  optional: true,
  title: { en: 'A Go program is told how many cpus it has', 'zh-CN': 'Go 程序知道自己有几个 CPU' },
  why: {
    en: 'Before Go 1.25 the runtime starts as many threads as the node has cores, whatever the limit says, and is throttled.',
    'zh-CN': 'Go 1.25 之前，运行时按节点核数而不是 limit 启动线程，因此会被节流。',
  },
  fix: {
    en: 'Build with Go 1.25 or newer, or set GOMAXPROCS from the limit with a `resourceFieldRef`, which rounds up.',
    'zh-CN': '用 Go 1.25 以上版本构建，或通过 `resourceFieldRef` 由 limit 设置 GOMAXPROCS（会向上取整）。',
  },
  links: ['https://go.dev/blog/container-aware-gomaxprocs'],
  kinds: ['workloads'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      // Only variables of the Go runtime tell that this is Go.
      if (cpuLimitOf(container) === undefined || envOf(container, 'GOMAXPROCS') || !['GOMEMLIMIT', 'GOGC', 'GODEBUG', 'GOTRACEBACK'].some((name) => envOf(container, name))) continue
      const who = containerCalled(container['name'])
      yield { at: [...path, 'resources', 'limits', 'cpu'], message: { en: `${who.en} has a cpu limit, but nothing sets GOMAXPROCS.`, 'zh-CN': `${who['zh-CN']}设了 CPU limit，却没有设置 GOMAXPROCS。` } }
    }
  },
  examples: {
    good: [
      running('env: [{ name: GOGC, value: "50" }, { name: GOMAXPROCS, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }], resources: { limits: { cpu: 2 } }'),
      running('resources: { limits: { cpu: 2 } }'),
    ],
    bad: [
      { yaml: running('env: [{ name: GOMEMLIMIT, value: 400MiB }], resources: { limits: { cpu: 2 } }'), expect: ['spec.template.spec.containers[0].resources.limits.cpu'] },
    ],
  },
})
