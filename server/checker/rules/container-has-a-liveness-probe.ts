import { podOf, runningContainersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'container-has-a-liveness-probe',
  category: 'probes',
  severity: 'hint',
  optional: true,
  title: { en: 'A container is restarted when it hangs', 'zh-CN': '容器卡死时会被重启' },
  why: {
    en: 'A process that ends is restarted anyway; one that hangs is not, unless a liveness probe notices.',
    'zh-CN': '退出的进程总会被重启；卡死的不会，除非有 livenessProbe 发现它。',
  },
  fix: {
    en: 'Add a `livenessProbe` that asks the process itself, never what it depends on.',
    'zh-CN': '添加只检查进程自身、绝不检查其依赖的 `livenessProbe`。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet'],
  *check(subject) {
    const pod = podOf(subject)
    for (const { container, path } of pod ? runningContainersOf(subject) : []) {
      if (container['livenessProbe']) continue
      const who = containerCalled(container['name'])
      yield { at: path, message: { en: `${who.en} has no liveness probe.`, 'zh-CN': `${who['zh-CN']}没有 livenessProbe。` } }
    }
  },
  examples: {
    good: [
      running('livenessProbe: { tcpSocket: { port: 7777 } }'),
    ],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0]'] },
    ],
  },
})
