import type { Fields } from '../../k8s/object.ts'
import { containersOf, podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

export default defineRule({
  id: 'container-port-needs-no-privilege',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'A container listens on a port above 1023', 'zh-CN': '容器监听 1023 以上的端口' },
  why: {
    en: 'Ports below 1024 need the capability NET_BIND_SERVICE on nodes whose runtime does not lower that bound, and with it often root.',
    'zh-CN': '在运行时没有放宽限制的节点上，1024 以下的端口需要 NET_BIND_SERVICE，往往因此就以 root 运行了。',
  },
  fix: {
    en: 'Listen on 8080 and let the Service map port 80 to it.',
    'zh-CN': '监听 8080，由 Service 把 80 端口映射过来。',
  },
  links: ['https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/'],
  kinds: ['workloads'],
  *check(subject) {
    const pod = podOf(subject)
    if (!pod || ((pod.spec['securityContext']?.sysctls ?? []) as Fields[]).some((item) => item['name'] === 'net.ipv4.ip_unprivileged_port_start')) return
    for (const { container, path } of containersOf(subject)) {
      if (((container['securityContext']?.capabilities?.add ?? []) as string[]).includes('NET_BIND_SERVICE')) continue
      for (const [index, port] of ((container['ports'] ?? []) as Fields[]).entries()) {
        if (Number(port['containerPort']) < 1024) yield { at: [...path, 'ports', index, 'containerPort'], message: { en: `Port ${port['containerPort']} may need a privilege that the container does not ask for.`, 'zh-CN': `端口 ${port['containerPort']} 可能需要容器并未申请的特权。` } }
      }
    }
  },
  examples: {
    good: [
      running('ports: [{ containerPort: 8080 }]'),
      running('ports: [{ containerPort: 80 }], securityContext: { capabilities: { drop: [ALL], add: [NET_BIND_SERVICE] } }'),
    ],
    bad: [
      { yaml: running('ports: [{ containerPort: 8080 }, { containerPort: 443 }]'), expect: ['spec.template.spec.containers[0].ports[1].containerPort'] },
    ],
  },
})
