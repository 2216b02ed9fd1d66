import { imageOf } from '../images.ts'
import { containersOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { object } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'image-has-a-fixed-tag',
  category: 'images',
  severity: 'warning',
  title: { en: 'An image is named by a tag that stays', 'zh-CN': '镜像使用固定的 tag' },
  why: {
    en: 'Without a tag, or with latest, two nodes can run two different programs under one name, a restart can change the version, and there is nothing to roll back to.',
    'zh-CN': '不写 tag 或使用 latest 时，同名镜像在两台节点上可能是两个不同的程序，重启一次就可能换版本，出了问题也没有可回滚的版本。',
  },
  fix: {
    en: 'Name the version of a release, or the digest.',
    'zh-CN': '写明发布版本号，或使用 digest。',
  },
  links: ['https://kubernetes.io/docs/concepts/containers/images/#image-names'],
  kinds: ['workloads'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      const { tag, digest } = imageOf(String(container['image'] ?? ''))
      if (!container['image'] || digest || (tag && tag !== 'latest')) continue
      const who = containerCalled(container['name'])
      yield {
        at: [...path, 'image'],
        message: tag
          ? { en: `${who.en} runs whatever is called latest at the time of the pull.`, 'zh-CN': `${who['zh-CN']}运行的是拉取那一刻被称为 latest 的镜像。` }
          : { en: `${who.en} names no tag, which means latest.`, 'zh-CN': `${who['zh-CN']}没有写 tag，等同于 latest。` },
      }
    }
  },
  examples: {
    good: [
      object('v1', 'Pod', 'p', 'spec: { containers: [{ name: app, image: "registry.example:5000/app:1.4.2" }] }'),
      object('v1', 'Pod', 'p', `spec: { containers: [{ name: app, image: "app@sha256:${'a'.repeat(64)}" }] }`),
    ],
    bad: [
      { yaml: object('v1', 'Pod', 'p', 'spec: { initContainers: [{ name: init, image: "registry.example:5000/tools" }], containers: [{ name: app, image: "app:latest" }] }'), expect: ['spec.initContainers[0].image', 'spec.containers[0].image'] },
    ],
  },
})
