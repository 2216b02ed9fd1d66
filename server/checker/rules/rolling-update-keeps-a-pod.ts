import type { Fields } from '../../k8s/object.ts'
import { scaledValue } from '../../k8s/port.ts'
import { replicasOf } from '../availability.ts'
import { setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const rolling = (unavailable: string, replicas: number): string => deployment('login', undefined, `replicas: ${replicas}\nstrategy: { rollingUpdate: { maxUnavailable: ${unavailable}, maxSurge: 1 } }`)

export default defineRule({
  id: 'rolling-update-keeps-a-pod',
  category: 'availability',
  severity: 'warning',
  title: { en: 'A rolling update keeps some Pods running', 'zh-CN': '滚动更新期间始终有 Pod 在运行' },
  why: { en: 'When as many Pods may be unavailable as there are, all old ones are stopped at once, and a broken new version leaves nothing that answers.', 'zh-CN': '如果允许不可用的数量不小于副本数，旧 Pod 会一次全部停掉；新版本一旦有问题，就没有任何 Pod 能提供服务。' },
  fix: { en: 'Lower `maxUnavailable`; with 0 and a surge of 1 each old Pod is replaced only when a new one is ready.', 'zh-CN': '调低 `maxUnavailable`；设为 0 并保留 `maxSurge: 1`，则新 Pod 就绪后才会替换旧 Pod。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment'],
  kinds: ['Deployment'],
  *check(subject, all) {
    const rollingUpdate = subject.spec?.strategy?.rollingUpdate as Fields | undefined
    const least = replicasOf(subject, all)?.min ?? 0
    const value = rollingUpdate?.maxUnavailable as number | string | undefined
    if (value === undefined || least < 2) return
    const unavailable = scaledValue(value, least, false) ?? 0
    if (unavailable < least) return
    const at = ['spec', 'strategy', 'rollingUpdate', 'maxUnavailable']
    yield { at, change: setTo(at, 1), message: { en: `All ${least} Pods may be unavailable at once (maxUnavailable: ${value}).`, 'zh-CN': `${least} 个 Pod 可以同时全部不可用（maxUnavailable: ${value}）。` } }
  },
  examples: { good: [rolling('1', 3), rolling('50%', 2), deployment('login')], bad: [{ yaml: rolling('100%', 3), expect: ['spec.strategy.rollingUpdate.maxUnavailable'] }, { yaml: rolling('2', 2), expect: ['spec.strategy.rollingUpdate.maxUnavailable'] }] },
})
