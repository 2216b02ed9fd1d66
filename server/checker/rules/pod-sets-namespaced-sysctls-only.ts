import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-sets-namespaced-sysctls-only',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Pod sets only sysctls that stay in the Pod', 'zh-CN': 'Pod 只设置作用域限于自身的 sysctl' },
  why: {
    en: 'Other sysctls act on the whole node, or are refused by the kubelet unless the node allows them: the Pod then fails with SysctlForbidden.',
    'zh-CN': '其他 sysctl 会影响整台节点；若节点未放行，kubelet 会拒绝，Pod 以 SysctlForbidden 失败。',
  },
  fix: {
    en: 'Remove it, or have it set on the nodes.',
    'zh-CN': '去掉它，或者改在节点上统一配置。',
  },
  links: [securityStandards, 'https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/'],
  kinds: ['workloads'],
  mentions: ['sysctls'],
  check: (subject) => brokenFields(subject, 'sysctls', ({ value }) => ({ en: `The sysctl ${value} is not among those that stay inside a Pod.`, 'zh-CN': `sysctl ${value} 不属于作用域限于 Pod 的集合。` })),
  examples: {
    good: [running('', 'securityContext: { sysctls: [{ name: net.ipv4.tcp_keepalive_time, value: "60" }] }')],
    bad: [
      { yaml: running('', 'securityContext: { sysctls: [{ name: net.core.somaxconn, value: "4096" }] }'), expect: ['spec.template.spec.securityContext.sysctls[0].name'] },
    ],
  },
})
