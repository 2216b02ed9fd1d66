import { containersOf, podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const pod = (mounts: string): string => deployment('login', `containers: [{ name: app, image: "login:1"${mounts} }]\nvolumes: [{ name: data, emptyDir: {} }]`)

export default defineRule({
  id: 'volume-is-mounted',
  category: 'configuration',
  severity: 'hint',
  title: { en: 'A volume of a Pod is mounted by a container', 'zh-CN': 'Pod 中的卷至少被一个容器挂载' },
  why: { en: 'A volume nobody mounts still has to be there before the Pod starts, and mostly a `volumeMounts` entry was forgotten.', 'zh-CN': '没有容器挂载的卷，同样要先准备好，Pod 才能启动；多数情况是忘了写 `volumeMounts`。' },
  fix: { en: 'Mount it, or remove it.', 'zh-CN': '挂载它，或者删除它。' },
  links: ['https://kubernetes.io/docs/concepts/storage/volumes/'],
  kinds: ['workloads'],
  mentions: ['volumes'],
  *check(object) {
    const part = podOf(object)!
    const used = new Set(containersOf(object).flatMap(({ container }) => [...list(container.volumeMounts), ...list(container.volumeDevices)].map(({ name }) => name as unknown)))
    for (const [index, volume] of list(part.spec.volumes).entries()) {
      const at = [...part.path, 'spec', 'volumes', index]
      if (!used.has(volume.name)) yield { at, change: { title: { en: 'Remove the volume', 'zh-CN': '删除这个卷' }, path: at }, message: { en: `No container mounts volume "${volume.name}".`, 'zh-CN': `没有容器挂载卷 "${volume.name}"。` } }
    }
  },
  examples: { good: [pod(', volumeMounts: [{ name: data, mountPath: /data }]')], bad: [{ yaml: pod(''), expect: ['spec.template.spec.volumes[0]'] }] },
})
