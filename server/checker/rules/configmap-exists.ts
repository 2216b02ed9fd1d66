import { missingObjects } from '../references.ts'
import { defineRule } from '../rule.ts'
import { configMap, deployment, file } from '../samples.ts'

const fromEnv = (name: string, rest = ''): string => `containers: [{ name: app, image: "login:1", envFrom: [{ configMapRef: { name: ${name}${rest} } }] }]`

export default defineRule({
  id: 'configmap-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'A Pod finds the ConfigMaps it names', 'zh-CN': 'Pod 引用的 ConfigMap 存在' },
  why: { en: 'A container that takes variables from a missing ConfigMap stays in CreateContainerConfigError; a Pod that mounts one stays in ContainerCreating. Names are looked up in the namespace of the Pod only.', 'zh-CN': '从不存在的 ConfigMap 取环境变量的容器会停在 CreateContainerConfigError；挂载它的 Pod 会停在 ContainerCreating。名称只在 Pod 自己的 namespace 中查找。' },
  fix: { en: 'Correct the name, create the ConfigMap in the same namespace, or set `optional: true` when the Pod can live without it.', 'zh-CN': '改正名称，或者在同一 namespace 创建该 ConfigMap；如果没有它也能运行，就设置 `optional: true`。' },
  links: ['https://kubernetes.io/docs/concepts/configuration/configmap/'],
  kinds: ['workloads'],
  mentions: ['configMapKeyRef', 'configMapRef', 'configMap'],
  check: (object, all) => missingObjects(object, all, 'ConfigMap'),
  examples: {
    good: [
      file(configMap('login', 'host: db'), deployment('login', fromEnv('login'))),
      deployment('login', fromEnv('made-elsewhere')),
      file(configMap('login', 'host: db'), deployment('login', fromEnv('logn', ', optional: true'))),
      deployment('login', 'containers: [{ name: app, image: "login:1" }]\nvolumes: [{ name: ca, configMap: { name: kube-root-ca.crt } }]'),
    ],
    bad: [
      { yaml: file(configMap('login', 'host: db'), deployment('login', fromEnv('logn'))), expect: ['spec.template.spec.containers[0].envFrom[0].configMapRef.name'] },
      { yaml: file(configMap('login', 'host: db', 'web'), deployment('login', 'containers: [{ name: app, image: "login:1" }]\nvolumes: [{ name: config, projected: { sources: [{ configMap: { name: login } }] } }]', '', 'game')), expect: ['spec.template.spec.volumes[0].projected.sources[0].configMap.name'] },
      { yaml: deployment('login', fromEnv('nowhere')), closed: true, expect: ['spec.template.spec.containers[0].envFrom[0].configMapRef.name'] },
    ],
  },
})
