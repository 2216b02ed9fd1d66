import type { Fields } from '../../k8s/object.ts'
import { defineRule } from '../rule.ts'

const ingress = (spec: string, annotations = ''): string => `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, annotations: { ${annotations} } }\nspec: { ${spec} }\n`
const http = 'http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }'

export default defineRule({
  id: 'ingress-rule-names-its-host',
  category: 'network',
  severity: 'hint',
  optional: true,
  title: { en: 'A rule of an Ingress names its host', 'zh-CN': 'Ingress 规则写明 host' },
  why: {
    en: 'A rule without a host, or for `*`, answers every name that points to the controller, also those of other teams that are not set up yet.',
    'zh-CN': '没有 host 或写成 `*` 的规则，会应答所有指向该控制器的域名，包括其他团队尚未配置的。',
  },
  fix: {
    en: 'Set `host`.',
    'zh-CN': '设置 `host`。',
  },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource'],
  kinds: ['Ingress'],
  *check(subject) {
    for (const [index, rule] of ((subject.spec?.rules ?? []) as Fields[]).entries()) {
      if (!rule['host']) yield { at: ['spec', 'rules', index], message: { en: 'This rule answers for every host name.', 'zh-CN': '这条规则会应答所有域名。' } }
    }
  },
  examples: {
    good: [
      ingress(`rules: [{ host: play.example, ${http} }]`),
    ],
    bad: [
      { yaml: ingress(`rules: [{ ${http} }]`), expect: ['spec.rules[0]'] },
    ],
  },
})
