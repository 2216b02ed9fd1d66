import { namespaceOf } from '../inventory.ts'
import { called } from '../naming.ts'
import { podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const claim = (mode: string): string => object('v1', 'PersistentVolumeClaim', 'worlds', `spec: { accessModes: [${mode}], resources: { requests: { storage: 1Gi } } }`)
const game = (replicas: number, pod = ''): string => deployment('game', `containers: [{ name: app, image: "game:1" }]\nvolumes: [{ name: data, persistentVolumeClaim: { claimName: worlds } }]${pod}`, `replicas: ${replicas}`)

export default defineRule({
  id: 'claim-of-replicas-allows-many-nodes',
  category: 'availability',
  severity: 'warning',
  title: { en: 'A claim that several replicas mount allows several nodes', 'zh-CN': '被多个副本挂载的 PVC 支持多个节点' },
  why: { en: 'ReadWriteOnce means one node, ReadWriteOncePod one Pod. Replicas that land on another node wait in ContainerCreating with Multi-Attach error, or are never scheduled.', 'zh-CN': 'ReadWriteOnce 表示一个节点，ReadWriteOncePod 表示一个 Pod。落到其他节点的副本会停在 ContainerCreating 并报 Multi-Attach error，或者根本无法调度。' },
  fix: { en: 'Give each replica a claim of its own with a StatefulSet and volumeClaimTemplates, use ReadWriteMany where the storage has it, or run one replica.', 'zh-CN': '改用 StatefulSet 和 volumeClaimTemplates，让每个副本有自己的 PVC；存储支持时使用 ReadWriteMany；或者只运行一个副本。' },
  links: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes'],
  kinds: ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'],
  mentions: ['persistentVolumeClaim'],
  *check(subject, all) {
    const pod = podOf(subject)
    const replicas = (subject.spec?.replicas ?? 1) as number
    if (!pod || replicas < 2) return
    const isOnOneNode = pod.spec.nodeName !== undefined || pod.spec.nodeSelector?.['kubernetes.io/hostname'] !== undefined || list(pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution).length > 0
    for (const [index, volume] of list(pod.spec.volumes).entries()) {
      const source = volume.persistentVolumeClaim as { claimName: string; readOnly?: boolean } | undefined
      const claimed = source && all.find('PersistentVolumeClaim', namespaceOf(subject), source.claimName)
      const modes = (claimed?.spec?.accessModes ?? []) as string[]
      const isSingle = modes.includes('ReadWriteOncePod')
      if (!claimed || modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany') || (isOnOneNode && !isSingle)) continue
      yield { at: [...pod.path, 'spec', 'volumes', index], message: { en: `${replicas} replicas mount ${called(claimed)}, which allows ${modes.join(', ')} only: one ${isSingle ? 'Pod' : 'node'}.`, 'zh-CN': `${replicas} 个副本挂载 ${called(claimed)}，而它只支持 ${modes.join(', ')}，即一个${isSingle ? ' Pod' : '节点'}。` } }
    }
  },
  examples: {
    good: [file(claim('ReadWriteOnce'), game(1)), file(claim('ReadWriteMany'), game(3)), file(claim('ReadWriteOnce'), game(3, '\nnodeSelector: { kubernetes.io/hostname: node-1 }'))],
    bad: [{ yaml: file(claim('ReadWriteOnce'), game(3)), expect: ['spec.template.spec.volumes[0]'] }],
  },
})
