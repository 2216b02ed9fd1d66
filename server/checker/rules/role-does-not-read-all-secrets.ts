import { allows, boundClusterWide, isSystemName, policyRules } from '../access.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'

const role = (kind: string, rules: string, rest = ''): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: r${kind === 'Role' ? ', namespace: game' : ''} }\nrules: [${rules}]\n${rest}`
const bound = `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r }\nsubjects: [{ kind: ServiceAccount, name: s, namespace: game }]\n`

export default defineRule({
  id: 'role-does-not-read-all-secrets',
  category: 'access',
  severity: 'warning',
  title: { en: 'A program does not read every Secret of the cluster', 'zh-CN': '程序不能读取集群内的全部 Secret' },
  why: {
    en: 'Who may get, list or watch Secrets everywhere has the passwords of every team, and tokens with which to act as others. list and watch return the contents too.',
    'zh-CN': '能在全集群 get、list 或 watch Secret，就拿到了所有团队的密码，以及可以冒充他人的 token。list 与 watch 同样会返回内容。',
  },
  fix: {
    en: 'Bind the role with RoleBindings in the namespaces where it is needed, or name the Secrets in `resourceNames`.',
    'zh-CN': '只在需要的 namespace 用 RoleBinding 绑定，或在 `resourceNames` 中写明 Secret。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['ClusterRole'],
  *check(subject, all) {
    const bindings = boundClusterWide(subject, all)
    if (bindings.length === 0 || isSystemName(subject.metadata.name)) return
    for (const [index, rule] of policyRules(subject).entries()) {
      const verbs = allows(rule, '', 'secrets', ['get', 'list', 'watch'])
      if (verbs.length > 0) yield { at: ['rules', index], message: { en: `${called(bindings[0]!)} gives ${verbs.join(', ')} on the Secrets of every namespace.`, 'zh-CN': `${called(bindings[0]!)} 授予了对所有 namespace 中 Secret 的 ${verbs.join('、')} 权限。` } }
    }
  },
  examples: {
    good: [
      role('ClusterRole', '{ apiGroups: [""], resources: [secrets], verbs: [get] }'),
      role('ClusterRole', '{ apiGroups: [""], resources: [secrets], resourceNames: [tls], verbs: [get] }', bound),
    ],
    bad: [
      { yaml: role('ClusterRole', '{ apiGroups: [""], resources: [secrets, configmaps], verbs: [get, list] }', bound), expect: ['rules[0]'] },
    ],
  },
})
