import { remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-keeps-its-selinux-label',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Pod keeps the SELinux type of containers', 'zh-CN': 'Pod 保持容器的 SELinux 类型' },
  why: {
    en: 'Another SELinux type, user or role than those of containers takes the confinement away that holds even a root process back on nodes with SELinux.',
    'zh-CN': '在启用 SELinux 的节点上，连 root 进程也受隔离约束；换用容器之外的 SELinux type、user 或 role，就去掉了这层隔离。',
  },
  fix: {
    en: 'Leave `seLinuxOptions` to the runtime, or set `type` to one of container_t, container_init_t, container_kvm_t, container_engine_t; `level` is free.',
    'zh-CN': '把 `seLinuxOptions` 留给运行时决定，或将 `type` 设为 container_t、container_init_t、container_kvm_t、container_engine_t 之一；`level` 可自由设置。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['seLinuxOptions'],
  check: (subject) => brokenFields(subject, 'seLinuxOptions', ({ who, value }) => ({ en: `${who.en} sets an SELinux option that containers should not have: ${value}.`, 'zh-CN': `${who['zh-CN']}设置了容器不该有的 SELinux 选项：${value}。` }), ({ path }) => remove(path, String(path.at(-1)))),
  examples: {
    good: [running('securityContext: { seLinuxOptions: { type: container_init_t, level: "s0:c1,c2" } }')],
    bad: [
      { yaml: running('', 'securityContext: { seLinuxOptions: { type: spc_t } }'), expect: ['spec.template.spec.securityContext.seLinuxOptions.type'] },
      { yaml: running('securityContext: { seLinuxOptions: { user: system_u, role: system_r } }'), expect: ['spec.template.spec.containers[0].securityContext.seLinuxOptions.user', 'spec.template.spec.containers[0].securityContext.seLinuxOptions.role'] },
    ],
  },
})
