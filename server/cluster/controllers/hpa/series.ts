/** What the adapters of custom.metrics.k8s.io and external.metrics.k8s.io answer (pkg/controller/podautoscaler/metrics/client.go): the scenario's series, now. Values are thousandths. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { keyOf } from '../../../k8s/object.ts'
import type { Millis } from '../../../k8s/duration.ts'
import type { Cluster } from '../../types.ts'
import type { MetricSeries } from '../../scenario.ts'
import type { LabelSelector } from '../../selection.ts'
import { selects } from '../../selection.ts'
import { isPodReady } from '../../pods.ts'
import { podsOf, refFrom } from '../../references.ts'
import { groupResource } from '../../resources.ts'

/** Values by the key of a pod. */
export type PodValues = { values: Map<string, number> } | { error: string }
export type Values = { values: number[] } | { error: string }

const customFailure = 'unable to fetch metrics from custom metrics API: '
const notRegistered = 'no custom metrics API (custom.metrics.k8s.io) registered'

/** Value of a series at a time after the manifests are applied, in thousandths; undefined after its end. The first point counts before its time too. */
function valueAt({ values, linear, until }: MetricSeries, time: Millis): number | undefined {
  if (until !== undefined && time >= until) return undefined
  const next = values.findIndex((point) => point.at > time)
  const before = values[next === -1 ? values.length - 1 : Math.max(0, next - 1)]!
  if (!linear || next < 1) return Math.round(before.value * 1000)
  const after = values[next]!
  return Math.round((before.value + ((after.value - before.value) * (time - before.at)) / (after.at - before.at)) * 1000)
}

function isAsked(series: MetricSeries, name: string, selector: LabelSelector | undefined): boolean {
  return series.metric === name && (selector === undefined || selects(selector, series.labels))
}

/** A metric of each of these pods (GetRawMetric). */
export function podSeries(name: string, selector: LabelSelector | undefined, pods: readonly K8sObject[], cluster: Cluster): PodValues {
  const { custom } = cluster.scenario.cluster.metricsAdapters
  if (!custom) return { error: customFailure + notRegistered }
  const known = custom.filter((series) => series.workload !== undefined && series.metric === name)
  if (known.length === 0) return { error: `${customFailure}the server could not find the metric ${name} for pods` }
  const asked = new Set(pods.map(keyOf))
  const values = new Map<string, number>()
  for (const series of known) {
    const value = valueAt(series, cluster.now - cluster.appliedAt)
    if (value === undefined || !isAsked(series, name, selector)) continue
    const owned = podsOf(cluster.view, refFrom(series.workload!, cluster.scenario.namespace)).filter((pod) => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp)
    const ready = owned.filter(isPodReady)
    for (const pod of series.shared ? ready : owned) if (asked.has(keyOf(pod))) values.set(keyOf(pod), (values.get(keyOf(pod)) ?? 0) + (series.shared ? Math.round(value / ready.length) : value))
  }
  return values.size === 0 ? { error: 'no metrics returned from custom metrics API' } : { values }
}

/** A metric of one object (GetObjectMetric). */
export function objectSeries(name: string, selector: LabelSelector | undefined, described: Fields, namespace: string, cluster: Cluster): Values {
  const { custom } = cluster.scenario.cluster.metricsAdapters
  if (!custom) return { error: customFailure + notRegistered }
  const values = custom.flatMap((series) => {
    const ref = series.object === undefined ? undefined : refFrom(series.object, cluster.scenario.namespace)
    const value = valueAt(series, cluster.now - cluster.appliedAt)
    const isOf = ref?.kind === described.kind && ref?.name === described.name && (ref?.namespace === namespace || ref?.namespace === '')
    return isOf && value !== undefined && isAsked(series, name, selector) ? [value] : []
  })
  return values.length > 0 ? { values } : { error: `${customFailure}the server could not find the metric ${name} for ${groupResource(described.kind as string, described.apiVersion as string | undefined)} ${described.name}` }
}

/** All values of a metric from outside the cluster (GetExternalMetric). */
export function externalSeries(name: string, selector: LabelSelector | undefined, namespace: string, cluster: Cluster): Values {
  const { external } = cluster.scenario.cluster.metricsAdapters
  if (!external) return { error: `unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)` }
  const values = external.flatMap((series) => {
    const value = valueAt(series, cluster.now - cluster.appliedAt)
    return value !== undefined && (series.namespace ?? namespace) === namespace && isAsked(series, name, selector) ? [value] : []
  })
  return values.length > 0 ? { values } : { error: 'no metrics returned from external metrics API' }
}
