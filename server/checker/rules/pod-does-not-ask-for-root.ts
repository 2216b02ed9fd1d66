import { remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-does-not-ask-for-root',
  category: 'pod-security',
  severity: 'hint',
  title: { en: 'A Pod does not ask for user 0', 'zh-CN': 'Pod 不指定 0 号用户' },
  why: {
    en: '`runAsUser: 0` makes the process root even where the image runs as somebody else: a hole in the program then starts with all that root may do.',
    'zh-CN': '`runAsUser: 0` 会让进程以 root 运行，即使镜像里已换成普通用户：程序一旦有漏洞，起点就是 root 的全部权限。',
  },
  fix: {
    en: 'Remove `runAsUser: 0`, or name another user.',
    'zh-CN': '删除 `runAsUser: 0`，或指定其他用户。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['runAsUser'],
  check: (subject) => brokenFields(subject, 'runAsUser', ({ who }) => ({ en: `${who.en} asks to run as root.`, 'zh-CN': `${who['zh-CN']}指定以 root 运行。` }), ({ path }) => remove(path, 'runAsUser')),
  examples: {
    good: [running('', 'securityContext: { runAsUser: 65532 }'), running('securityContext: { runAsUser: 0 }', 'hostUsers: false')],
    bad: [
      { yaml: running('', 'securityContext: { runAsUser: 0 }'), expect: ['spec.template.spec.securityContext.runAsUser'] },
      { yaml: running('securityContext: { runAsUser: 0 }'), expect: ['spec.template.spec.containers[0].securityContext.runAsUser'] },
    ],
  },
})
