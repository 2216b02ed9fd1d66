import { namespaceOf } from '../inventory.ts'
import { setTo } from '../naming.ts'
import { podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { file, running } from '../samples.ts'

export default defineRule({
  id: 'pod-with-default-account-mounts-no-token',
  category: 'access',
  severity: 'hint',
  optional: true,
  title: { en: 'A Pod that never calls the API server carries no token', 'zh-CN': '不调用 API server 的 Pod 不携带 token' },
  why: {
    en: 'Every Pod gets a token of its ServiceAccount mounted. With the account default it is seldom meant to be used, but it opens the API server to whoever reads files in the Pod.',
    'zh-CN': '每个 Pod 都会挂载其 ServiceAccount 的 token。使用 default 账号时多半用不到它，却给能读到 Pod 内文件的人打开了 API server 的大门。',
  },
  fix: {
    en: 'Set `automountServiceAccountToken: false`, or give the Pod an account of its own with the rights it needs.',
    'zh-CN': '设置 `automountServiceAccountToken: false`，或给 Pod 单独的账号并授予所需权限。',
  },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting'],
  kinds: ['workloads'],
  *check(subject, all) {
    const pod = podOf(subject)
    if (!pod || pod.spec['automountServiceAccountToken'] !== undefined || (pod.spec['serviceAccountName'] ?? 'default') !== 'default') return
    if (all.find('ServiceAccount', namespaceOf(subject), 'default')?.['automountServiceAccountToken'] === false) return
    yield { at: [...pod.path, 'spec', 'automountServiceAccountToken'], change: setTo([...pod.path, 'spec', 'automountServiceAccountToken'], false), message: { en: 'A token of the account default is mounted into every container.', 'zh-CN': '每个容器里都会挂载 default 账号的 token。' } }
  },
  examples: {
    good: [
      running('', 'automountServiceAccountToken: false'),
      running('', 'serviceAccountName: matchmaker'),
      file('apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: default }\nautomountServiceAccountToken: false\n', running('')),
    ],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.automountServiceAccountToken'] },
    ],
  },
})
