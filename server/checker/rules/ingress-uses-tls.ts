import { defineRule } from '../rule.ts'

const ingress = (spec: string, annotations = ''): string => `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, annotations: { ${annotations} } }\nspec: { ${spec} }\n`
const http = 'http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }'

export default defineRule({
  id: 'ingress-uses-tls',
  category: 'network',
  severity: 'hint',
  optional: true,
  title: { en: 'An Ingress is served with TLS', 'zh-CN': 'Ingress 启用 TLS' },
  why: {
    en: 'Without `tls` passwords and session cookies cross the internet in the clear, unless something in front of the Ingress ends TLS.',
    'zh-CN': '没有 `tls` 时，密码与会话 cookie 会以明文穿越公网，除非 Ingress 前面另有终止 TLS 的组件。',
  },
  fix: {
    en: 'Add `tls` with the hosts and the Secret of the certificate.',
    'zh-CN': '添加 `tls`，写明 hosts 与证书 Secret。',
  },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#tls'],
  kinds: ['Ingress'],
  *check(subject) {
    if ((subject.spec?.tls ?? []).length === 0) yield { at: ['spec', 'tls'], message: { en: 'No host of this Ingress has a certificate.', 'zh-CN': '这个 Ingress 的所有 host 都没有证书。' } }
  },
  examples: {
    good: [
      ingress(`tls: [{ hosts: [play.example], secretName: tls }], rules: [{ host: play.example, ${http} }]`),
    ],
    bad: [
      { yaml: ingress(`rules: [{ host: play.example, ${http} }]`), expect: ['spec.tls'] },
    ],
  },
})
