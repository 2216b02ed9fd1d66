import { remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'container-uses-no-host-port',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A container takes no port of its node', 'zh-CN': '容器不占用节点端口' },
  why: {
    en: 'Only one Pod per node can hold a hostPort, so replicas stay Pending for want of nodes and a rolling update can wait for itself. It also opens the port on every address of the node.',
    'zh-CN': '同一节点上一个 hostPort 只能给一个 Pod：副本会因节点不够而 Pending，滚动更新也可能自己等自己；而且端口会暴露在节点的所有地址上。',
  },
  fix: {
    en: 'Remove `hostPort` and put a Service in front; for one address per game room use a controller that assigns ports.',
    'zh-CN': '删除 `hostPort`，在前面放一个 Service；若每个对局都要独立地址，使用能分配端口的控制器。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['hostPort'],
  check: (subject) => brokenFields(subject, 'hostPorts', ({ who, value }) => ({ en: `${who.en} takes port ${value} of its node.`, 'zh-CN': `${who['zh-CN']}占用了节点的 ${value} 端口。` }), ({ path }) => remove(path, 'hostPort')),
  examples: {
    good: [running('ports: [{ containerPort: 7777 }]')],
    bad: [
      { yaml: running('ports: [{ containerPort: 8080 }, { containerPort: 7777, hostPort: 7777, protocol: UDP }]'), expect: ['spec.template.spec.containers[0].ports[1].hostPort'] },
    ],
  },
})
