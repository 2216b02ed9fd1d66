import { sentences, setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { file, object } from '../samples.ts'

const ingressClass = (name: string): string => object('networking.k8s.io/v1', 'IngressClass', name, 'spec: { controller: example.com/ingress }')
const ingress = (name: string): string => object('networking.k8s.io/v1', 'Ingress', 'web', `spec: { ingressClassName: ${name}, defaultBackend: { service: { name: login, port: { number: 80 } } } }`)

export default defineRule({
  id: 'ingress-class-exists',
  category: 'network',
  severity: 'error',
  title: { en: 'The class of an Ingress exists', 'zh-CN': 'Ingress 使用的 IngressClass 存在' },
  why: { en: 'Controllers look only at Ingresses of their own class. One of an unknown class gets no address, and no event says why.', 'zh-CN': '控制器只处理自己 class 的 Ingress。class 不存在的 Ingress 得不到地址，也没有事件说明原因。' },
  fix: { en: 'Write the name of an IngressClass in `spec.ingressClassName`.', 'zh-CN': '在 `spec.ingressClassName` 中写上存在的 IngressClass 名称。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class'],
  kinds: ['Ingress'],
  *check(subject, all) {
    const name = subject.spec?.ingressClassName as string | undefined
    const missing = name ? all.missing('IngressClass', undefined, name) : undefined
    if (missing) yield { at: ['spec', 'ingressClassName'], message: sentences({ en: `The Ingress asks for class "${name}".`, 'zh-CN': `这个 Ingress 要求 class "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo(['spec', 'ingressClassName'], missing.near.metadata.name) } : {}) }
  },
  examples: { good: [file(ingressClass('nginx'), ingress('nginx')), ingress('nginx')], bad: [{ yaml: file(ingressClass('nginx'), ingress('ngnix')), expect: ['spec.ingressClassName'] }] },
})
