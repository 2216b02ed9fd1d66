import { remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'container-adds-common-capabilities-only',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A container adds no capability beyond the common ones', 'zh-CN': '容器不添加常规集合以外的 capability' },
  why: {
    en: 'Capabilities such as SYS_ADMIN, NET_ADMIN or NET_RAW let a process change the node or its network. Only those that container runtimes grant anyway are allowed at the level baseline.',
    'zh-CN': 'SYS_ADMIN、NET_ADMIN、NET_RAW 之类的 capability 能让进程改动节点或节点网络。baseline 级别只允许容器运行时默认授予的那些。',
  },
  fix: {
    en: 'Remove the capability, or drop ALL and add only what the program was seen to need.',
    'zh-CN': '去掉该 capability；或先 drop ALL，再只加回程序确实需要的。',
  },
  links: [securityStandards, 'https://man7.org/linux/man-pages/man7/capabilities.7.html'],
  kinds: ['workloads'],
  mentions: ['add'],
  check: (subject) => brokenFields(subject, 'capabilities_baseline', ({ who, value }) => ({ en: `${who.en} adds the capability ${value}, which is beyond what baseline allows.`, 'zh-CN': `${who['zh-CN']}添加了 capability ${value}，超出 baseline 允许的范围。` }), ({ path, value }) => remove(path, String(value))),
  examples: {
    good: [running('securityContext: { capabilities: { add: [NET_BIND_SERVICE] } }'), running('securityContext: { capabilities: { drop: [ALL] } }')],
    bad: [
      { yaml: running('securityContext: { capabilities: { add: [CHOWN, NET_ADMIN] } }'), expect: ['spec.template.spec.containers[0].securityContext.capabilities.add[1]'] },
    ],
  },
})
