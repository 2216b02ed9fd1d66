import type { Fields } from '../../k8s/object.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { looksSecret } from '../secrets.ts'

export default defineRule({
  id: 'env-value-is-no-secret',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'A secret is not written into the environment', 'zh-CN': '不把机密直接写进环境变量' },
  why: {
    en: 'What stands in a manifest stands in Git, in the output of `kubectl get` and in every backup, for all who may read workloads, though they may read no Secret.',
    'zh-CN': '写在清单里的内容也会出现在 Git、`kubectl get` 的输出和每份备份中，能读工作负载对象的人都看得到，哪怕他无权读 Secret。',
  },
  fix: {
    en: 'Put it into a Secret and refer to it with `valueFrom.secretKeyRef`. What was published must be changed.',
    'zh-CN': '放进 Secret，用 `valueFrom.secretKeyRef` 引用。已经泄露的值必须更换。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/secrets-good-practices/'],
  kinds: ['workloads'],
  mentions: ['env'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      for (const [index, entry] of ((container['env'] ?? []) as Fields[]).entries()) {
        const what = looksSecret(String(entry['name'] ?? ''), String(entry['value'] ?? ''))
        if (what) yield { at: [...path, 'env', index, 'value'], message: { en: `${entry['name']} seems to hold a ${what}.`, 'zh-CN': `${entry['name']} 里似乎是一个机密（${what}）。` } }
      }
    }
  },
  examples: {
    good: [
      running('env: [{ name: DB_PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }]'),
      running('env: [{ name: DB_PASSWORD_FILE, value: /run/secrets/db }, { name: TOKEN_TTL, value: 15m }, { name: DB_URL, value: "postgres://db.game:5432/world" }, { name: API_KEY, value: "$(FROM_SECRET)" }, { name: SECRET_KEY, value: "vault:secret/data/game#key" }]'),
    ],
    bad: [
      { yaml: running('env: [{ name: DB_PASSWORD, value: hunter2 }, { name: DB_URL, value: "postgres://game:hunter2@db:5432/world" }]'), expect: ['spec.template.spec.containers[0].env[0].value', 'spec.template.spec.containers[0].env[1].value'] },
    ],
  },
})
