import { defineRule } from '../rule.ts'

const ingress = (spec: string, annotations = ''): string => `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, annotations: { ${annotations} } }\nspec: { ${spec} }\n`
const http = 'http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }'

export default defineRule({
  id: 'ingress-carries-no-snippets',
  category: 'network',
  severity: 'warning',
  title: { en: 'An Ingress carries no configuration of the proxy itself', 'zh-CN': 'Ingress 不携带代理自身的配置片段' },
  why: {
    en: 'Snippet annotations are pasted into the configuration of the shared proxy: whoever may edit one Ingress reads the Secrets of all others (CVE-2021-25742). Controllers refuse them by default.',
    'zh-CN': 'snippet 注解会原样写进共享代理的配置：能改一个 Ingress 的人就能读走所有其他 Ingress 的 Secret（CVE-2021-25742）。控制器默认拒绝。',
  },
  fix: {
    en: 'Use the annotations made for the purpose, or set it in the configuration of the controller.',
    'zh-CN': '使用对应的专用注解，或在控制器的全局配置中设置。',
  },
  links: ['https://github.com/kubernetes/ingress-nginx/issues/7837'],
  kinds: ['Ingress'],
  *check(subject) {
    for (const name of Object.keys(subject.metadata.annotations ?? {})) {
      if (/^nginx\.(ingress\.kubernetes\.io|org)\/([a-z-]+-)?snippets?$/.test(name)) yield { at: ['metadata', 'annotations', name], message: { en: `${name} writes into the configuration of the proxy.`, 'zh-CN': `${name} 会直接写入代理的配置。` } }
    }
  },
  examples: {
    good: [
      ingress(`rules: [{ host: play.example, ${http} }]`, 'nginx.ingress.kubernetes.io/proxy-read-timeout: "60"'),
    ],
    bad: [
      { yaml: ingress(`rules: [{ host: play.example, ${http} }]`, 'nginx.ingress.kubernetes.io/configuration-snippet: "more_set_headers X"'), expect: ['metadata.annotations[nginx.ingress.kubernetes.io/configuration-snippet]'] },
    ],
  },
})
