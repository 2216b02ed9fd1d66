import { missingKeys } from '../references.ts'
import { defineRule } from '../rule.ts'
import { configMap, deployment, file } from '../samples.ts'

const env = (key: string, rest = ''): string => `containers:\n- name: app\n  image: "login:1"\n  env: [{ name: HOST, valueFrom: { configMapKeyRef: { name: login, key: ${key}${rest} } } }]`
const mounted = (source: string): string => `containers: [{ name: app, image: "login:1" }]\nvolumes: [{ name: config, ${source} }]`

export default defineRule({
  id: 'configmap-key-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'A key that a Pod asks for is in the ConfigMap', 'zh-CN': 'Pod 要用的键在 ConfigMap 中存在' },
  why: { en: 'A variable from a missing key keeps the container in CreateContainerConfigError, and a missing key among the items of a volume keeps the Pod in ContainerCreating. The rest of the ConfigMap does not help.', 'zh-CN': '环境变量引用的键不存在，容器会停在 CreateContainerConfigError；卷的 items 中的键不存在，Pod 会停在 ContainerCreating。ConfigMap 里的其他键都无济于事。' },
  fix: { en: 'Write the key as it stands in `data` or `binaryData`; capitals, dots and underscores count.', 'zh-CN': '按 `data` 或 `binaryData` 中的写法填写键名，大小写、点和下划线都要一致。' },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/'],
  kinds: ['workloads'],
  mentions: ['configMapKeyRef', 'configMap'],
  check: (object, all) => missingKeys(object, all, 'ConfigMap'),
  examples: {
    good: [
      file(configMap('login', 'host: db, port: "1"'), deployment('login', env('host'))),
      file(configMap('login', 'host: db'), deployment('login', env('db.host', ', optional: true'))),
      file('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: login }\nbinaryData: { host: ZGI= }\n', deployment('login', mounted('configMap: { name: login, items: [{ key: host, path: host }] }'))),
      // Empty: the application or a controller fills it.
      file('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: login }\n', deployment('login', env('host'))),
    ],
    bad: [
      { yaml: file(configMap('login', 'host: db, port: "1"'), deployment('login', env('db.host'))), expect: ['spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key'] },
      { yaml: file(configMap('login', 'app.yaml: a'), deployment('login', mounted('configMap: { name: login, items: [{ key: app.yml, path: app.yml }] }'))), expect: ['spec.template.spec.volumes[0].configMap.items[0].key'] },
      { yaml: file(configMap('login', 'app.yaml: a'), deployment('login', mounted('projected: { sources: [{ configMap: { name: login, items: [{ key: App.yaml, path: a }] } }] }'))), expect: ['spec.template.spec.volumes[0].projected.sources[0].configMap.items[0].key'] },
    ],
  },
})
