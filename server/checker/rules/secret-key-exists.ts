import { missingKeys } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, secret } from '../samples.ts'

const env = (key: string): string => `containers:\n- name: app\n  image: "login:1"\n  env: [{ name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: ${key} } } }]`

export default defineRule({
  id: 'secret-key-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'A key that a Pod asks for is in the Secret', 'zh-CN': 'Pod 要用的键在 Secret 中存在' },
  why: { en: 'As with a ConfigMap, one missing key is enough: the container stays in CreateContainerConfigError, or the volume is never mounted.', 'zh-CN': '与 ConfigMap 一样，只要缺一个键，容器就会停在 CreateContainerConfigError，或者卷始终挂载不上。' },
  fix: { en: 'Write the key as it stands in `data` or `stringData` of the Secret.', 'zh-CN': '按 Secret 的 `data` 或 `stringData` 中的写法填写键名。' },
  links: ['https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets'],
  kinds: ['workloads'],
  mentions: ['secretKeyRef', 'secret'],
  check: (object, all) => missingKeys(object, all, 'Secret'),
  examples: {
    good: [file(secret('db', 'password: x'), deployment('login', env('password'))), deployment('login', env('password')), file('apiVersion: v1\nkind: Secret\nmetadata: { name: db }\n', deployment('login', env('password')))],
    bad: [
      { yaml: file(secret('db', 'password: x, user: login'), deployment('login', env('PASSWORD'))), expect: ['spec.template.spec.containers[0].env[0].valueFrom.secretKeyRef.key'] },
      { yaml: file(secret('db', 'password: x'), deployment('login', 'containers: [{ name: app, image: "login:1" }]\nvolumes: [{ name: db, secret: { secretName: db, items: [{ key: passwd, path: p }] } }]')), expect: ['spec.template.spec.volumes[0].secret.items[0].key'] },
    ],
  },
})
