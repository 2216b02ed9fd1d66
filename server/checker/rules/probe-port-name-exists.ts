import type { Fields } from '../../k8s/object.ts'
import { nearestName, valueAt } from '../inventory.ts'
import { setTo } from '../naming.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

/** Ports that probes and hooks name by a word, with their places in the container. */
function namedPorts(container: Fields): { at: string[]; port: string }[] {
  return [['startupProbe'], ['livenessProbe'], ['readinessProbe'], ['lifecycle', 'postStart'], ['lifecycle', 'preStop']].flatMap((at) =>
    ['httpGet', 'tcpSocket'].flatMap((handler) => {
      const port = valueAt(container, [...at, handler, 'port'])
      return typeof port === 'string' ? [{ at: [...at, handler, 'port'], port }] : []
    }),
  )
}

export default defineRule({
  id: 'probe-port-name-exists',
  category: 'probes',
  severity: 'error',
  title: { en: 'A probe asks a port that its container names', 'zh-CN': '探针引用的端口名存在于该容器' },
  why: {
    en: 'A named port is looked up among the ports of the same container. When it is not there each probe fails: the container is restarted for ever, or never becomes ready.',
    'zh-CN': '端口名只在同一容器的 ports 中查找。找不到时每次探测都失败：容器会被无休止地重启，或者永远无法就绪。',
  },
  fix: {
    en: 'Give the port that name under `ports`, or use the number.',
    'zh-CN': '在 `ports` 中给端口起这个名字，或直接写端口号。',
  },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port'],
  kinds: ['workloads'],
  mentions: ['httpGet', 'tcpSocket'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const names = ((container['ports'] ?? []) as Fields[]).flatMap((port) => (port['name'] ? [port['name'] as string] : []))
      for (const { at, port } of namedPorts(container)) {
        if (names.includes(port)) continue
        const near = nearestName(port, names) ?? (names.length === 1 ? names[0] : undefined)
        const place = [...path, ...at]
        yield { at: place, message: { en: `The container has no port named "${port}"; it has ${names.length > 0 ? names.join(', ') : 'no named port'}.`, 'zh-CN': `该容器没有名为 "${port}" 的端口；现有的是${names.length > 0 ? ` ${names.join(', ')}` : '：无命名端口'}。` }, ...(near ? { change: setTo(place, near) } : {}) }
      }
    }
  },
  examples: {
    good: [
      running('ports: [{ name: http, containerPort: 8080 }], livenessProbe: { httpGet: { path: /, port: http } }'),
    ],
    bad: [
      { yaml: running('ports: [{ name: http, containerPort: 8080 }], livenessProbe: { httpGet: { path: /, port: htp } }, readinessProbe: { tcpSocket: { port: game } }'), expect: ['spec.template.spec.containers[0].livenessProbe.httpGet.port', 'spec.template.spec.containers[0].readinessProbe.tcpSocket.port'] },
      { yaml: running('lifecycle: { preStop: { httpGet: { path: /drain, port: admin } } }'), expect: ['spec.template.spec.containers[0].lifecycle.preStop.httpGet.port'] },
    ],
  },
})
