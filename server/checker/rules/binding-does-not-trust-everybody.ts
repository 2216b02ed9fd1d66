import type { Fields } from '../../k8s/object.ts'
import { defineRule } from '../rule.ts'

const binding = (role: string, subject: string): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role} }\nsubjects: [{ ${subject} }]\n`

const everybody = ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts']

export default defineRule({
  id: 'binding-does-not-trust-everybody',
  category: 'access',
  severity: 'warning',
  title: { en: 'No rights are given to everybody', 'zh-CN': '不给所有人授权' },
  why: {
    en: 'The groups system:unauthenticated and system:authenticated and the user system:anonymous stand for anyone who can reach the API server, with any or no account.',
    'zh-CN': 'system:unauthenticated、system:authenticated 组与 system:anonymous 用户代表所有能访问 API server 的人，不论有没有账号。',
  },
  fix: {
    en: 'Name the group, user or ServiceAccount that needs it.',
    'zh-CN': '写明真正需要权限的组、用户或 ServiceAccount。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['RoleBinding', 'ClusterRoleBinding'],
  *check(subject) {
    // Discovery and health are open in every cluster.
    if (['system:discovery', 'system:basic-user', 'system:public-info-viewer', 'system:service-account-issuer-discovery'].includes(subject['roleRef']?.name)) return
    for (const [index, who] of ((subject['subjects'] ?? []) as Fields[]).entries()) {
      const isEverybody = (who['kind'] === 'Group' && everybody.includes(who['name'])) || (who['kind'] === 'User' && who['name'] === 'system:anonymous')
      if (isEverybody) yield { at: ['subjects', index, 'name'], message: { en: `${who['name']} is everybody who reaches the API server.`, 'zh-CN': `${who['name']} 代表所有能访问 API server 的人。` } }
    }
  },
  examples: {
    good: [
      binding('view', 'kind: Group, apiGroup: rbac.authorization.k8s.io, name: operators'),
      binding('system:public-info-viewer', 'kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:unauthenticated"'),
    ],
    bad: [
      { yaml: binding('view', 'kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"'), expect: ['subjects[0].name'] },
      { yaml: binding('view', 'kind: User, apiGroup: rbac.authorization.k8s.io, name: "system:anonymous"'), expect: ['subjects[0].name'] },
    ],
  },
})
