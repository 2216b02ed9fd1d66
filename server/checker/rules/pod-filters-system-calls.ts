import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-filters-system-calls',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'A Pod asks for a filter of system calls', 'zh-CN': 'Pod 启用系统调用过滤' },
  why: {
    en: 'Kubernetes leaves seccomp off unless the kubelet was told otherwise. `RuntimeDefault` blocks the system calls that containers never need; the level restricted requires it.',
    'zh-CN': '除非 kubelet 另有配置，Kubernetes 默认不启用 seccomp。`RuntimeDefault` 会拦下容器用不到的系统调用；restricted 级别要求必须设置。',
  },
  fix: {
    en: 'Set `securityContext.seccompProfile.type: RuntimeDefault` for the Pod.',
    'zh-CN': '在 Pod 上设置 `securityContext.seccompProfile.type: RuntimeDefault`。',
  },
  links: [securityStandards, 'https://kubernetes.io/docs/tutorials/security/seccomp/'],
  kinds: ['workloads'],
  check: (subject) => brokenFields(subject, 'seccompProfile_restricted', ({ who }) => ({ en: `${who.en} has no seccomp profile that restricted accepts.`, 'zh-CN': `${who['zh-CN']}没有 restricted 认可的 seccomp profile。` })),
  examples: {
    good: [running('', 'securityContext: { seccompProfile: { type: RuntimeDefault } }'), running('securityContext: { seccompProfile: { type: Localhost, localhostProfile: profiles/game.json } }')],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0].securityContext.seccompProfile.type'] },
      { yaml: running('', 'securityContext: { seccompProfile: { type: Unconfined } }'), expect: ['spec.template.spec.securityContext.seccompProfile.type'] },
    ],
  },
})
