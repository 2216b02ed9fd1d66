import { imageOf } from '../images.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { object, running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'image-is-pinned-by-digest',
  category: 'images',
  severity: 'hint',
  optional: true,
  title: { en: 'An image is pinned by its digest', 'zh-CN': '镜像以 digest 固定' },
  why: {
    en: 'A tag can be pushed again; a digest names one content for ever.',
    'zh-CN': 'tag 可以被重新推送，digest 永远只对应同一份内容。',
  },
  fix: {
    en: 'Append the digest: `app:1.4.2@sha256:…`.',
    'zh-CN': '在后面加上 digest：`app:1.4.2@sha256:…`。',
  },
  links: ['https://kubernetes.io/docs/concepts/containers/images/#image-names'],
  kinds: ['workloads'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      if (!container['image'] || imageOf(container['image']).digest) continue
      const who = containerCalled(container['name'])
      yield { at: [...path, 'image'], message: { en: `${who.en} names its image by a tag that can move.`, 'zh-CN': `${who['zh-CN']}用浮动的 tag 指定镜像。` } }
    }
  },
  examples: {
    good: [
      object('v1', 'Pod', 'p', `spec: { containers: [{ name: app, image: "app:1.4.2@sha256:${'a'.repeat(64)}" }] }`),
    ],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0].image'] },
    ],
  },
})
