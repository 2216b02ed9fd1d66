import { podOf } from '../pods.ts'
import { declaredPorts } from '../ports.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const two = (first: string, second: string): string => deployment('login', `containers:\n- { name: app, image: "login:1", ports: [{ ${first} }] }\n- { name: metrics, image: "metrics:1", ports: [{ ${second} }] }`)

export default defineRule({
  id: 'containers-share-no-port',
  category: 'network',
  severity: 'error',
  title: { en: 'Two containers of a Pod do not listen on the same port', 'zh-CN': '同一 Pod 的两个容器不监听同一端口' },
  why: { en: 'All containers of a Pod share one network. The second process to start fails with "address already in use" and goes into CrashLoopBackOff.', 'zh-CN': '同一 Pod 的容器共用一个网络。后启动的进程会因 address already in use 失败，进入 CrashLoopBackOff。' },
  fix: { en: 'Let one of them listen on another port.', 'zh-CN': '让其中一个监听别的端口。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking'],
  kinds: ['workloads'],
  mentions: ['containerPort'],
  *check(object) {
    const pod = podOf(object)!
    const owners = new Map<string, string>()
    for (const { port, protocol, container, path } of declaredPorts({ pod })) {
      const key = `${port}/${protocol}`
      const owner = owners.get(key)
      if (owner !== undefined && owner !== container) yield { at: [...path, 'containerPort'], message: { en: `Container "${owner}" already listens on ${key}.`, 'zh-CN': `容器 "${owner}" 已经监听 ${key}。` } }
      else owners.set(key, container)
    }
  },
  examples: { good: [two('containerPort: 8080', 'containerPort: 9090'), two('containerPort: 53', 'containerPort: 53, protocol: UDP')], bad: [{ yaml: two('containerPort: 8080', 'containerPort: 8080'), expect: ['spec.template.spec.containers[1].ports[0].containerPort'] }] },
})
