/** Metrics of type Pods, Object and External (pkg/controller/podautoscaler/horizontal.go: computeStatusForPodsMetric, computeStatusForObjectMetric, computeStatusForExternalMetric). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { keyOf } from '../../../k8s/object.ts'
import type { Cluster } from '../../types.ts'
import type { LabelSelector } from '../../selection.ts'
import { milliOf, printAmount } from '../../amounts.ts'
import { isPodReady } from '../../pods.ts'
import type { Tolerance } from './arithmetic.ts'
import { averageReplicas, perPodReplicas, ratioReplicas } from './arithmetic.ts'
import { isCounted } from './metrics.ts'
import { externalSeries, objectSeries, podSeries } from './series.ts'

/** `error` is what the event says, `prefix` what FailedComputeMetricsReplicas puts before it. */
export type Measured = { replicas: number; name: string; status: Fields } | { error: string; reason: string; prefix: string }
/** What a metric is measured for. `current` is the wanted number of replicas, `counted` the one in the target's status. */
export type Scale = { namespace: string; pods: readonly K8sObject[]; current: number; counted: number; tolerance: Tolerance }

const noPods = 'no pods returned by selector while calculating replica count'
const quantity = (milli: number): string => printAmount({ milli, format: 'decimal' })

/** A selector as Go prints it (metav1.LabelSelector.String). Example: &LabelSelector{MatchLabels:map[string]string{queue: match,},MatchExpressions:[]LabelSelectorRequirement{},} */
function printed(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const requirements = (selector.matchExpressions ?? []).map(({ key, operator, values }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(' ')}],},`)
  return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`
}

export function measurePods(source: Fields, scale: Scale, cluster: Cluster): Measured {
  const { name, selector } = source.metric as { name: string; selector?: LabelSelector }
  const failed = (error: string): Measured => ({ error, reason: 'FailedGetPodsMetric', prefix: 'failed to get pods metric value' })
  const answer = podSeries(name, selector, scale.pods, cluster)
  if ('error' in answer) return failed(`unable to get metric ${name}: ${answer.error}`)
  if (scale.pods.length === 0) return failed(noPods)
  const living = scale.pods.filter((pod) => !pod.metadata.deletionTimestamp && pod.status?.phase !== 'Failed')
  const readings = living.map((pod) => ({ usage: answer.values.get(keyOf(pod)), request: 0, ready: isCounted(pod, '', answer.values.has(keyOf(pod)), cluster) }))
  const result = averageReplicas(readings, milliOf(source.target.averageValue), scale.current, scale.tolerance)
  if (!result) return failed('did not receive metrics for targeted pods (pods might be unready)')
  return { replicas: result.replicas, name: `pods metric ${name}`, status: { type: 'Pods', pods: { metric: source.metric, current: { averageValue: quantity(result.average) } } } }
}

/** The average over pods keeps the words of an external metric and no object in the status, as Kubernetes has it. */
export function measureObject(source: Fields, scale: Scale, cluster: Cluster): Measured {
  const { name, selector } = source.metric as { name: string; selector?: LabelSelector }
  const described = source.describedObject as Fields
  const isAverage = source.target.type === 'AverageValue'
  const failed = (error: string): Measured => ({ error, reason: 'FailedGetObjectMetric', prefix: `failed to get object metric value${isAverage ? `: failed to get ${name} object metric` : ''}` })
  const answer = objectSeries(name, selector, described, scale.namespace, cluster)
  if ('error' in answer) return failed(`unable to get metric ${name}: ${described.kind} on ${scale.namespace} ${described.name}/${answer.error}`)
  const usage = sum(answer.values)
  if (isAverage) {
    const result = perPodReplicas(usage, milliOf(source.target.averageValue), scale.counted, scale.tolerance)
    return { replicas: result.replicas, name: `external metric ${name}(${printed(selector)})`, status: { type: 'Object', object: { describedObject: { kind: '', name: '' }, metric: source.metric, current: { averageValue: quantity(result.average) } } } }
  }
  const replicas = byRatio(usage / milliOf(source.target.value), scale)
  if (replicas === undefined) return failed(`unable to calculate ready pods: ${noPods}`)
  return { replicas, name: `${described.kind} metric ${name}`, status: { type: 'Object', object: { describedObject: described, metric: source.metric, current: { value: quantity(usage) } } } }
}

export function measureExternal(source: Fields, scale: Scale, cluster: Cluster): Measured {
  const { name, selector } = source.metric as { name: string; selector?: LabelSelector }
  const isAverage = source.target.averageValue !== undefined
  const failed = (error: string): Measured => ({ error, reason: 'FailedGetExternalMetric', prefix: `failed to get ${name} external metric value: ${isAverage ? `failed to get ${name} external metric` : `failed to get external metric ${name}`}` })
  const answer = externalSeries(name, selector, scale.namespace, cluster)
  if ('error' in answer) return failed(`unable to get external metric ${scale.namespace}/${name}/${printed(selector)}: ${answer.error}`)
  const usage = sum(answer.values)
  const measured = (replicas: number, current: Fields): Measured => ({ replicas, name: `external metric ${name}(${printed(selector)})`, status: { type: 'External', external: { metric: source.metric, current } } })
  if (isAverage) {
    const result = perPodReplicas(usage, milliOf(source.target.averageValue), scale.counted, scale.tolerance)
    return measured(result.replicas, { averageValue: quantity(result.average) })
  }
  const replicas = byRatio(usage / milliOf(source.target.value), scale)
  return replicas === undefined ? failed(`unable to calculate ready pods: ${noPods}`) : measured(replicas, { value: quantity(usage) })
}

/** getUsageRatioReplicaCount with the ready pods counted (getReadyPodsCount). Undefined: the selector has no pods. */
function byRatio(ratio: number, { current, pods, tolerance }: Scale): number | undefined {
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length
  const replicas = ratioReplicas(ratio, ready, current, tolerance)
  return pods.length === 0 && current !== 0 && replicas !== current ? undefined : replicas
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
