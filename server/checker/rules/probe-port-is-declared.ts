import type { Fields } from '../../k8s/object.ts'
import { containersOf, podOf } from '../pods.ts'
import { probesOf } from '../probes.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

export default defineRule({
  id: 'probe-port-is-declared',
  category: 'probes',
  severity: 'hint',
  title: { en: 'A probe asks a port that the Pod declares', 'zh-CN': '探针访问的端口在 Pod 中有声明' },
  why: {
    en: 'A number that is none of the declared ports is often left over from another service, and then the probe never succeeds.',
    'zh-CN': '端口号不在声明之列，往往是从别的服务抄来忘了改，探针便永远不会成功。',
  },
  fix: {
    en: 'Correct the number, or declare the port.',
    'zh-CN': '改正端口号，或补上声明。',
  },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/'],
  kinds: ['workloads'],
  mentions: ['httpGet', 'tcpSocket', 'grpc'],
  *check(subject) {
    const pod = podOf(subject)
    if (!pod) return
    const declared = containersOf(subject).flatMap(({ container }) => ((container['ports'] ?? []) as Fields[]).map((port) => port['containerPort'] as number))
    for (const { container, path } of containersOf(subject)) {
      if ((container['ports'] ?? []).length === 0) continue
      for (const { name, probe } of probesOf(container)) {
        for (const handler of ['httpGet', 'tcpSocket', 'grpc']) {
          const port: unknown = probe[handler]?.port
          if (typeof port === 'number' && !declared.includes(port) && !probe[handler].host) yield { at: [...path, name, handler, 'port'], message: { en: `No container of this Pod declares port ${port}.`, 'zh-CN': `这个 Pod 没有容器声明端口 ${port}。` } }
        }
      }
    }
  },
  examples: {
    good: [
      running('ports: [{ containerPort: 8080 }], livenessProbe: { httpGet: { path: /, port: 8080 } }'),
      running('livenessProbe: { httpGet: { path: /, port: 8080 } }'),
    ],
    bad: [
      { yaml: running('ports: [{ containerPort: 8080 }], readinessProbe: { httpGet: { path: /, port: 8081 } }'), expect: ['spec.template.spec.containers[0].readinessProbe.httpGet.port'] },
    ],
  },
})
