import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-is-no-windows-host-process',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Windows Pod does not run as a process of its node', 'zh-CN': 'Windows Pod 不以节点进程身份运行' },
  why: {
    en: 'A HostProcess container is a process of the Windows node itself, with the rights of its user.',
    'zh-CN': 'HostProcess 容器就是 Windows 节点上的进程，拥有其运行用户的全部权限。',
  },
  fix: {
    en: 'Remove `hostProcess` unless the Pod administers the node.',
    'zh-CN': '除非该 Pod 负责管理节点，否则删除 `hostProcess`。',
  },
  links: [securityStandards, 'https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/'],
  kinds: ['workloads'],
  mentions: ['windowsOptions'],
  check: (subject) => brokenFields(subject, 'windowsHostProcess', ({ who }) => ({ en: `${who.en} runs as a process of its Windows node.`, 'zh-CN': `${who['zh-CN']}以 Windows 节点进程的身份运行。` })),
  examples: {
    good: [running('', 'os: { name: windows }\nsecurityContext: { windowsOptions: { runAsUserName: ContainerUser } }')],
    bad: [
      { yaml: running('', 'os: { name: windows }\nhostNetwork: true\nsecurityContext: { windowsOptions: { hostProcess: true } }'), expect: ['spec.template.spec.securityContext.windowsOptions.hostProcess'] },
    ],
  },
})
