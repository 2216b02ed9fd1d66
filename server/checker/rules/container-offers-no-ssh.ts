import type { Fields } from '../../k8s/object.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'container-offers-no-ssh',
  category: 'pod-security',
  severity: 'hint',
  title: { en: 'A container runs no SSH server', 'zh-CN': '容器内不运行 SSH 服务' },
  why: {
    en: 'An SSH server in a container is another way in, with keys of its own, past RBAC and the audit log. `kubectl exec` and `kubectl debug` do the same through both.',
    'zh-CN': '容器里的 SSH 服务是另一个入口，密钥自成一套，绕过 RBAC 与审计日志；`kubectl exec` 与 `kubectl debug` 能做同样的事，而且都受两者约束。',
  },
  fix: {
    en: 'Remove the server and its port.',
    'zh-CN': '移除该服务及其端口。',
  },
  links: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/'],
  kinds: ['workloads'],
  mentions: ['containerPort'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      for (const [index, port] of ((container['ports'] ?? []) as Fields[]).entries()) {
        if (port['containerPort'] !== 22 || port['protocol'] === 'UDP') continue
        const who = containerCalled(container['name'])
        yield { at: [...path, 'ports', index, 'containerPort'], message: { en: `${who.en} declares port 22.`, 'zh-CN': `${who['zh-CN']}声明了 22 端口。` } }
      }
    }
  },
  examples: {
    good: [
      running('ports: [{ containerPort: 2222 }]'),
    ],
    bad: [
      { yaml: running('ports: [{ containerPort: 22 }]'), expect: ['spec.template.spec.containers[0].ports[0].containerPort'] },
    ],
  },
})
