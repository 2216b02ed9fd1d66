/** HorizontalPodAutoscaler v2 (pkg/controller/podautoscaler/horizontal.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { keyOf, refOf } from '../../../k8s/object.ts'
import type { Millis } from '../../../k8s/duration.ts'
import type { Cluster, Controller } from '../../types.ts'
import { amountOf, milliOf, printAmount } from '../../amounts.ts'
import { equal, withCondition } from '../../pods.ts'
import type { Condition } from '../../pods.ts'
import { resourceOf } from '../../resources.ts'
import { selects } from '../../selection.ts'
import { parseKey } from '../keys.ts'
import type { Rules, ScaleEvent } from './arithmetic.ts'
import { averageReplicas, defaultTolerance, downRulesLimit, scaleUpLimit, upRulesLimit, utilizationReplicas } from './arithmetic.ts'
import { gather } from './metrics.ts'

const syncMs = 15_000
const downWindowMs = 300_000
const component = 'horizontal-pod-autoscaler'
const upDefaults: Rules = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] }
const downDefaults: Rules = { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }

type Memory = { recommendations: { at: Millis; replicas: number }[]; ups: ScaleEvent[]; downs: ScaleEvent[]; nextAt: Millis }

export function createHpaController(): Controller {
  const memories = new Map<string, Memory>()
  return {
    name: 'hpa',
    about: 'Scales every 15 s on Resource and ContainerResource metrics (utilization or average value) with readiness and missing-sample rules, tolerance, stabilization windows and behavior policies, and writes the conditions and events of the real controller. Not modelled: Pods, Object and External metrics (noted when used).',
    keys: (change) => (change.object.kind === 'HorizontalPodAutoscaler' && change.type !== 'deleted' ? [keyOf(change.object)] : []),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const hpa = cluster.view.get('HorizontalPodAutoscaler', namespace, name)
      if (!hpa) {
        memories.delete(key)
        return
      }
      const memory = memories.get(key) ?? { recommendations: [], ups: [], downs: [], nextAt: nextTick(cluster.now) }
      memories.set(key, memory)
      if (cluster.now >= memory.nextAt) {
        memory.nextAt = nextTick(cluster.now + 1)
        sync(hpa, memory, cluster)
      }
      cluster.wake('hpa', key, memory.nextAt)
    },
  }
}

/** The next instant of the 15-second grid, now included. */
function nextTick(now: Millis): Millis {
  return Math.ceil(now / syncMs) * syncMs
}

type Draft = { status: Fields; now: string }

function say(draft: Draft, type: string, status: 'True' | 'False', reason: string, message: string): void {
  draft.status.conditions = withCondition(draft.status.conditions as Condition[], { type, status, reason, message }, draft.now)
}

