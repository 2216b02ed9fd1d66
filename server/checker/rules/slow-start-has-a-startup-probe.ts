import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { containerCalled } from '../security.ts'

/** Seconds of silence after which a startup probe is worth its lines. */
const delayMax = 30

export default defineRule({
  id: 'slow-start-has-a-startup-probe',
  category: 'probes',
  severity: 'hint',
  title: { en: 'A slow start is watched by a startup probe', 'zh-CN': '启动慢的容器配有 startupProbe' },
  why: {
    en: 'A long `initialDelaySeconds` is a guess: too short on a bad day, and on all other days that long nobody notices a hang. A startup probe ends when the program is up.',
    'zh-CN': '很长的 `initialDelaySeconds` 只是猜测：情况差时仍然太短，平时则要白等这么久才发现卡死。startupProbe 在程序就绪的那一刻就结束。',
  },
  fix: {
    en: 'Move the patience into a `startupProbe` with a high `failureThreshold` and drop the delay.',
    'zh-CN': '改用 `startupProbe` 来等待（调大 `failureThreshold`），并去掉延迟。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
  kinds: ['workloads'],
  mentions: ['initialDelaySeconds'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const delay = Number(container['livenessProbe']?.initialDelaySeconds ?? 0)
      if (delay < delayMax || container['startupProbe']) continue
      const who = containerCalled(container['name'])
      yield { at: [...path, 'livenessProbe', 'initialDelaySeconds'], message: { en: `${who.en} is not looked at for ${delay} seconds after each start.`, 'zh-CN': `${who['zh-CN']}每次启动后有 ${delay} 秒无人检查。` } }
    }
  },
  examples: {
    good: [
      running('livenessProbe: { tcpSocket: { port: 7777 }, initialDelaySeconds: 10 }'),
      running('startupProbe: { tcpSocket: { port: 7777 }, failureThreshold: 30 }, livenessProbe: { tcpSocket: { port: 7777 }, initialDelaySeconds: 60 }'),
    ],
    bad: [
      { yaml: running('livenessProbe: { tcpSocket: { port: 7777 }, initialDelaySeconds: 120 }'), expect: ['spec.template.spec.containers[0].livenessProbe.initialDelaySeconds'] },
    ],
  },
})
