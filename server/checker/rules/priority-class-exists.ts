import { sentences, setTo } from '../naming.ts'
import { podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { deployment, file } from '../samples.ts'

const priority = (name: string): string => `apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: ${name} }\nvalue: 1000\n`
const pod = (name: string): string => `priorityClassName: ${name}\ncontainers: [{ name: app, image: "login:1" }]`

export default defineRule({
  id: 'priority-class-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'The PriorityClass of a Pod exists', 'zh-CN': 'Pod 使用的 PriorityClass 存在' },
  why: { en: 'Admission refuses Pods that name an unknown class: no PriorityClass with name … was found.', 'zh-CN': '准入控制会拒绝引用未知 PriorityClass 的 Pod：no PriorityClass with name … was found。' },
  fix: { en: 'Correct `priorityClassName`, or create the class first.', 'zh-CN': '改正 `priorityClassName`，或者先创建该 PriorityClass。' },
  links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/'],
  kinds: ['workloads'],
  mentions: ['priorityClassName'],
  *check(subject, all) {
    const found = podOf(subject)
    const name = found?.spec.priorityClassName as string | undefined
    const missing = name ? all.missing('PriorityClass', undefined, name, (other) => other === 'system-cluster-critical' || other === 'system-node-critical') : undefined
    if (!missing) return
    const at = [...found!.path, 'spec', 'priorityClassName']
    yield { at, message: sentences({ en: `The Pods ask for priority "${name}".`, 'zh-CN': `Pod 要求优先级 "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
  },
  examples: {
    good: [file(priority('game'), deployment('login', pod('game'))), deployment('login', pod('system-node-critical'))],
    bad: [{ yaml: file(priority('game-high'), deployment('login', pod('game-hihg'))), expect: ['spec.template.spec.priorityClassName'] }],
  },
})
