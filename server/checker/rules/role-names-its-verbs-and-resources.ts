import { isSystemName, policyRules } from '../access.ts'
import { defineRule } from '../rule.ts'

const role = (kind: string, rules: string, rest = ''): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: r${kind === 'Role' ? ', namespace: game' : ''} }\nrules: [${rules}]\n${rest}`

export default defineRule({
  id: 'role-names-its-verbs-and-resources',
  category: 'access',
  severity: 'hint',
  optional: true,
  title: { en: 'A role names verbs and resources one by one', 'zh-CN': 'Role 逐项列出动词与资源' },
  why: {
    en: 'A star takes in subresources, and verbs and kinds that come with the next version.',
    'zh-CN': '星号会把子资源，以及下个版本新增的动词与 kind 一并纳入。',
  },
  fix: {
    en: 'Write out what is needed.',
    'zh-CN': '逐项写出所需内容。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['Role', 'ClusterRole'],
  *check(subject) {
    if (isSystemName(subject.metadata.name)) return
    for (const [index, rule] of policyRules(subject).entries()) {
      for (const field of ['apiGroups', 'resources', 'verbs']) {
        const star = ((rule[field] ?? []) as string[]).indexOf('*')
        if (star >= 0) yield { at: ['rules', index, field, star], message: { en: `A star stands for all ${field}.`, 'zh-CN': `星号代表全部 ${field}。` } }
      }
    }
  },
  examples: {
    good: [
      role('Role', '{ apiGroups: [apps], resources: [deployments, deployments/scale], verbs: [get, list, watch] }'),
    ],
    bad: [
      { yaml: role('Role', '{ apiGroups: [apps], resources: [deployments], verbs: ["*"] }'), expect: ['rules[0].verbs[0]'] },
    ],
  },
})
