import { referencesOf } from '../references.ts'
import { called } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, secret } from '../samples.ts'

const pod = 'containers: [{ name: app, image: "login:1" }]\nimagePullSecrets: [{ name: registry }]'
const types = ['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg']

export default defineRule({
  id: 'pull-secret-holds-registry-credentials',
  category: 'references',
  severity: 'error',
  title: { en: 'An imagePullSecret is of a registry type', 'zh-CN': 'imagePullSecret 的类型是镜像仓库凭据' },
  why: { en: 'The kubelet reads credentials only from the key of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`. From an Opaque Secret it takes nothing, and the pull ends in 401 and ImagePullBackOff.', 'zh-CN': 'kubelet 只从 `kubernetes.io/dockerconfigjson` 或 `kubernetes.io/dockercfg` 类型的 Secret 读取凭据。Opaque 类型的 Secret 不会被使用，镜像拉取会以 401 和 ImagePullBackOff 告终。' },
  fix: { en: 'Create the Secret with `kubectl create secret docker-registry`, which sets type and key.', 'zh-CN': '用 `kubectl create secret docker-registry` 创建 Secret，类型和键会自动写好。' },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/'],
  kinds: ['workloads', 'ServiceAccount'],
  mentions: ['imagePullSecrets'],
  *check(object, all) {
    for (const { name, namespace, at, role } of referencesOf(object, all)) {
      const found = role === 'pull' ? all.find('Secret', namespace, name) : undefined
      const type = (found?.type ?? 'Opaque') as string
      if (found && !types.includes(type)) yield { at, message: { en: `${called(found)} is of type ${type}, from which no credentials are read.`, 'zh-CN': `${called(found)} 的类型是 ${type}，不会从中读取凭据。` } }
    }
  },
  examples: {
    good: [file('apiVersion: v1\nkind: Secret\nmetadata: { name: registry }\ntype: kubernetes.io/dockerconfigjson\nstringData: { .dockerconfigjson: "{}" }\n', deployment('login', pod)), deployment('login', pod)],
    bad: [{ yaml: file(secret('registry', 'user: a, password: b'), deployment('login', pod)), expect: ['spec.template.spec.imagePullSecrets[0].name'] }],
  },
})
