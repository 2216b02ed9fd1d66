import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-mounts-no-host-path',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Pod mounts no directory of its node', 'zh-CN': 'Pod 不挂载节点上的目录' },
  why: {
    en: 'A hostPath volume ties the Pod to what lies on one node, is empty or different after a move, and hands out files of the node: with the right path, all of them.',
    'zh-CN': 'hostPath 卷把 Pod 绑在某一台节点的内容上，换节点后目录为空或完全不同；它还会把节点上的文件暴露给容器，路径选得不好，就是全部文件。',
  },
  fix: {
    en: 'Use a PersistentVolumeClaim for data that must last, an emptyDir for scratch space, a ConfigMap for configuration.',
    'zh-CN': '要持久的数据用 PersistentVolumeClaim，临时空间用 emptyDir，配置用 ConfigMap。',
  },
  links: [securityStandards, 'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath'],
  kinds: ['workloads'],
  mentions: ['hostPath'],
  check: (subject) => brokenFields(subject, 'hostPathVolumes', () => ({ en: `The volume mounts a path of whichever node the Pod lands on.`, 'zh-CN': `该卷挂载的是 Pod 所在节点上的路径。` })),
  examples: {
    good: [running('', 'volumes: [{ name: cache, emptyDir: { sizeLimit: 1Gi } }]')],
    bad: [
      { yaml: running('', 'volumes: [{ name: logs, hostPath: { path: /var/log } }]'), expect: ['spec.template.spec.volumes[0].hostPath'] },
    ],
  },
})
