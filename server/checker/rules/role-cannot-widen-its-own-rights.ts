import { allows, isSystemName, policyRules } from '../access.ts'
import { defineRule } from '../rule.ts'

const role = (kind: string, rules: string, rest = ''): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: r${kind === 'Role' ? ', namespace: game' : ''} }\nrules: [${rules}]\n${rest}`

const rbac = 'rbac.authorization.k8s.io'
const ways: readonly { group: string; resource: string; verbs: readonly string[] }[] = [
  ...['roles', 'clusterroles'].flatMap((resource) => ['escalate', 'bind'].map((verb) => ({ group: rbac, resource, verbs: [verb] }))),
  ...['users', 'groups', 'serviceaccounts'].map((resource) => ({ group: '', resource, verbs: ['impersonate'] })),
  { group: '', resource: 'serviceaccounts/token', verbs: ['create'] },
]

export default defineRule({
  id: 'role-cannot-widen-its-own-rights',
  category: 'access',
  severity: 'warning',
  title: { en: 'A role cannot be used to get more rights', 'zh-CN': 'Role 不能用来扩大自身权限' },
  why: {
    en: '`escalate` and `bind` go around the rule that nobody gives away more than they have; `impersonate` acts as somebody else. Each leads to cluster-admin. To create a token of another account is the same.',
    'zh-CN': '`escalate` 与 `bind` 绕过了“不能授出自己没有的权限”的限制；`impersonate` 能冒充他人；为别的账号签发 token 也一样。任何一项都能最终变成 cluster-admin。',
  },
  fix: {
    en: 'Remove the verb, or bind it to names with `resourceNames`.',
    'zh-CN': '去掉该动词，或用 `resourceNames` 限定对象。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['Role', 'ClusterRole'],
  *check(subject) {
    if (isSystemName(subject.metadata.name)) return
    for (const [index, rule] of policyRules(subject).entries()) {
      // A rule that allows everything is another rule's business.
      if (((rule['verbs'] ?? []) as string[]).includes('*')) continue
      const found = ways.find(({ group, resource, verbs }) => allows(rule, group, resource, verbs).length > 0)
      if (found) yield { at: ['rules', index, 'verbs'], message: { en: `${found.verbs[0]} on ${found.resource} can be turned into any other right.`, 'zh-CN': `对 ${found.resource} 的 ${found.verbs[0]} 可以换成任何其他权限。` } }
    }
  },
  examples: {
    good: [
      role('ClusterRole', '{ apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [view], verbs: [bind] }'),
      role('Role', '{ apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [get, list] }'),
    ],
    bad: [
      { yaml: role('ClusterRole', '{ apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind] }'), expect: ['rules[0].verbs'] },
      { yaml: role('ClusterRole', '{ apiGroups: [""], resources: [users, groups], verbs: [impersonate] }'), expect: ['rules[0].verbs'] },
    ],
  },
})
