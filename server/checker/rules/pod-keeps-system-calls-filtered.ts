import { setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-keeps-system-calls-filtered',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Pod does not switch the filter of system calls off', 'zh-CN': 'Pod 不关闭系统调用过滤' },
  why: {
    en: '`seccompProfile.type: Unconfined` lets the container make every system call, also those through which most escapes from containers went.',
    'zh-CN': '`seccompProfile.type: Unconfined` 会放行全部系统调用，包括历史上大多数容器逃逸所利用的那些。',
  },
  fix: {
    en: 'Use `RuntimeDefault`, or a profile of your own with `Localhost`.',
    'zh-CN': '使用 `RuntimeDefault`，或以 `Localhost` 指定自己的 profile。',
  },
  links: [securityStandards, 'https://kubernetes.io/docs/tutorials/security/seccomp/'],
  kinds: ['workloads'],
  mentions: ['seccompProfile'],
  check: (subject) => brokenFields(subject, 'seccompProfile_baseline', ({ who }) => ({ en: `${who.en} may make every system call.`, 'zh-CN': `${who['zh-CN']}可以执行任意系统调用。` }), ({ path }) => setTo(path, 'RuntimeDefault')),
  examples: {
    good: [running('', 'securityContext: { seccompProfile: { type: RuntimeDefault } }'), running('')],
    bad: [
      { yaml: running('', 'securityContext: { seccompProfile: { type: Unconfined } }'), expect: ['spec.template.spec.securityContext.seccompProfile.type'] },
      { yaml: running('securityContext: { seccompProfile: { type: Unconfined } }'), expect: ['spec.template.spec.containers[0].securityContext.seccompProfile.type'] },
    ],
  },
})
