import { containersOf } from '../pods.ts'
import { probesOf } from '../probes.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

export default defineRule({
  id: 'probe-timeout-is-within-its-period',
  category: 'probes',
  severity: 'hint',
  title: { en: 'The timeout of a probe is not longer than its period', 'zh-CN': '探针超时不长于周期' },
  why: {
    en: 'A probe waits for the one before it. With a timeout above the period a hanging program is noticed later than `periodSeconds` and `failureThreshold` promise.',
    'zh-CN': '探针会等上一次结束。超时大于周期时，发现程序卡死的时间会比 `periodSeconds` 与 `failureThreshold` 所承诺的更晚。',
  },
  fix: {
    en: 'Lower `timeoutSeconds` or raise `periodSeconds`.',
    'zh-CN': '调小 `timeoutSeconds`，或调大 `periodSeconds`。',
  },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/'],
  kinds: ['workloads'],
  mentions: ['startupProbe', 'livenessProbe', 'readinessProbe'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      for (const { name, probe } of probesOf(container)) {
        const [timeout, period] = [Number(probe['timeoutSeconds'] ?? 1), Number(probe['periodSeconds'] ?? 10)]
        if (timeout > period) yield { at: [...path, name, 'timeoutSeconds'], message: { en: `An answer may take ${timeout} seconds, but the next question is due after ${period}.`, 'zh-CN': `应答最多等 ${timeout} 秒，而下一次探测 ${period} 秒后就该开始。` } }
      }
    }
  },
  examples: {
    good: [
      running('readinessProbe: { tcpSocket: { port: 7777 }, timeoutSeconds: 5, periodSeconds: 5 }'),
    ],
    bad: [
      { yaml: running('readinessProbe: { tcpSocket: { port: 7777 }, timeoutSeconds: 15 }'), expect: ['spec.template.spec.containers[0].readinessProbe.timeoutSeconds'] },
    ],
  },
})
