import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-runs-as-non-root',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'A Pod refuses to run as root', 'zh-CN': 'Pod 拒绝以 root 运行' },
  why: {
    en: 'With `runAsNonRoot: true` the kubelet does not start a container whose user is root, so an image that forgot its USER is noticed before it runs. The level restricted requires it.',
    'zh-CN': '设置 `runAsNonRoot: true` 后，kubelet 不会启动用户为 root 的容器，忘写 USER 的镜像在运行前就会被发现。restricted 级别要求必须设置。',
  },
  fix: {
    en: 'Set `securityContext.runAsNonRoot: true` for the Pod, and a numeric USER in the image.',
    'zh-CN': '在 Pod 上设置 `securityContext.runAsNonRoot: true`，并在镜像里使用数字形式的 USER。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  check: (subject) => brokenFields(subject, 'runAsNonRoot', ({ who }) => ({ en: `${who.en} may run as root: nothing says runAsNonRoot.`, 'zh-CN': `${who['zh-CN']}可能以 root 运行：没有设置 runAsNonRoot。` })),
  examples: {
    good: [running('', 'securityContext: { runAsNonRoot: true }'), running('securityContext: { runAsNonRoot: true }')],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0].securityContext.runAsNonRoot'] },
      { yaml: running('', 'securityContext: { runAsNonRoot: false }'), expect: ['spec.template.spec.securityContext.runAsNonRoot'] },
    ],
  },
})
