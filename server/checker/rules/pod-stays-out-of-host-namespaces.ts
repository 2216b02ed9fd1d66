import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-stays-out-of-host-namespaces',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Pod uses none of its node\'s namespaces', 'zh-CN': 'Pod 不使用节点的命名空间' },
  why: {
    en: 'With `hostNetwork`, `hostPID` or `hostIPC` the Pod shares the network, processes or shared memory of its node. It reaches what only the node may reach, and NetworkPolicies do not hold it.',
    'zh-CN': '设置 `hostNetwork`、`hostPID` 或 `hostIPC` 后，Pod 会共享节点的网络、进程或共享内存：它能访问只有节点才该访问的东西，NetworkPolicy 也管不住它。',
  },
  fix: {
    en: 'Remove the field. To receive game traffic, use a Service or a `hostPort` that is managed for you.',
    'zh-CN': '删除该字段。要接收游戏流量，请用 Service，或由平台统一分配的端口。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['hostNetwork', 'hostPID', 'hostIPC'],
  check: (subject) => brokenFields(subject, 'hostNamespaces', ({ who }) => ({ en: `${who.en} joins a namespace of its node.`, 'zh-CN': `${who['zh-CN']}加入了节点的命名空间。` })),
  examples: {
    good: [running('', 'hostNetwork: false'), running('')],
    bad: [
      { yaml: running('', 'hostNetwork: true'), expect: ['spec.template.spec.hostNetwork'] },
      { yaml: running('', 'hostPID: true\nhostIPC: true'), expect: ['spec.template.spec.hostPID', 'spec.template.spec.hostIPC'] },
    ],
  },
})
