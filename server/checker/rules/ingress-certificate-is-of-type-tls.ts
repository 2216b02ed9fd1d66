import { called } from '../naming.ts'
import { keysOf, referencesOf } from '../references.ts'
import { defineRule } from '../rule.ts'
import { file, secret } from '../samples.ts'

const ingress = 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec:\n  tls: [{ hosts: [play.example], secretName: web-tls }]\n  defaultBackend: { service: { name: web, port: { number: 80 } } }\n'

export default defineRule({
  id: 'ingress-certificate-is-of-type-tls',
  category: 'references',
  severity: 'error',
  title: { en: 'The Secret of an Ingress holds tls.crt and tls.key', 'zh-CN': 'Ingress 使用的 Secret 包含 tls.crt 和 tls.key' },
  why: { en: 'Ingress controllers look for exactly these two keys. Under other names the certificate is ignored and visitors see the controller’s own one.', 'zh-CN': 'Ingress 控制器只认这两个键。换成别的名字，证书会被忽略，访问者看到的是控制器自带的证书。' },
  fix: { en: 'Create the Secret with `kubectl create secret tls NAME --cert=… --key=…`.', 'zh-CN': '用 `kubectl create secret tls NAME --cert=… --key=…` 创建 Secret。' },
  links: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#tls'],
  kinds: ['Ingress'],
  *check(object, all) {
    for (const { name, namespace, at } of referencesOf(object, all)) {
      const found = all.find('Secret', namespace, name)
      const keys = found && keysOf(found)
      const absent = keys ? ['tls.crt', 'tls.key'].filter((key) => !keys.includes(key)) : []
      if (found && keys && absent.length > 0) yield { at, message: { en: `${called(found)} has no ${absent.join(', ')}; its keys are ${keys.join(', ')}.`, 'zh-CN': `${called(found)} 缺少 ${absent.join('、')}；现有的键是 ${keys.join(', ')}。` } }
    }
  },
  examples: {
    good: [file(secret('web-tls', 'tls.crt: a, tls.key: b'), ingress), ingress],
    bad: [{ yaml: file(secret('web-tls', 'cert.pem: a, tls.key: b'), ingress), expect: ['spec.tls[0].secretName'] }],
  },
})
