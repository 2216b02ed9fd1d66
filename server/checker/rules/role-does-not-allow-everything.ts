import { isSystemName, policyRules } from '../access.ts'
import { defineRule } from '../rule.ts'

const role = (kind: string, rules: string, rest = ''): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: r${kind === 'Role' ? ', namespace: game' : ''} }\nrules: [${rules}]\n${rest}`

export default defineRule({
  id: 'role-does-not-allow-everything',
  category: 'access',
  severity: 'warning',
  title: { en: 'A role does not allow every verb on every resource', 'zh-CN': 'Role 不放行全部资源的全部动词' },
  why: {
    en: '`verbs: ["*"]` on `resources: ["*"]` is cluster-admin under another name. It covers secrets and roles, and whatever is installed later.',
    'zh-CN': '`resources: ["*"]` 上的 `verbs: ["*"]` 就是换了名字的 cluster-admin：它包含 Secret 与 Role 本身，也包含日后安装的一切。',
  },
  fix: {
    en: 'List the resources and verbs that the audit log shows in use.',
    'zh-CN': '按审计日志中实际用到的，逐项列出资源与动词。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['Role', 'ClusterRole'],
  *check(subject) {
    if (isSystemName(subject.metadata.name)) return
    for (const [index, rule] of policyRules(subject).entries()) {
      if (['verbs', 'resources', 'apiGroups'].every((field) => ((rule[field] ?? []) as string[]).includes('*'))) yield { at: ['rules', index], message: { en: 'This allows everything.', 'zh-CN': '这条规则放行一切。' } }
    }
  },
  examples: {
    good: [
      role('Role', '{ apiGroups: [apps], resources: [deployments], verbs: ["*"] }'),
    ],
    bad: [
      { yaml: role('ClusterRole', '{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }'), expect: ['rules[0]'] },
    ],
  },
})
