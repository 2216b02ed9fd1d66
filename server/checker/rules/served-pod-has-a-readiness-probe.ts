import { called } from '../naming.ts'
import { podOf, runningContainersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { file, running, service } from '../samples.ts'

export default defineRule({
  id: 'served-pod-has-a-readiness-probe',
  category: 'probes',
  severity: 'hint',
  title: { en: 'A Pod behind a Service says when it is ready', 'zh-CN': 'Service 背后的 Pod 声明自己何时就绪' },
  why: {
    en: 'Without a readiness probe a Pod gets traffic as soon as its process runs, before it listens, and keeps it while it hangs: each rollout drops connections.',
    'zh-CN': '没有 readinessProbe 的 Pod，进程一启动就会收到流量，此时可能还没开始监听；卡住时也照样收流量。每次发布都会丢连接。',
  },
  fix: {
    en: 'Add a `readinessProbe` to the container that serves the port.',
    'zh-CN': '给提供该端口的容器加上 `readinessProbe`。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
  kinds: ['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet', 'ReplicationController'],
  *check(subject, all) {
    const pod = podOf(subject)
    if (!pod || (pod.spec['readinessGates'] ?? []).length > 0) return
    const containers = runningContainersOf(subject)
    if (containers.some(({ container }) => container['readinessProbe'])) return
    const front = all.servicesOf(subject).find((candidate) => !candidate.spec?.publishNotReadyAddresses)
    const first = containers.find(({ list }) => list === 'containers')
    if (!front || !first) return
    yield { at: first.path, message: { en: `${called(front)} sends traffic here as soon as the process starts: no container has a readiness probe.`, 'zh-CN': `进程一启动，${called(front)} 就会把流量发来：没有容器设置 readinessProbe。` } }
  },
  examples: {
    good: [
      file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]'), running('readinessProbe: { tcpSocket: { port: 8080 } }')),
      running(''),
      file(service('login', 'selector: { app: login }, publishNotReadyAddresses: true, clusterIP: None, ports: [{ port: 80 }]'), running('')),
    ],
    bad: [
      { yaml: file(service('login', 'selector: { app: login }, ports: [{ port: 80 }]'), running('')), expect: ['spec.template.spec.containers[0]'] },
    ],
  },
})
