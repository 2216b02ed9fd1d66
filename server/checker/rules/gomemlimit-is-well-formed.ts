import { envOf, literal, parseByteCount } from '../go-runtime.ts'
import { setTo } from '../naming.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

export default defineRule({
  id: 'gomemlimit-is-well-formed',
  category: 'resources',
  severity: 'error',
  title: { en: 'GOMEMLIMIT is written as Go reads it', 'zh-CN': 'GOMEMLIMIT 采用 Go 能识别的写法' },
  why: {
    en: 'Go reads units of its own: B, KiB, MiB, GiB, TiB. With a Kubernetes amount such as 400Mi the program stops at start with "malformed GOMEMLIMIT".',
    'zh-CN': 'Go 有自己的单位：B、KiB、MiB、GiB、TiB。写成 400Mi 这种 Kubernetes 数量，程序一启动就会以 "malformed GOMEMLIMIT" 退出。',
  },
  fix: {
    en: 'Write `400MiB`.',
    'zh-CN': '写作 `400MiB`。',
  },
  links: ['https://pkg.go.dev/runtime#hdr-Environment_Variables'],
  kinds: ['workloads'],
  mentions: ['env'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const found = envOf(container, 'GOMEMLIMIT')
      const text = found && literal(found.entry)
      if (text === undefined || text === 'off' || parseByteCount(text) !== undefined) continue
      const at = [...path, 'env', found!.index, 'value']
      const meant = /^(\d+)([KMGT])i?$/.exec(text)
      yield { at, message: { en: `Go cannot read "${text}" and stops at start.`, 'zh-CN': `Go 无法识别 "${text}"，启动即退出。` }, ...(meant ? { change: setTo(at, `${meant[1]}${meant[2]}iB`) } : {}) }
    }
  },
  examples: {
    good: [
      running('env: [{ name: GOMEMLIMIT, value: 400MiB }]'),
      running('env: [{ name: GOMEMLIMIT, value: "off" }]'),
      running('env: [{ name: GOMEMLIMIT, valueFrom: { resourceFieldRef: { resource: limits.memory } } }]'),
    ],
    bad: [
      { yaml: running('env: [{ name: GOMEMLIMIT, value: 400Mi }]'), expect: ['spec.template.spec.containers[0].env[0].value'] },
      { yaml: running('env: [{ name: GOGC, value: "100" }, { name: GOMEMLIMIT, value: 1.5GiB }]'), expect: ['spec.template.spec.containers[0].env[1].value'] },
    ],
  },
})
