import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-keeps-its-apparmor-profile',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Pod does not switch AppArmor off', 'zh-CN': 'Pod 不关闭 AppArmor' },
  why: {
    en: 'Without its AppArmor profile a container may mount, trace and write where the runtime\'s profile forbids it, on nodes that use AppArmor.',
    'zh-CN': '在启用 AppArmor 的节点上，去掉 profile 的容器可以执行运行时 profile 原本禁止的挂载、跟踪与写入。',
  },
  fix: {
    en: 'Use `RuntimeDefault`, or a profile that is loaded on the node with `Localhost`.',
    'zh-CN': '使用 `RuntimeDefault`，或以 `Localhost` 指定节点上已加载的 profile。',
  },
  links: [securityStandards, 'https://kubernetes.io/docs/tutorials/security/apparmor/'],
  kinds: ['workloads'],
  mentions: ['appArmorProfile', 'annotations'],
  check: (subject) => brokenFields(subject, 'appArmorProfile', ({ who }) => ({ en: `${who.en} runs without an AppArmor profile.`, 'zh-CN': `${who['zh-CN']}在没有 AppArmor profile 的情况下运行。` })),
  examples: {
    good: [running('', 'securityContext: { appArmorProfile: { type: RuntimeDefault } }')],
    bad: [
      { yaml: running('', 'securityContext: { appArmorProfile: { type: Unconfined } }'), expect: ['spec.template.spec.securityContext.appArmorProfile.type'] },
    ],
  },
})
