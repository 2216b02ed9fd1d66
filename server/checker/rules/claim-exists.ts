import { namespaceOf } from '../inventory.ts'
import { sentences, setTo } from '../naming.ts'
import { podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const pod = (claim: string): string => `containers: [{ name: app, image: "db:1" }]\nvolumes: [{ name: data, persistentVolumeClaim: { claimName: ${claim} } }]`
const claim = (name: string, namespace = ''): string => object('v1', 'PersistentVolumeClaim', name, 'spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }', namespace)
const set = object('apps/v1', 'StatefulSet', 'db', 'spec:\n  selector: { matchLabels: { app: db } }\n  template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: app, image: "db:1" }] } }\n  volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }]')

export default defineRule({
  id: 'claim-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'A Pod finds the PersistentVolumeClaims it mounts', 'zh-CN': 'Pod 挂载的 PersistentVolumeClaim 存在' },
  why: { en: 'The scheduler does not place a Pod whose claim is missing from its namespace: it stays Pending with persistentvolumeclaim "…" not found.', 'zh-CN': 'namespace 中没有对应的 PVC 时，调度器不会调度这个 Pod：它一直 Pending，事件为 persistentvolumeclaim "…" not found。' },
  fix: { en: 'Correct `claimName`, or create the claim in the namespace of the Pod.', 'zh-CN': '改正 `claimName`，或者在 Pod 所在的 namespace 创建该 PVC。' },
  links: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes'],
  kinds: ['workloads'],
  mentions: ['persistentVolumeClaim'],
  *check(subject, all) {
    const pod = podOf(subject)
    const namespace = namespaceOf(subject)
    // The claims of a StatefulSet are named <template>-<set>-<ordinal>.
    const isMadeBySet = (name: string): boolean => all.list('StatefulSet', namespace).some((other) => list(other.spec?.volumeClaimTemplates).some((template) => name.replace(/\d+$/, '') === `${template.metadata?.name}-${other.metadata.name}-`))
    for (const [index, volume] of list(pod?.spec.volumes).entries()) {
      const name = volume.persistentVolumeClaim?.claimName as string | undefined
      const missing = name ? all.missing('PersistentVolumeClaim', namespace, name, isMadeBySet) : undefined
      if (!missing) continue
      const at = [...pod!.path, 'spec', 'volumes', index, 'persistentVolumeClaim', 'claimName']
      const need = { en: `Volume "${volume.name}" needs the claim "${name}".`, 'zh-CN': `卷 "${volume.name}" 需要 PVC "${name}"。` }
      yield { at, message: sentences(need, missing.clause), ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
    }
  },
  examples: {
    good: [file(claim('db-data'), deployment('db', pod('db-data'))), deployment('db', pod('db-data')), file(claim('data-bd-0'), set, deployment('backup', pod('data-db-0')))],
    bad: [
      { yaml: file(claim('db-data'), deployment('db', pod('db-date'))), expect: ['spec.template.spec.volumes[0].persistentVolumeClaim.claimName'] },
      { yaml: file(claim('db-data', 'storage'), deployment('db', pod('db-data'), '', 'game')), expect: ['spec.template.spec.volumes[0].persistentVolumeClaim.claimName'] },
    ],
  },
})
