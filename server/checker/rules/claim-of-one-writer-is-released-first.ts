import { namespaceOf } from '../inventory.ts'
import { called, setTo } from '../naming.ts'
import { podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const claim = object('v1', 'PersistentVolumeClaim', 'data', 'spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }')
const db = (strategy: string): string => deployment('db', 'containers: [{ name: app, image: "db:1" }]\nvolumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]', strategy)

export default defineRule({
  id: 'claim-of-one-writer-is-released-first',
  category: 'availability',
  severity: 'hint',
  title: { en: 'A Deployment with a volume for one node stops the old Pod before it starts the new one', 'zh-CN': '使用单节点卷的 Deployment 先停旧 Pod 再启动新 Pod' },
  why: { en: 'A rolling update starts the new Pod while the old one still holds the volume. On another node the new Pod can’t attach it; on the same node two processes write to the same files.', 'zh-CN': '滚动更新会在旧 Pod 仍占用卷时启动新 Pod。新 Pod 若在其他节点，卷就无法 attach；若在同一节点，两个进程会同时写同一批文件。' },
  fix: { en: 'Set `strategy.type: Recreate`, or use a StatefulSet.', 'zh-CN': '设置 `strategy.type: Recreate`，或者改用 StatefulSet。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment'],
  kinds: ['Deployment'],
  mentions: ['persistentVolumeClaim'],
  *check(subject, all) {
    const surge = subject.spec?.strategy?.rollingUpdate?.maxSurge as number | string | undefined
    if (subject.spec?.replicas !== 1 || subject.spec?.strategy?.type === 'Recreate' || surge === 0 || surge === '0%') return
    for (const volume of list(podOf(subject)?.spec.volumes)) {
      const claimed = volume.persistentVolumeClaim && all.find('PersistentVolumeClaim', namespaceOf(subject), volume.persistentVolumeClaim.claimName as string)
      const modes = (claimed?.spec?.accessModes ?? []) as string[]
      if (!claimed || modes.some((mode) => mode.endsWith('Many'))) continue
      yield { at: ['spec', 'strategy'], change: setTo(['spec', 'strategy'], { type: 'Recreate' }), message: { en: `The update starts a second Pod while the first still holds ${called(claimed)} (${modes.join(', ')}).`, 'zh-CN': `更新时第一个 Pod 还占用着 ${called(claimed)}（${modes.join(', ')}），第二个 Pod 就会启动。` } }
      return
    }
  },
  examples: { good: [file(claim, db('strategy: { type: Recreate }')), db('')], bad: [{ yaml: file(claim, db('')), expect: ['spec.strategy'] }] },
})
