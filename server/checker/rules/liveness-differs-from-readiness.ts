import type { Fields } from '../../k8s/object.ts'
import { containersOf } from '../pods.ts'
import { handlerOf } from '../probes.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'liveness-differs-from-readiness',
  category: 'probes',
  severity: 'hint',
  title: { en: 'Liveness is slower to judge than readiness', 'zh-CN': 'liveness 的判定比 readiness 更宽松' },
  why: {
    en: 'When both probes ask the same with the same patience, a server that is merely busy is restarted in the moment it should only get less traffic, and its load moves on to the next one.',
    'zh-CN': '两个探针检查的内容和容忍度都一样时，服务只是繁忙，本该少接流量，却会被直接重启，负载随即压到下一个副本上。',
  },
  fix: {
    en: 'Let liveness ask only whether the process still answers, and give it more failures or a longer period.',
    'zh-CN': '让 liveness 只检查进程是否还能应答，并给它更多的失败次数或更长的周期。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
  kinds: ['workloads'],
  mentions: ['livenessProbe'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const { livenessProbe, readinessProbe } = container as { livenessProbe?: Fields; readinessProbe?: Fields }
      if (!livenessProbe || !readinessProbe || handlerOf(livenessProbe) === '' || handlerOf(livenessProbe) !== handlerOf(readinessProbe)) continue
      const patience = (probe: Fields): number => Number(probe['periodSeconds'] ?? 10) * Number(probe['failureThreshold'] ?? 3)
      if (patience(livenessProbe) > patience(readinessProbe)) continue
      const who = containerCalled(container['name'])
      yield { at: [...path, 'livenessProbe'], message: { en: `${who.en} is restarted as soon as it is not ready.`, 'zh-CN': `${who['zh-CN']}一旦未就绪就会被重启。` } }
    }
  },
  examples: {
    good: [
      running('livenessProbe: { httpGet: { path: /livez, port: 8080 } }, readinessProbe: { httpGet: { path: /readyz, port: 8080 } }'),
      running('livenessProbe: { tcpSocket: { port: 7777 }, failureThreshold: 6 }, readinessProbe: { tcpSocket: { port: 7777 } }'),
    ],
    bad: [
      { yaml: running('livenessProbe: { httpGet: { path: /healthz, port: 8080 } }, readinessProbe: { httpGet: { path: /healthz, port: 8080 } }'), expect: ['spec.template.spec.containers[0].livenessProbe'] },
    ],
  },
})
