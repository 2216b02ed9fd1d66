import { setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'container-forbids-privilege-escalation',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'A container forbids that a process gains privileges', 'zh-CN': '容器禁止进程提权' },
  why: {
    en: 'Without `allowPrivilegeEscalation: false` a program with the set-user-ID bit, sudo for one, can become more than the process that started it. The level restricted requires it.',
    'zh-CN': '不设 `allowPrivilegeEscalation: false`，带 setuid 位的程序（例如 sudo）就能获得比启动它的进程更高的权限。restricted 级别要求必须设置。',
  },
  fix: {
    en: 'Set `securityContext.allowPrivilegeEscalation: false`; a Go server never needs more.',
    'zh-CN': '设置 `securityContext.allowPrivilegeEscalation: false`，Go 服务用不着提权。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  check: (subject) => brokenFields(subject, 'allowPrivilegeEscalation', ({ who }) => ({ en: `${who.en} does not set allowPrivilegeEscalation to false.`, 'zh-CN': `${who['zh-CN']}没有把 allowPrivilegeEscalation 设为 false。` }), ({ path }) => setTo(path, false)),
  examples: {
    good: [running('securityContext: { allowPrivilegeEscalation: false }'), running('', 'os: { name: windows }')],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation'] },
      { yaml: running('securityContext: { allowPrivilegeEscalation: true }'), expect: ['spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation'] },
    ],
  },
})
