import { remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { object, running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'container-is-not-privileged',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A container is not privileged', 'zh-CN': '容器不以特权模式运行' },
  why: {
    en: 'A privileged container has every capability and every device of its node: whoever breaks into it owns the node and all that runs there. The levels baseline and restricted refuse it.',
    'zh-CN': '特权容器拥有节点上的全部 capabilities 与设备：攻破它，就等于拿下整台节点以及上面运行的一切。baseline 与 restricted 级别都会拒绝它。',
  },
  fix: {
    en: 'Leave `privileged` out and add the single capability that the program needs.',
    'zh-CN': '去掉 `privileged`，只添加程序真正需要的那一项 capability。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['privileged'],
  check: (subject) => brokenFields(subject, 'privileged', ({ who }) => ({ en: `${who.en} runs privileged, which gives it the whole node.`, 'zh-CN': `${who['zh-CN']}以特权模式运行，等于把整台节点交给它。` }), ({ path }) => remove(path, 'privileged')),
  examples: {
    good: [running('securityContext: { privileged: false }'), running('')],
    bad: [
      { yaml: running('securityContext: { privileged: true }'), expect: ['spec.template.spec.containers[0].securityContext.privileged'] },
      { yaml: object('v1', 'Pod', 'once', 'spec:\n  initContainers: [{ name: tune, image: "tools:1", securityContext: { privileged: true } }]\n  containers: [{ name: app, image: "app:1" }]'), expect: ['spec.initContainers[0].securityContext.privileged'] },
    ],
  },
})
