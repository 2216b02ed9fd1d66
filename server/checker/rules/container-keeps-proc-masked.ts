import { defineRule } from '../rule.ts'
import { object, running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'container-keeps-proc-masked',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A container keeps parts of /proc hidden', 'zh-CN': '容器不解除对 /proc 的屏蔽' },
  why: {
    en: '`procMount: Unmasked` shows the container the parts of /proc that runtimes hide because they lead into the kernel. It is meant for containers inside containers, in a user namespace.',
    'zh-CN': '`procMount: Unmasked` 会露出运行时特意屏蔽的 /proc 内容，那里能直接触及内核。它只适用于在 user namespace 中嵌套容器的场景。',
  },
  fix: {
    en: 'Remove `procMount`, or give the Pod its own user namespace with `hostUsers: false`.',
    'zh-CN': '删除 `procMount`，或用 `hostUsers: false` 给 Pod 独立的 user namespace。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['procMount'],
  check: (subject) => brokenFields(subject, 'procMount', ({ who }) => ({ en: `${who.en} sees the parts of /proc that are hidden from containers.`, 'zh-CN': `${who['zh-CN']}能看到本应对容器隐藏的 /proc 内容。` })),
  examples: {
    good: [running('securityContext: { procMount: Default }'), running('securityContext: { procMount: Unmasked }', 'hostUsers: false')],
    bad: [
      { yaml: object('v1', 'Pod', 'builder', 'spec: { hostUsers: true, containers: [{ name: app, image: "app:1", securityContext: { procMount: Unmasked } }] }'), expect: ['spec.containers[0].securityContext.procMount'] },
    ],
  },
})
