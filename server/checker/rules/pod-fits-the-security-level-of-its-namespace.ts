import { podSecurityViolations, securityPolicyOf } from '../../k8s/pod-security.ts'
import { namespaceOf } from '../inventory.ts'
import { podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'
import { securityStandards } from '../security.ts'

const namespace = (level: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: game, labels: { pod-security.kubernetes.io/enforce: ${level} } }\n`
const hardened = 'securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }\ncontainers: [{ name: app, image: "registry.example/app:1.0", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }]'

export default defineRule({
  id: 'pod-fits-the-security-level-of-its-namespace',
  category: 'pod-security',
  severity: 'error',
  title: { en: 'A Pod fits the security level that its namespace enforces', 'zh-CN': 'Pod 符合所在 namespace 强制执行的安全级别' },
  why: {
    en: 'Where a namespace carries `pod-security.kubernetes.io/enforce`, Pods that break the level are refused. The workload itself is accepted, so nothing appears but FailedCreate events.',
    'zh-CN': '带有 `pod-security.kubernetes.io/enforce` 标签的 namespace 会拒绝不符合该级别的 Pod。工作负载本身能创建成功，于是只看得到 FailedCreate 事件。',
  },
  fix: {
    en: 'Change the fields that the message names, or put the workload into a namespace with another level.',
    'zh-CN': '修改消息中指出的字段，或把工作负载放进其他级别的 namespace。',
  },
  links: ['https://kubernetes.io/docs/concepts/security/pod-security-admission/', securityStandards],
  kinds: ['workloads'],
  *check(subject, all) {
    const pod = podOf(subject)
    const space = namespaceOf(subject)
    if (!pod || space === '' || subject.kind === 'PodTemplate') return
    const policy = securityPolicyOf(all.named('Namespace', space)[0]?.metadata.labels, 'enforce')
    for (const { reason, detail, fields } of podSecurityViolations(pod.spec, policy.level, pod.metadata.annotations, policy.minor)) {
      yield {
        at: [...pod.path, ...fields[0]!],
        message: { en: `Namespace "${space}" enforces ${policy.text} and refuses this Pod: ${reason} (${detail}).`, 'zh-CN': `namespace "${space}" 强制执行 ${policy.text}，会拒绝这个 Pod：${reason}（${detail}）。` },
      }
    }
  },
  examples: {
    good: [
      file(namespace('restricted'), deployment('login', hardened, '', 'game')),
      file(namespace('baseline'), deployment('login', undefined, '', 'game')),
      // Another namespace, and one whose labels nobody sees.
      file(namespace('restricted'), deployment('login', undefined, '', 'web')),
      deployment('login', undefined, '', 'game'),
    ],
    bad: [
      { yaml: file(namespace('baseline'), deployment('login', 'hostNetwork: true\ncontainers: [{ name: app, image: "registry.example/app:1.0" }]', '', 'game')), expect: ['spec.template.spec.hostNetwork'] },
      {
        yaml: file(namespace('restricted'), object('v1', 'Pod', 'once', `spec:\n${hardened.replace('allowPrivilegeEscalation: false, ', '').replace(/^/gm, '  ')}`, 'game')),
        expect: ['spec.containers[0].securityContext.allowPrivilegeEscalation'],
      },
    ],
  },
})
