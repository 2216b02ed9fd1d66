import { namespaceOf } from '../inventory.ts'
import { sentences, setTo } from '../naming.ts'
import { podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { deployment, file } from '../samples.ts'

const account = (name: string, namespace = ''): string => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}${namespace ? `, namespace: ${namespace}` : ''} }\n`
const pod = (name: string): string => `serviceAccountName: ${name}\ncontainers: [{ name: app, image: "login:1" }]`

export default defineRule({
  id: 'service-account-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'The ServiceAccount of a Pod exists', 'zh-CN': 'Pod 使用的 ServiceAccount 存在' },
  why: { en: 'Pods of a missing account are refused when they are created, so the Deployment stays at 0 Pods and only the events of its ReplicaSet tell why.', 'zh-CN': 'ServiceAccount 不存在时，Pod 在创建时就被拒绝，Deployment 一直是 0 个 Pod，原因只出现在 ReplicaSet 的事件里。' },
  fix: { en: 'Correct `serviceAccountName`, or create the account in the namespace of the Pod.', 'zh-CN': '改正 `serviceAccountName`，或者在 Pod 所在的 namespace 创建该 ServiceAccount。' },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/'],
  kinds: ['workloads'],
  mentions: ['serviceAccountName'],
  *check(subject, all) {
    const found = podOf(subject)
    const name = found?.spec.serviceAccountName as string | undefined
    const missing = name ? all.missing('ServiceAccount', namespaceOf(subject), name, (other) => other === 'default') : undefined
    if (!missing) return
    const at = [...found!.path, 'spec', 'serviceAccountName']
    yield { at, message: sentences({ en: `The Pods run as "${name}".`, 'zh-CN': `Pod 以 "${name}" 的身份运行。` }, missing.clause), ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
  },
  examples: {
    good: [file(account('login'), deployment('login', pod('login'))), deployment('login', pod('login')), file(account('defaults'), deployment('login', pod('default')))],
    bad: [
      { yaml: file(account('login'), deployment('login', pod('logins'))), expect: ['spec.template.spec.serviceAccountName'] },
      { yaml: file(account('login', 'web'), deployment('login', pod('login'), '', 'game')), expect: ['spec.template.spec.serviceAccountName'] },
    ],
  },
})
