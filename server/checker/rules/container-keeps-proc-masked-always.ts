import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'container-keeps-proc-masked-always',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'A container keeps parts of /proc hidden, also in a user namespace', 'zh-CN': '即使在 user namespace 中，容器也不解除对 /proc 的屏蔽' },
  why: {
    en: 'The policy of 1.35 lets a Pod with `hostUsers: false` see all of /proc at the level baseline, but not at the level restricted.',
    'zh-CN': '1.35 版策略在 baseline 级别放行 `hostUsers: false` 的 Pod 查看完整 /proc，但 restricted 级别不放行。',
  },
  fix: {
    en: 'Remove `procMount`.',
    'zh-CN': '删除 `procMount`。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['procMount'],
  check: (subject) => brokenFields(subject, 'procMount_restricted', ({ who }) => ({ en: `${who.en} sees the parts of /proc that are hidden from containers.`, 'zh-CN': `${who['zh-CN']}能看到本应对容器隐藏的 /proc 内容。` })),
  examples: {
    good: [running('securityContext: { procMount: Default }')],
    bad: [
      { yaml: running('securityContext: { procMount: Unmasked }', 'hostUsers: false'), expect: ['spec.template.spec.containers[0].securityContext.procMount'] },
    ],
  },
})
