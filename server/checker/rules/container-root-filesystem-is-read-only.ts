import { setTo } from '../naming.ts'
import { containersOf, podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { containerCalled } from '../security.ts'

export default defineRule({
  id: 'container-root-filesystem-is-read-only',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'The root filesystem of a container is read-only', 'zh-CN': '容器的根文件系统为只读' },
  why: {
    en: 'Where the root filesystem is read-only an intruder cannot change programs or leave tools behind, and a program that writes logs to its own disk is noticed.',
    'zh-CN': '根文件系统只读时，入侵者改不了程序也留不下工具；程序若偷偷把日志写进容器磁盘也会立刻暴露。',
  },
  fix: {
    en: 'Set `securityContext.readOnlyRootFilesystem: true` and mount an emptyDir where the program must write.',
    'zh-CN': '设置 `securityContext.readOnlyRootFilesystem: true`，并在需要写入的目录挂载 emptyDir。',
  },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/security-context/'],
  kinds: ['workloads'],
  *check(subject) {
    for (const { container, path } of containersOf(subject)) {
      if (container['securityContext']?.readOnlyRootFilesystem === true || podOf(subject)?.spec['os']?.name === 'windows') continue
      const at = [...path, 'securityContext', 'readOnlyRootFilesystem']
      const who = containerCalled(container['name'])
      yield { at, change: setTo(at, true), message: { en: `${who.en} may write to its root filesystem.`, 'zh-CN': `${who['zh-CN']}可以写自己的根文件系统。` } }
    }
  },
  examples: {
    good: [
      running('securityContext: { readOnlyRootFilesystem: true }'),
    ],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem'] },
    ],
  },
})
