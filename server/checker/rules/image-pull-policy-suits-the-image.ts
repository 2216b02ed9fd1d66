import { imageOf } from '../images.ts'
import { remove } from '../naming.ts'
import { containersOf } from '../pods.ts'
import { type Text, defineRule } from '../rule.ts'
import { object, running } from '../samples.ts'

function complaint(policy: unknown, moves: boolean, isPinned: boolean): Text | undefined {
  if (policy === 'Never') return { en: 'With Never a Pod starts only on nodes that hold the image already.', 'zh-CN': 'Never 使 Pod 只能在已有该镜像的节点上启动。' }
  if (policy === 'IfNotPresent' && moves) return { en: 'With IfNotPresent each node keeps the latest it pulled first.', 'zh-CN': 'IfNotPresent 会让每台节点停留在自己首次拉取的 latest 上。' }
  if (policy === 'Always' && isPinned) return { en: 'A digest never changes, but each start waits for the registry.', 'zh-CN': 'digest 不会变化，却每次启动都要等待镜像仓库应答。' }
  return undefined
}

export default defineRule({
  id: 'image-pull-policy-suits-the-image',
  category: 'images',
  severity: 'hint',
  title: { en: 'The pull policy suits the image', 'zh-CN': '拉取策略与镜像引用相配' },
  why: {
    en: '`IfNotPresent` with a moving tag keeps what a node pulled first, so nodes differ. `Always` with a digest asks the registry at each start for what cannot change, and stops new Pods while the registry is away. `Never` works only on nodes where somebody put the image.',
    'zh-CN': '浮动的 tag 配 `IfNotPresent`，各节点会停留在各自首次拉取的版本；digest 配 `Always`，每次启动都要向仓库确认一个不可能变的东西，镜像仓库一旦不可用，新 Pod 就起不来；`Never` 只在事先放好镜像的节点上可用。',
  },
  fix: {
    en: 'Leave `imagePullPolicy` out: Always is the default for latest, IfNotPresent for everything else.',
    'zh-CN': '删除 `imagePullPolicy`：latest 默认为 Always，其余默认为 IfNotPresent。',
  },
  links: ['https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy'],
  kinds: ['workloads'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const { tag, digest } = imageOf(String(container['image'] ?? ''))
      const message = complaint(container['imagePullPolicy'], !digest && (tag === undefined || tag === 'latest'), digest !== undefined)
      if (message) yield { at: [...path, 'imagePullPolicy'], message, change: remove([...path, 'imagePullPolicy'], 'imagePullPolicy') }
    }
  },
  examples: {
    good: [
      running('imagePullPolicy: IfNotPresent'),
      running('imagePullPolicy: Always'),
    ],
    bad: [
      { yaml: running('imagePullPolicy: Never'), expect: ['spec.template.spec.containers[0].imagePullPolicy'] },
      { yaml: object('v1', 'Pod', 'p', `spec: { containers: [{ name: a, image: app, imagePullPolicy: IfNotPresent }, { name: b, image: "app@sha256:${'a'.repeat(64)}", imagePullPolicy: Always }] }`), expect: ['spec.containers[0].imagePullPolicy', 'spec.containers[1].imagePullPolicy'] },
    ],
  },
})
