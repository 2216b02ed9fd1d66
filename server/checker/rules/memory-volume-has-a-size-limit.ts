import type { Fields } from '../../k8s/object.ts'
import { podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

export default defineRule({
  id: 'memory-volume-has-a-size-limit',
  category: 'resources',
  severity: 'warning',
  title: { en: 'A volume in memory has a size limit', 'zh-CN': '内存卷设有大小上限' },
  why: {
    en: 'What is written to an emptyDir with `medium: Memory` counts as memory of the container that writes. Without `sizeLimit` files grow until the container is killed, or, without a limit there either, until the node is full.',
    'zh-CN': '写入 `medium: Memory` 的 emptyDir 的内容计入写入容器的内存。没有 `sizeLimit` 时，文件会一直增长到容器被 OOM 杀掉；容器也没有 limit 时，则一直增长到节点内存耗尽。',
  },
  fix: {
    en: 'Set `emptyDir.sizeLimit` below the memory limit of the container.',
    'zh-CN': '设置小于容器内存 limit 的 `emptyDir.sizeLimit`。',
  },
  links: ['https://kubernetes.io/docs/concepts/storage/volumes/#emptydir'],
  kinds: ['workloads'],
  mentions: ['emptyDir'],
  *check(subject) {
    const pod = podOf(subject)
    for (const [index, volume] of ((pod?.spec['volumes'] ?? []) as Fields[]).entries()) {
      if (volume['emptyDir']?.medium !== 'Memory' || volume['emptyDir'].sizeLimit !== undefined) continue
      yield { at: [...pod!.path, 'spec', 'volumes', index, 'emptyDir'], message: { en: `Volume "${volume['name']}" may take as much memory as there is.`, 'zh-CN': `卷 "${volume['name']}" 可以占用任意多的内存。` } }
    }
  },
  examples: {
    good: [
      running('', 'volumes: [{ name: shm, emptyDir: { medium: Memory, sizeLimit: 64Mi } }, { name: tmp, emptyDir: {} }]'),
    ],
    bad: [
      { yaml: running('', 'volumes: [{ name: shm, emptyDir: { medium: Memory } }]'), expect: ['spec.template.spec.volumes[0].emptyDir'] },
    ],
  },
})
