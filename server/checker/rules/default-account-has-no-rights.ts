import type { Fields } from '../../k8s/object.ts'
import { defineRule } from '../rule.ts'

const binding = (kind: string, roleKind: string, role: string, subjectKind: string, name: string): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: b, namespace: game }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ${roleKind}, name: ${role} }\nsubjects: [{ kind: ${subjectKind}, name: ${name}, namespace: game }]\n`

export default defineRule({
  id: 'default-account-has-no-rights',
  category: 'access',
  severity: 'warning',
  title: { en: 'The account default is given no rights', 'zh-CN': '不给 default 账号授权' },
  why: {
    en: 'Every Pod of the namespace that names no account runs as default: what it may do, all of them may do, also those that are added next year.',
    'zh-CN': 'namespace 里没有指定账号的 Pod 都以 default 运行：它能做的，所有这些 Pod 都能做，包括以后才加进来的。',
  },
  fix: {
    en: 'Create a ServiceAccount for the one workload, bind to that, and name it in `serviceAccountName`.',
    'zh-CN': '为该工作负载单独建 ServiceAccount，绑定到它，并在 `serviceAccountName` 中引用。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['RoleBinding', 'ClusterRoleBinding'],
  *check(subject) {
    for (const [index, who] of ((subject['subjects'] ?? []) as Fields[]).entries()) {
      if (who['kind'] !== 'ServiceAccount' || who['name'] !== 'default') continue
      yield { at: ['subjects', index, 'name'], message: { en: `Every Pod in namespace "${who['namespace'] ?? ''}" without an account of its own gets these rights.`, 'zh-CN': `namespace "${who['namespace'] ?? ''}" 中所有未指定账号的 Pod 都会得到这些权限。` } }
    }
  },
  examples: {
    good: [
      binding('RoleBinding', 'Role', 'reader', 'ServiceAccount', 'matchmaker'),
    ],
    bad: [
      { yaml: binding('RoleBinding', 'Role', 'reader', 'ServiceAccount', 'default'), expect: ['subjects[0].name'] },
    ],
  },
})
