import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'container-drops-all-capabilities',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'A container drops all capabilities', 'zh-CN': '容器去掉全部 capabilities' },
  why: {
    en: 'A runtime grants about a dozen capabilities that a server that listens on a port above 1023 never uses. The level restricted requires to drop ALL and allows NET_BIND_SERVICE alone to be added.',
    'zh-CN': '运行时默认会授予十来项 capability，监听 1023 以上端口的服务一项也用不到。restricted 级别要求 drop ALL，且只允许加回 NET_BIND_SERVICE。',
  },
  fix: {
    en: 'Set `securityContext.capabilities.drop: ["ALL"]`.',
    'zh-CN': '设置 `securityContext.capabilities.drop: ["ALL"]`。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  check: (subject) => brokenFields(subject, 'capabilities_restricted', ({ who }) => ({ en: `${who.en} keeps or adds capabilities; restricted wants ALL dropped and at most NET_BIND_SERVICE added.`, 'zh-CN': `${who['zh-CN']}保留或添加了 capability；restricted 要求 drop ALL，且最多加回 NET_BIND_SERVICE。` })),
  examples: {
    good: [running('securityContext: { capabilities: { drop: [ALL], add: [NET_BIND_SERVICE] } }')],
    bad: [
      { yaml: running(''), expect: ['spec.template.spec.containers[0].securityContext.capabilities.drop'] },
      { yaml: running('securityContext: { capabilities: { drop: [ALL], add: [CHOWN] } }'), expect: ['spec.template.spec.containers[0].securityContext.capabilities.add[0]'] },
    ],
  },
})
