import type { Fields, K8sObject } from '../../k8s/object.ts'
import { isOpen } from '../inventory.ts'
import { called, sentences, setTo } from '../naming.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { file, service } from '../samples.ts'

type Place = { reference: Fields; at: (string | number)[] }

const portUnlessGiven = 443

function placesIn(object: K8sObject): Place[] {
  if (object.kind === 'APIService') return [{ reference: object.spec?.service as Fields, at: ['spec', 'service'] }]
  if (object.kind === 'CustomResourceDefinition') return [{ reference: object.spec?.conversion?.webhook?.clientConfig?.service as Fields, at: ['spec', 'conversion', 'webhook', 'clientConfig', 'service'] }]
  return list(object.webhooks).map((webhook, index) => ({ reference: webhook.clientConfig?.service as Fields, at: ['webhooks', index, 'clientConfig', 'service'] }))
}

const webhook = (name: string, rest = ''): string => `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: { name: guard }\nwebhooks:\n- name: guard.game.example\n  clientConfig: { service: { name: ${name}, namespace: game${rest} } }\n  sideEffects: None\n  admissionReviewVersions: [v1]\n`

export default defineRule({
  id: 'webhook-service-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'A webhook is served by a Service that exists, at a port it has', 'zh-CN': 'webhook 指向存在的 Service 及其端口' },
  why: { en: 'With `failurePolicy: Fail`, a webhook that nobody answers stops every request it is registered for: failed calling webhook … service not found.', 'zh-CN': '在 `failurePolicy: Fail` 下，无人应答的 webhook 会阻断它注册的所有请求：failed calling webhook … service not found。' },
  fix: { en: 'Write name, namespace and port of the Service; the port is 443 unless given.', 'zh-CN': '写上 Service 的名称、namespace 和端口；不写端口就是 443。' },
  links: ['https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference'],
  kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'APIService', 'CustomResourceDefinition'],
  *check(subject, all) {
    for (const { reference, at } of placesIn(subject)) {
      if (!reference?.name) continue
      const name = reference.name as string
      const namespace = reference.namespace as string
      const found = all.find('Service', namespace, name)
      const isAnywhere = !all.closed && all.named('Service', name).some((other) => isOpen(other.metadata.namespace))
      const missing = found || isAnywhere ? undefined : all.missing('Service', namespace, name)
      if (missing) yield { at: [...at, 'name'], message: sentences({ en: `${subject.kind} calls Service ${namespace}/${name}.`, 'zh-CN': `${subject.kind} 调用 Service ${namespace}/${name}。` }, missing.clause), ...(missing.near ? { change: setTo([...at, 'name'], missing.near.metadata.name) } : {}) }
      const port = (reference.port ?? portUnlessGiven) as number
      const ports = list(found?.spec?.ports).map((other) => other.port as number)
      if (found && ports.length > 0 && !ports.includes(port)) yield { at: [...at, 'port'], ...(ports.length === 1 ? { change: setTo([...at, 'port'], ports[0]) } : {}), message: { en: `${called(found)} has no port ${port}; it has ${ports.join(', ')}.`, 'zh-CN': `${called(found)} 没有端口 ${port}；它的端口是 ${ports.join(', ')}。` } }
    }
  },
  examples: {
    good: [file(service('guard', 'ports: [{ port: 443, targetPort: 9443 }]', 'game'), webhook('guard')), webhook('guard')],
    bad: [{ yaml: file(service('guard', 'ports: [{ port: 443 }]', 'game'), webhook('gaurd')), expect: ['webhooks[0].clientConfig.service.name'] }, { yaml: file(service('guard', 'ports: [{ port: 9443 }]', 'game'), webhook('guard')), expect: ['webhooks[0].clientConfig.service.port'] }],
  },
})
