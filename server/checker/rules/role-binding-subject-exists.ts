import { isOpen, namespaceOf } from '../inventory.ts'
import { sentences, setTo } from '../naming.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { file } from '../samples.ts'

const account = (name: string, namespace: string): string => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}${namespace ? `, namespace: ${namespace}` : ''} }\n`
const binding = (name: string, namespace: string): string => `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: login }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }\nsubjects: [{ kind: ServiceAccount, name: ${name}, namespace: ${namespace} }]\n`

export default defineRule({
  id: 'role-binding-subject-exists',
  category: 'access',
  severity: 'error',
  title: { en: 'A ServiceAccount in a binding exists', 'zh-CN': 'binding 中的 ServiceAccount 存在' },
  why: { en: 'Subjects are not checked when a binding is created. With a wrong name or namespace the Pods get 403 Forbidden as if there were no binding.', 'zh-CN': '创建 binding 时不会检查 subjects。名称或 namespace 写错，Pod 得到的仍是 403 Forbidden，就像没有 binding 一样。' },
  fix: { en: 'Write name and namespace of the account that the Pods run as.', 'zh-CN': '写上 Pod 实际使用的 ServiceAccount 的名称和 namespace。' },
  links: ['https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects'],
  kinds: ['RoleBinding', 'ClusterRoleBinding'],
  *check(subject, all) {
    for (const [index, { kind, name, namespace }] of list(subject.subjects).entries()) {
      if (kind !== 'ServiceAccount' || typeof name !== 'string') continue
      const space = ((namespace as string | undefined) ?? namespaceOf(subject)) as string
      // An account without a namespace lands wherever the file is applied to.
      const isAnywhere = !all.closed && all.named('ServiceAccount', name).some((account) => isOpen(account.metadata.namespace))
      const missing = isAnywhere ? undefined : all.missing('ServiceAccount', space, name, (other) => other === 'default')
      if (!missing) continue
      const elsewhere = missing.near ? undefined : all.named('ServiceAccount', name)[0]
      const at = ['subjects', index, elsewhere ? 'namespace' : 'name']
      const meant = missing.near?.metadata.name ?? elsewhere?.metadata.namespace
      yield { at, message: sentences({ en: `The binding is for ServiceAccount ${space}/${name}.`, 'zh-CN': `binding 授权给 ServiceAccount ${space}/${name}。` }, missing.clause), ...(meant ? { change: setTo(at, meant) } : {}) }
    }
  },
  examples: {
    good: [file(account('login', 'game'), binding('login', 'game')), binding('login', 'game'), file(account('login', ''), binding('login', 'game'))],
    bad: [{ yaml: file(account('login', 'game'), binding('login', 'web')), expect: ['subjects[0].namespace'] }, { yaml: file(account('login', 'game'), binding('lgoin', 'game')), expect: ['subjects[0].name'] }],
  },
})
