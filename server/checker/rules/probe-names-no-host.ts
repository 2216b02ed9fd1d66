import { remove } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'probe-names-no-host',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'Probes and hooks ask their own Pod', 'zh-CN': '探针与钩子只访问自己的 Pod' },
  why: {
    en: 'With `host` the kubelet calls another address than that of the Pod: the probe then tells the health of something else, and the kubelet can be sent anywhere on the node\'s network. From the policy of 1.34 on, baseline refuses it.',
    'zh-CN': '设置 `host` 后，kubelet 访问的就不再是该 Pod 的地址：探针反映的是别处的健康状况，还可以借 kubelet 去访问节点网络上的任意地址。从 1.34 版策略起，baseline 会拒绝它。',
  },
  fix: {
    en: 'Remove `host`; to check virtual hosts, set the Host header in `httpHeaders`.',
    'zh-CN': '删除 `host`；需要区分虚拟主机时，在 `httpHeaders` 里设置 Host 头。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  mentions: ['host'],
  check: (subject) => brokenFields(subject, 'hostProbesAndHostLifecycle', ({ who, value }) => ({ en: `${who.en} is judged by what "${value}" answers, not by its own answer.`, 'zh-CN': `判断${who['zh-CN']}状态的是 "${value}" 的应答，而不是它自己的应答。` }), ({ path }) => remove(path, 'host')),
  examples: {
    good: [running('livenessProbe: { httpGet: { path: /healthz, port: 8080 } }')],
    bad: [
      { yaml: running('livenessProbe: { httpGet: { path: /healthz, port: 8080, host: db.example } }'), expect: ['spec.template.spec.containers[0].livenessProbe.httpGet.host'] },
    ],
  },
})
