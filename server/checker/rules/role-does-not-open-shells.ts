import { allows, isSystemName, policyRules } from '../access.ts'
import { defineRule } from '../rule.ts'

const role = (kind: string, rules: string, rest = ''): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: r${kind === 'Role' ? ', namespace: game' : ''} }\nrules: [${rules}]\n${rest}`

export default defineRule({
  id: 'role-does-not-open-shells',
  category: 'access',
  severity: 'hint',
  title: { en: 'A role does not allow to run commands in Pods', 'zh-CN': 'Role 不放行在 Pod 内执行命令' },
  why: {
    en: 'exec and attach give the rights of the program inside, with its token and its Secrets.',
    'zh-CN': 'exec 与 attach 等于取得容器内程序的权限，包括它的 token 与 Secret。',
  },
  fix: {
    en: 'Leave pods/exec and pods/attach to people, for a limited time, in the namespaces they run.',
    'zh-CN': 'pods/exec 与 pods/attach 只授予具体的人，并限定时间，限定在其负责的 namespace。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  kinds: ['Role', 'ClusterRole'],
  *check(subject) {
    if (isSystemName(subject.metadata.name)) return
    for (const [index, rule] of policyRules(subject).entries()) {
      const found = ['pods/exec', 'pods/attach', 'pods/ephemeralcontainers'].find((resource) => ((rule['resources'] ?? []) as string[]).includes(resource) && allows(rule, '', resource, ['create', 'get', 'update', 'patch']).length > 0)
      if (found) yield { at: ['rules', index, 'resources', ((rule['resources'] ?? []) as string[]).indexOf(found)], message: { en: `${found} gives a shell in every Pod that this role reaches.`, 'zh-CN': `${found} 等于在该 Role 涉及的每个 Pod 里都能开一个 shell。` } }
    }
  },
  examples: {
    good: [
      role('Role', '{ apiGroups: [""], resources: [pods, pods/log], verbs: [get] }'),
    ],
    bad: [
      { yaml: role('Role', '{ apiGroups: [""], resources: [pods, pods/exec], verbs: [create] }'), expect: ['rules[0].resources[1]'] },
    ],
  },
})
