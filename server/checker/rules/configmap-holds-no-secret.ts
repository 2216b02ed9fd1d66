import { defineRule } from '../rule.ts'
import { configMap } from '../samples.ts'
import { looksSecret } from '../secrets.ts'

export default defineRule({
  id: 'configmap-holds-no-secret',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'A ConfigMap holds no secrets', 'zh-CN': 'ConfigMap 里不放机密' },
  why: {
    en: 'A ConfigMap may be read by nearly every role, is shown by `kubectl describe`, and is not encrypted at rest where Secrets are.',
    'zh-CN': '几乎所有 Role 都能读 ConfigMap，`kubectl describe` 会直接显示内容；集群启用静态加密时，通常也只加密 Secret。',
  },
  fix: {
    en: 'Move the key into a Secret.',
    'zh-CN': '把该 key 移到 Secret 中。',
  },
  links: ['https://kubernetes.io/docs/concepts/configuration/configmap/'],
  kinds: ['ConfigMap'],
  *check(subject) {
    for (const [key, value] of Object.entries((subject['data'] ?? {}) as Record<string, string>)) {
      const what = looksSecret(key, value)
      if (what) yield { at: ['data', key], message: { en: `${key} seems to hold a ${what}.`, 'zh-CN': `${key} 里似乎是一个机密（${what}）。` } }
    }
  },
  examples: {
    good: [
      configMap('game', 'LOG_LEVEL: info, PASSWORD_MIN_LENGTH: "12"'),
      configMap('game', '"tls.crt": "-----BEGIN CERTIFICATE-----"'),
    ],
    bad: [
      { yaml: configMap('game', 'DB_PASSWORD: hunter2, LOG_LEVEL: info'), expect: ['data.DB_PASSWORD'] },
    ],
  },
})
