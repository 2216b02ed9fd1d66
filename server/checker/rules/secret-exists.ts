import { missingObjects } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object, secret } from '../samples.ts'

const pulling = (name: string): string => `containers: [{ name: app, image: "login:1" }]\nimagePullSecrets: [{ name: ${name} }]`
const ingress = (name: string, metadata = ''): string => `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web${metadata} }\nspec:\n  tls: [{ hosts: [play.example], secretName: ${name} }]\n  defaultBackend: { service: { name: web, port: { number: 80 } } }\n`

export default defineRule({
  id: 'secret-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'The Secrets that an object names exist', 'zh-CN': '对象引用的 Secret 存在' },
  why: { en: 'Without its Secret a container does not start, a volume is not mounted, a private image is not pulled, and an Ingress serves a default certificate. A Secret of another namespace does not count.', 'zh-CN': '缺少 Secret 时，容器无法启动，卷无法挂载，私有镜像拉取失败，Ingress 只能返回默认证书。其他 namespace 中的 Secret 不算数。' },
  fix: { en: 'Correct the name, or create the Secret in the same namespace.', 'zh-CN': '改正名称，或者在同一 namespace 创建该 Secret。' },
  links: ['https://kubernetes.io/docs/concepts/configuration/secret/'],
  kinds: ['workloads', 'Ingress', 'ServiceAccount', 'PersistentVolume'],
  mentions: ['secretKeyRef', 'secretRef', 'secret', 'secretName', 'imagePullSecrets', 'nodePublishSecretRef', 'controllerPublishSecretRef', 'nodeStageSecretRef', 'controllerExpandSecretRef', 'nodeExpandSecretRef'],
  check: (object, all) => missingObjects(object, all, 'Secret'),
  examples: {
    good: [
      file(secret('registry', 'a: b'), deployment('login', pulling('registry'))),
      deployment('login', pulling('registry')),
      file(secret('web-tls', 'a: b'), ingress('web-tl', ', annotations: { cert-manager.io/cluster-issuer: main }')),
      file(secret('tls-1', 'a: b'), ingress('tls-2')),
      file(object('cert-manager.io/v1', 'Certificate', 'web', 'spec: { secretName: web-cert }'), secret('web-certs', 'a: b'), ingress('web-cert')),
    ],
    bad: [
      { yaml: file(secret('registry', 'a: b'), deployment('login', pulling('regsitry'))), expect: ['spec.template.spec.imagePullSecrets[0].name'] },
      { yaml: file(secret('web-tls', 'a: b'), ingress('web-tl')), expect: ['spec.tls[0].secretName'] },
      { yaml: file(secret('registry', 'a: b', 'web'), 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: login, namespace: game }\nimagePullSecrets: [{ name: registry }]\n'), expect: ['imagePullSecrets[0].name'] },
    ],
  },
})
