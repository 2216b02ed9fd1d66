import { namespaceOf } from '../inventory.ts'
import { sentences, setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file } from '../samples.ts'

const role = (name: string, kind = 'Role', namespace = 'game'): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: ${name}${kind === 'Role' ? `, namespace: ${namespace}` : ''} }\nrules: [{ apiGroups: [""], resources: [pods], verbs: [get] }]\n`
const binding = (name: string, kind = 'Role'): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: { name: login, namespace: game }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ${kind}, name: ${name} }\nsubjects: [{ kind: User, name: ann, apiGroup: rbac.authorization.k8s.io }]\n`

/** Roles that every cluster has (plugin/pkg/auth/authorizer/rbac/bootstrappolicy). */
const isBuiltIn = (name: string): boolean => ['admin', 'edit', 'view', 'cluster-admin'].includes(name) || name.startsWith('system:')

export default defineRule({
  id: 'role-binding-names-a-role',
  category: 'access',
  severity: 'error',
  title: { en: 'A binding names a role that exists', 'zh-CN': 'RoleBinding 引用的 Role 存在' },
  why: { en: 'A binding to a missing role is accepted and grants nothing. A RoleBinding looks for a Role in its own namespace only, and a Role is not a ClusterRole.', 'zh-CN': '引用不存在的 Role 时，binding 会被接受，但不授予任何权限。RoleBinding 只在自己的 namespace 里找 Role，而 Role 也不等于 ClusterRole。' },
  fix: { en: 'Correct `roleRef`. It can’t be changed later: delete the binding and create it anew.', 'zh-CN': '改正 `roleRef`。它创建后不能修改：需要删除 binding 后重新创建。' },
  links: ['https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding'],
  kinds: ['RoleBinding', 'ClusterRoleBinding'],
  *check(subject, all) {
    const { kind, name } = (subject.roleRef ?? {}) as { kind?: string; name?: string }
    if (!name || (kind !== 'Role' && kind !== 'ClusterRole') || (kind === 'Role' && subject.kind !== 'RoleBinding')) return
    const namespace = namespaceOf(subject)
    if (kind === 'ClusterRole' ? all.named(kind, name).length > 0 || isBuiltIn(name) : all.find(kind, namespace, name)) return
    const other = kind === 'Role' ? 'ClusterRole' : 'Role'
    const twin = other === 'Role' ? (subject.kind === 'RoleBinding' ? all.find(other, namespace, name) : undefined) : all.named(other, name)[0]
    if (twin) {
      yield { at: ['roleRef', 'kind'], change: setTo(['roleRef', 'kind'], other), message: { en: `"${name}" is a ${other} here, not a ${kind}.`, 'zh-CN': `这里的 "${name}" 是 ${other}，不是 ${kind}。` } }
      return
    }
    const missing = all.missing(kind, kind === 'Role' ? namespace : undefined, name)
    if (missing) yield { at: ['roleRef', 'name'], message: sentences({ en: `The binding grants the ${kind} "${name}".`, 'zh-CN': `binding 授予的是 ${kind} "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo(['roleRef', 'name'], missing.near.metadata.name) } : {}) }
  },
  examples: {
    good: [file(role('reader'), binding('reader')), binding('reader'), file(role('views', 'ClusterRole'), binding('view', 'ClusterRole'))],
    bad: [
      { yaml: file(role('reader'), binding('raeder')), expect: ['roleRef.name'] },
      { yaml: file(role('reader', 'Role', 'web'), binding('reader')), expect: ['roleRef.name'] },
      { yaml: file(role('reader', 'ClusterRole'), binding('reader')), expect: ['roleRef.kind'] },
    ],
  },
})
