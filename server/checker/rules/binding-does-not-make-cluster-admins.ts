import type { Fields } from '../../k8s/object.ts'
import { defineRule } from '../rule.ts'

const binding = (role: string, subject: string): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role} }\nsubjects: [{ ${subject} }]\n`

export default defineRule({
  id: 'binding-does-not-make-cluster-admins',
  category: 'access',
  severity: 'warning',
  title: { en: 'Nobody is made cluster-admin', 'zh-CN': '不授予 cluster-admin' },
  why: {
    en: 'cluster-admin may do everything with everything in every namespace. For a program it means that one bug gives the whole cluster away.',
    'zh-CN': 'cluster-admin 可以对所有 namespace 里的任何对象做任何操作。一旦授予程序，一个漏洞就会断送整个集群。',
  },
  fix: {
    en: 'Bind a role that lists what is needed; for people, bind the role admin in their namespaces.',
    'zh-CN': '绑定只列出所需权限的 Role；给人用时，在其负责的 namespace 内绑定 admin。',
  },
  links: ['https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles', 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['ClusterRoleBinding'],
  *check(subject) {
    if (subject['roleRef']?.kind !== 'ClusterRole' || subject['roleRef'].name !== 'cluster-admin') return
    const people = ((subject['subjects'] ?? []) as Fields[]).filter((who) => !(who['kind'] === 'Group' && who['name'] === 'system:masters'))
    if (people.length > 0) yield { at: ['roleRef', 'name'], message: { en: `${people.map((who) => `${who['kind']} ${who['name']}`).join(', ')} may do everything in the whole cluster.`, 'zh-CN': `${people.map((who) => `${who['kind']} ${who['name']}`).join('、')} 可以在整个集群内做任何操作。` } }
  },
  examples: {
    good: [
      binding('view', 'kind: ServiceAccount, name: operator, namespace: game'),
      binding('cluster-admin', 'kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:masters"'),
    ],
    bad: [
      { yaml: binding('cluster-admin', 'kind: ServiceAccount, name: operator, namespace: game'), expect: ['roleRef.name'] },
    ],
  },
})
