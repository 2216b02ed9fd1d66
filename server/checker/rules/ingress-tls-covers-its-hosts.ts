import { coversHost } from '../ingress.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { object } from '../samples.ts'

const ingress = (host: string, tls: string): string => object('networking.k8s.io/v1', 'Ingress', 'web', `spec:\n  tls: [{ hosts: [${tls}], secretName: web-tls }]\n  rules: [{ host: ${host}, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: login, port: { number: 80 } } } }] } }]`)

export default defineRule({
  id: 'ingress-tls-covers-its-hosts',
  category: 'network',
  severity: 'warning',
  title: { en: 'Every host of an Ingress with TLS is in its `tls` list', 'zh-CN': '启用 TLS 的 Ingress 的每个 host 都在 `tls` 列表中' },
  why: { en: 'A host that no entry of `tls` names is served with the controller’s default certificate, or without encryption. `*` stands for one label only: *.example does not cover a.b.example.', 'zh-CN': '没有出现在 `tls` 条目里的 host，会使用控制器的默认证书，或者根本不加密。`*` 只代表一级：*.example 不包括 a.b.example。' },
  fix: { en: 'Add the host to the `hosts` of the entry whose certificate covers it.', 'zh-CN': '把该 host 加到相应证书条目的 `hosts` 里。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#tls'],
  kinds: ['Ingress'],
  *check(subject) {
    const entries = list(subject.spec?.tls)
    // An entry without hosts stands for all of them.
    if (entries.length === 0 || entries.some((entry) => list(entry.hosts).length === 0)) return
    const covered = entries.flatMap((entry) => entry.hosts as string[])
    for (const [index, { host }] of list(subject.spec?.rules).entries()) {
      if (typeof host !== 'string' || host === '' || covered.some((pattern) => coversHost(pattern, host))) continue
      yield { at: ['spec', 'rules', index, 'host'], message: { en: `No entry of tls covers ${host}; they cover ${covered.join(', ')}.`, 'zh-CN': `tls 中没有条目包括 ${host}；现有的是 ${covered.join(', ')}。` } }
    }
  },
  examples: { good: [ingress('play.example', 'play.example'), ingress('play.example', '"*.example"')], bad: [{ yaml: ingress('eu.play.example', '"*.example"'), expect: ['spec.rules[0].host'] }] },
})
