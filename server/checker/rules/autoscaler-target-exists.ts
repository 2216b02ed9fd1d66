import { targetOf } from '../availability.ts'
import { namespaceOf } from '../inventory.ts'
import { called, sentences, setTo } from '../naming.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const autoscaler = (target: string): string => object('autoscaling/v2', 'HorizontalPodAutoscaler', 'login', `spec: { scaleTargetRef: { ${target} }, maxReplicas: 5 }`)
const groups: Readonly<Record<string, string>> = { Deployment: 'apps', StatefulSet: 'apps', ReplicaSet: 'apps', ReplicationController: '' }
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.split('/')[0]! : '')

export default defineRule({
  id: 'autoscaler-target-exists',
  category: 'availability',
  severity: 'error',
  title: { en: 'The target of a HorizontalPodAutoscaler exists', 'zh-CN': 'HorizontalPodAutoscaler 的目标存在' },
  why: { en: 'An autoscaler whose target can’t be found sets AbleToScale to False (FailedGetScale) and never scales anything. Kind, group and name must all be right, in its own namespace.', 'zh-CN': '找不到目标的 HPA 会把 AbleToScale 置为 False（FailedGetScale），不会做任何扩缩容。kind、API 组和名称都要正确，并且在同一 namespace。' },
  fix: { en: 'Copy apiVersion, kind and name of the workload into `scaleTargetRef`.', 'zh-CN': '把工作负载的 apiVersion、kind 和 name 抄到 `scaleTargetRef`。' },
  links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/'],
  kinds: ['HorizontalPodAutoscaler'],
  *check(subject, all) {
    const { kind, name, apiVersion } = (subject.spec?.scaleTargetRef ?? {}) as { kind?: string; name?: string; apiVersion?: string }
    if (!kind || !name || !Object.hasOwn(groups, kind)) return
    const at = ['spec', 'scaleTargetRef']
    if (apiVersion !== undefined && groupOf(apiVersion) !== groups[kind]) {
      const right = kind === 'ReplicationController' ? 'v1' : 'apps/v1'
      yield { at: [...at, 'apiVersion'], change: setTo([...at, 'apiVersion'], right), message: { en: `There is no ${kind} in ${apiVersion}; it is in ${right}.`, 'zh-CN': `${apiVersion} 中没有 ${kind}，它属于 ${right}。` } }
    }
    if (targetOf(subject, all)) return
    const twin = Object.keys(groups).map((other) => all.find(other, namespaceOf(subject), name)).find((other) => other !== undefined)
    if (twin) {
      yield { at: [...at, 'kind'], change: setTo([...at, 'kind'], twin.kind), message: { en: `There is no ${kind} "${name}", but there is ${called(twin)}.`, 'zh-CN': `没有 ${kind} "${name}"，但有 ${called(twin)}。` } }
      return
    }
    const missing = all.missing(kind, namespaceOf(subject), name)
    if (missing) yield { at: [...at, 'name'], message: sentences({ en: `The autoscaler scales ${kind} "${name}".`, 'zh-CN': `这个 HPA 的目标是 ${kind} "${name}"。` }, missing.clause), ...(missing.near ? { change: setTo([...at, 'name'], missing.near.metadata.name) } : {}) }
  },
  examples: {
    good: [file(deployment('login'), autoscaler('apiVersion: apps/v1, kind: Deployment, name: login')), autoscaler('apiVersion: apps/v1, kind: Deployment, name: login'), autoscaler('apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: login')],
    bad: [
      { yaml: file(deployment('login'), autoscaler('apiVersion: apps/v1, kind: Deployment, name: logins')), expect: ['spec.scaleTargetRef.name'] },
      { yaml: file(deployment('login'), autoscaler('apiVersion: apps/v1, kind: StatefulSet, name: login')), expect: ['spec.scaleTargetRef.kind'] },
      { yaml: file(deployment('login'), autoscaler('apiVersion: v1, kind: Deployment, name: login')), expect: ['spec.scaleTargetRef.apiVersion'] },
    ],
  },
})