function sync(hpa: K8sObject, memory: Memory, cluster: Cluster): void {
  const draft: Draft = { status: { ...hpa.status, conditions: [...(hpa.status?.conditions ?? [])] }, now: cluster.timestamp() }
  const reference = hpa.spec.scaleTargetRef as { kind: string; name: string; apiVersion?: string }
  const namespace = hpa.metadata.namespace ?? ''
  const target = cluster.view.get(reference.kind, namespace, reference.name)
  if (!target || target.spec?.replicas === undefined) {
    const resource = resourceOf(reference.kind, reference.apiVersion)
    const why = `${resource.plural}.${resource.group} "${reference.name}" not found`
    cluster.event(hpa, { type: 'Warning', reason: 'FailedGetScale', component, message: why })
    say(draft, 'AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${why}`)
    return write(hpa, draft, cluster)
  }
  say(draft, 'AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale")
  const current = target.spec.replicas as number
  if (memory.recommendations.length === 0) memory.recommendations.push({ at: cluster.now, replicas: current })
  const least = (hpa.spec.minReplicas ?? 1) as number
  const most = hpa.spec.maxReplicas as number
  const decision = decide(hpa, target, current, least, most, memory, draft, cluster)
  draft.status.currentReplicas = current
  if (decision === undefined) {
    draft.status.desiredReplicas ??= current
    return write(hpa, draft, cluster)
  }
  draft.status.desiredReplicas = decision.desired
  if (decision.desired !== current) rescale(hpa, target, current, decision, memory, draft, cluster)
  draft.status.observedGeneration = hpa.metadata.generation
  write(hpa, draft, cluster)
}

type Decision = { desired: number; reason: string }

function decide(hpa: K8sObject, target: K8sObject, current: number, least: number, most: number, memory: Memory, draft: Draft, cluster: Cluster): Decision | undefined {
  if (current === 0 && least !== 0) {
    say(draft, 'ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero')
    return { desired: 0, reason: '' }
  }
  if (current > most) return { desired: most, reason: 'Current number of replicas above Spec.MaxReplicas' }
  if (current < least) return { desired: least, reason: 'Current number of replicas below Spec.MinReplicas' }
  const proposal = propose(hpa, target, current, draft, cluster)
  if (!proposal) return undefined
  const desired = hpa.spec.behavior ? withBehavior(hpa, current, proposal.replicas, least, most, memory, draft, cluster) : withoutBehavior(current, proposal.replicas, least, most, memory, draft, cluster)
  const reason = proposal.replicas > current ? `${proposal.metric} above target` : proposal.replicas < current ? 'All metrics below target' : ''
  return { desired, reason: desired > current ? (reason || `${proposal.metric} above target`) : desired < current ? 'All metrics below target' : reason }
}

/** The largest proposal of all metrics, or undefined when none can be computed or a failing one forbids shrinking (computeReplicasForMetrics). */
function propose(hpa: K8sObject, target: K8sObject, current: number, draft: Draft, cluster: Cluster): { replicas: number; metric: string } | undefined {
  const pods = cluster.view.list('Pod', hpa.metadata.namespace ?? '').filter((pod) => selects(target.spec.selector, pod.metadata.labels))
  const metrics = (hpa.spec.metrics ?? []) as Fields[]
  let best: { replicas: number; metric: string } | undefined
  const failures: { reason: string; message: string; prefix: string }[] = []
  const seen: Fields[] = []
  for (const metric of metrics) {
    const result = measure(hpa, metric, pods, current, cluster)
    if ('error' in result) failures.push({ reason: result.reason, message: result.error, prefix: result.prefix })
    else {
      seen.push(result.status)
      if (!best || result.replicas > best.replicas) best = { replicas: result.replicas, metric: result.name }
    }
  }
  draft.status.currentMetrics = seen.length > 0 ? seen : null
  const first = failures[0]
  for (const failure of failures) cluster.event(hpa, { type: 'Warning', reason: failure.reason, component, message: failure.message })
  if (first && (!best || best.replicas < current)) {
    say(draft, 'ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.message}`)
    cluster.event(hpa, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', component, message: `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.prefix}: ${first.message}` })
    return undefined
  }
  if (best) say(draft, 'ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.metric}`)
  return best
}

type Measured = { replicas: number; name: string; status: Fields } | { error: string; reason: string; prefix: string }

function measure(hpa: K8sObject, metric: Fields, pods: readonly K8sObject[], current: number, cluster: Cluster): Measured {
  const source = metric.type === 'Resource' ? metric.resource : metric.type === 'ContainerResource' ? metric.containerResource : undefined
  if (!source || (source.name !== 'cpu' && source.name !== 'memory')) {
    cluster.note({ text: `HorizontalPodAutoscaler metric of type ${metric.type} is not modelled`, ref: refOf(hpa), path: 'spec.metrics', decisive: true })
    return { error: `unable to get metric: no metrics returned from custom metrics API`, reason: `FailedGet${metric.type}Metric`, prefix: `failed to get ${String(metric.type).toLowerCase()} metric value` }
  }
  const resource = source.name as 'cpu' | 'memory'
  const container = metric.type === 'ContainerResource' ? (source.container as string) : undefined
  const reason = container === undefined ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric'
  const prefix = container === undefined ? `failed to get ${resource} resource metric value` : `failed to get ${resource} container metric value`
  const isUtilization = source.target.averageUtilization !== undefined
  const failed = (why: string): Measured => ({ error: `failed to get ${resource} ${isUtilization ? 'utilization' : 'usage'}: ${why}`, reason, prefix })
  if (!cluster.scenario.cluster.metricsServer) return failed(`unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`)
  const gathered = gather(pods, resource, container, cluster, isUtilization)
  if (gathered.error !== undefined) return failed(gathered.error)
  const behavior = hpa.spec.behavior as { scaleUp?: Rules; scaleDown?: Rules } | undefined
  const tolerance = { up: behavior?.scaleUp?.tolerance === undefined ? defaultTolerance.up : milliOf(behavior.scaleUp.tolerance) / 1000, down: behavior?.scaleDown?.tolerance === undefined ? defaultTolerance.down : milliOf(behavior.scaleDown.tolerance) / 1000 }
  const about = container === undefined ? `${resource} resource utilization (percentage of request)` : `${resource} container resource utilization (percentage of request)`
  if (isUtilization) {
    const result = utilizationReplicas(gathered.readings, source.target.averageUtilization, current, tolerance)
    if (!result) return failed('did not receive metrics for targeted pods (pods might be unready)')
    const sampled = gathered.readings.filter((reading) => reading.ready && reading.usage !== undefined)
    const average = Math.trunc(sampled.reduce((sum, reading) => sum + reading.usage!, 0) / sampled.length)
    return { replicas: result.replicas, name: about, status: statusOf(metric, source, { averageUtilization: result.utilization, averageValue: printAmount({ milli: resource === 'cpu' ? average : Math.trunc(average / 1000) * 1000, format: 'decimal' }) }) }
  }
  const result = averageReplicas(gathered.readings, amountOf(source.target.averageValue).milli, current, tolerance)
  if (!result) return failed('did not receive metrics for targeted pods (pods might be unready)')
  return { replicas: result.replicas, name: container === undefined ? `${resource} resource` : `${resource} container resource`, status: statusOf(metric, source, { averageValue: printAmount({ milli: resource === 'cpu' ? result.average : Math.trunc(result.average / 1000) * 1000, format: 'decimal' }) }) }
}

function statusOf(metric: Fields, source: Fields, current: Fields): Fields {
  const value = { name: source.name, ...(source.container ? { container: source.container } : {}), current }
  return metric.type === 'Resource' ? { type: 'Resource', resource: value } : { type: 'ContainerResource', containerResource: value }
}

function limited(draft: Draft, wanted: number, least: number, most: number, upLimit: number): number {
  if (wanted < least) {
    say(draft, 'ScalingLimited', 'True', 'TooFewReplicas', 'the desired replica count is less than the minimum replica count')
    return least
  }
  const top = Math.min(most, upLimit)
  if (wanted > top) {
    if (upLimit < most) say(draft, 'ScalingLimited', 'True', 'ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate')
    else say(draft, 'ScalingLimited', 'True', 'TooManyReplicas', 'the desired replica count is more than the maximum replica count')
    return top
  }
  say(draft, 'ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range')
  return wanted
}

/** normalizeDesiredReplicas: the highest recommendation of five minutes, at most doubling. */
function withoutBehavior(current: number, wanted: number, least: number, most: number, memory: Memory, draft: Draft, cluster: Cluster): number {
  const recent = memory.recommendations.filter((item) => item.at > cluster.now - downWindowMs)
  const stabilized = Math.max(wanted, ...recent.map((item) => item.replicas))
  memory.recommendations = [...recent, { at: cluster.now, replicas: wanted }]
  if (stabilized !== wanted) say(draft, 'AbleToScale', 'True', 'ScaleDownStabilized', 'recent recommendations were higher than current one, applying the highest recent recommendation')
  else say(draft, 'AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size')
  return limited(draft, stabilized, least, most, scaleUpLimit(current))
}

/** normalizeDesiredReplicasWithBehaviors: both windows, then the rate of both rules. */
function withBehavior(hpa: K8sObject, current: number, wanted: number, least: number, most: number, memory: Memory, draft: Draft, cluster: Cluster): number {
  const up: Rules = { ...upDefaults, ...hpa.spec.behavior.scaleUp }
  const down: Rules = { ...downDefaults, ...hpa.spec.behavior.scaleDown }
  const upMs = (up.stabilizationWindowSeconds ?? 0) * 1000
  const downMs = (down.stabilizationWindowSeconds ?? 300) * 1000
  const recent = memory.recommendations.filter((item) => item.at > cluster.now - Math.max(upMs, downMs, 1))
  const lowest = Math.min(wanted, ...recent.filter((item) => item.at > cluster.now - upMs).map((item) => item.replicas))
  const highest = Math.max(wanted, ...recent.filter((item) => item.at > cluster.now - downMs).map((item) => item.replicas))
  memory.recommendations = [...recent, { at: cluster.now, replicas: wanted }]
  let stabilized = current
  if (stabilized < lowest) stabilized = lowest
  if (stabilized > highest) stabilized = highest
  if (stabilized !== wanted) {
    if (wanted < current) say(draft, 'AbleToScale', 'True', 'ScaleDownStabilized', 'recent recommendations were higher than current one, applying the highest recent recommendation')
    else say(draft, 'AbleToScale', 'True', 'ScaleUpStabilized', 'recent recommendations were lower than current one, applying the lowest recent recommendation')
  } else say(draft, 'AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size')
  if (stabilized > current) {
    const limit = Math.max(current, upRulesLimit(current, memory.ups, memory.downs, up, cluster.now))
    return limited(draft, stabilized, least, most, limit)
  }
  if (stabilized < current) {
    const limit = Math.min(current, downRulesLimit(current, memory.ups, memory.downs, down, cluster.now))
    if (stabilized < limit && limit > least) {
      say(draft, 'ScalingLimited', 'True', 'ScaleDownLimit', 'the desired replica count is decreasing faster than the maximum scale rate')
      return limit
    }
  }
  return limited(draft, stabilized, least, most, most)
}

function rescale(hpa: K8sObject, target: K8sObject, current: number, decision: Decision, memory: Memory, draft: Draft, cluster: Cluster): void {
  const result = cluster.api.patch(refOf(target), { spec: { replicas: decision.desired } }, 'horizontal-pod-autoscaler')
  if ('error' in result) {
    cluster.event(hpa, { type: 'Warning', reason: 'FailedRescale', component, message: `New size: ${decision.desired}; reason: ${decision.reason}; error: ${result.error.message}` })
    say(draft, 'AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${result.error.message}`)
    return
  }
  say(draft, 'AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${decision.desired}`)
  cluster.event(hpa, { type: 'Normal', reason: 'SuccessfulRescale', component, message: `New size: ${decision.desired}; reason: ${decision.reason}` })
  if (decision.desired > current) memory.ups.push({ at: cluster.now, change: decision.desired - current })
  else memory.downs.push({ at: cluster.now, change: current - decision.desired })
  draft.status.lastScaleTime = draft.now
}

function write(hpa: K8sObject, draft: Draft, cluster: Cluster): void {
  if (!equal(hpa.status ?? {}, draft.status)) cluster.api.setStatus(refOf(hpa), draft.status)
}
