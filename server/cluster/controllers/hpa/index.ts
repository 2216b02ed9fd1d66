/** HorizontalPodAutoscaler v2 (pkg/controller/podautoscaler/horizontal.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { keyOf, refOf } from '../../../k8s/object.ts'
import type { Millis } from '../../../k8s/duration.ts'
import type { Cluster, Controller } from '../../types.ts'
import { amountOf, milliOf, printAmount } from '../../amounts.ts'
import { equal, withCondition } from '../../pods.ts'
import type { Condition } from '../../pods.ts'
import { groupResource, hasSubresource, resources } from '../../resources.ts'
import { printSelector } from '../../../k8s/selector.ts'
import { selects } from '../../selection.ts'
import { parseKey } from '../keys.ts'
import type { Rules, ScaleEvent, Tolerance } from './arithmetic.ts'
import { averageReplicas, defaultTolerance, downRulesLimit, scaleUpLimit, upRulesLimit, utilizationReplicas } from './arithmetic.ts'
import type { Measured, Scale } from './custom.ts'
import { measureExternal, measureObject, measurePods } from './custom.ts'
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
    source: 'pkg/controller/podautoscaler/horizontal.go:reconcileAutoscaler, replica_calculator.go:GetResourceReplicas, metrics/client.go:GetResourceMetric',
    about: 'Scales every 15 s on Resource and ContainerResource metrics (utilization or average value) with readiness and missing-sample rules, tolerance, stabilization windows and behavior policies, and writes the conditions and events of the real controller. Pods, Object and External metrics come from the series of the scenario\'s metricsAdapters; without an adapter they fail as in a cluster that has none.',
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
  const why = whyNoScale(reference, target)
  if (!target || why !== '') {
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
  draft.status.desiredReplicas ??= 0
  if (decision && (decision.desired === current || rescale(hpa, target, current, decision, memory, draft, cluster))) draft.status.desiredReplicas = decision.desired
  write(hpa, draft, cluster)
}

/** Why the target has no scale to read, or nothing: no such kind in that group, no such object, or a kind without the scale subresource (RESTMappings, scaleForResourceMappings). */
function whyNoScale({ kind, name, apiVersion = '' }: { kind: string; name: string; apiVersion?: string }, target: K8sObject | undefined): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const known = resources.find((resource) => resource.kind === kind && resource.group === group)
  if (!known) return `no matches for kind "${kind}" in group "${group}"`
  if (!hasSubresource(kind, 'scale')) return 'the server could not find the requested resource'
  return target ? '' : `${groupResource(kind, apiVersion)} "${name}" not found`
}

type Decision = { desired: number; reason: string }

function decide(hpa: K8sObject, target: K8sObject, current: number, least: number, most: number, memory: Memory, draft: Draft, cluster: Cluster): Decision | undefined {
  draft.status.currentMetrics = null
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
  return { desired, reason }
}

/** The largest proposal of all metrics, or undefined when none can be computed or a failing one forbids shrinking (computeReplicasForMetrics). */
function propose(hpa: K8sObject, target: K8sObject, current: number, draft: Draft, cluster: Cluster): { replicas: number; metric: string } | undefined {
  const pods = cluster.view.list('Pod', hpa.metadata.namespace ?? '').filter((pod) => selects(target.spec.selector, pod.metadata.labels))
  const rivals = rivalsOf(hpa, pods, cluster)
  if (rivals.length > 1) {
    const message = `pods by selector ${printSelector(target.spec.selector)} are controlled by multiple HPAs: [${rivals.join(' ')}]`
    cluster.event(hpa, { type: 'Warning', reason: 'AmbiguousSelector', component, message })
    say(draft, 'ScalingActive', 'False', 'AmbiguousSelector', message)
    cluster.event(hpa, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', component, message })
    return undefined
  }
  const scale = { namespace: hpa.metadata.namespace ?? '', pods, current, counted: (target.status?.replicas ?? 0) as number, tolerance: toleranceOf(hpa) }
  const metrics = (hpa.spec.metrics ?? []) as Fields[]
  let best: { replicas: number; metric: string } | undefined
  const failures: { reason: string; error: string; prefix: string }[] = []
  const statuses = metrics.map((metric) => {
    const result = measure(metric, scale, cluster)
    if (!('error' in result)) {
      if (!best || result.replicas > best.replicas) best = { replicas: result.replicas, metric: result.name }
      return result.status
    }
    failures.push(result)
    cluster.event(hpa, { type: 'Warning', reason: result.reason, component, message: result.error })
    return { type: '' }
  })
  draft.status.currentMetrics = statuses
  const first = failures[0]
  if (first && (!best || best.replicas < current)) {
    say(draft, 'ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.error}`)
    cluster.event(hpa, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', component, message: `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.prefix}: ${first.error}` })
    return undefined
  }
  if (best) say(draft, 'ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.metric}`)
  return best
}

/** Autoscalers whose targets select any of these pods, this one included (hpasControllingPodsUnderSelector). */
function rivalsOf(hpa: K8sObject, pods: readonly K8sObject[], cluster: Cluster): string[] {
  const namespace = hpa.metadata.namespace ?? ''
  return cluster.view.list('HorizontalPodAutoscaler', namespace).flatMap((other) => {
    const target = cluster.view.get(other.spec.scaleTargetRef.kind, namespace, other.spec.scaleTargetRef.name)
    return target?.spec?.selector && pods.some((pod) => selects(target.spec.selector, pod.metadata.labels)) ? [`${namespace}/${other.metadata.name}`] : []
  })
}

function toleranceOf(hpa: K8sObject): Tolerance {
  const behavior = hpa.spec.behavior as { scaleUp?: Rules; scaleDown?: Rules } | undefined
  const of = (rules: Rules | undefined, usual: number): number => (rules?.tolerance === undefined ? usual : milliOf(rules.tolerance) / 1000)
  return { up: of(behavior?.scaleUp, defaultTolerance.up), down: of(behavior?.scaleDown, defaultTolerance.down) }
}

/** One metric (computeReplicasForMetric). */
function measure(metric: Fields, scale: Scale, cluster: Cluster): Measured {
  if (metric.type === 'Pods') return measurePods(metric.pods, scale, cluster)
  if (metric.type === 'Object') return measureObject(metric.object, scale, cluster)
  if (metric.type === 'External') return measureExternal(metric.external, scale, cluster)
  return measureResource(metric, scale, cluster)
}

function measureResource(metric: Fields, { pods, current, tolerance }: Scale, cluster: Cluster): Measured {
  const source = metric.type === 'Resource' ? metric.resource : metric.containerResource
  const resource = source.name as string
  const container = metric.type === 'ContainerResource' ? (source.container as string) : undefined
  const reason = container === undefined ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric'
  const prefix = container === undefined ? `failed to get ${resource} resource metric value` : `failed to get ${container} container metric value`
  const isUtilization = source.target.averageUtilization !== undefined
  const failed = (why: string): Measured => ({ error: `failed to get ${resource} ${isUtilization ? 'utilization' : 'usage'}: ${why}`, reason, prefix })
  if (!cluster.scenario.cluster.metricsServer) return failed(`unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`)
  const gathered = gather(pods, resource, container, cluster, isUtilization)
  if (gathered.error !== undefined) return failed(gathered.error)
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
  return { replicas: result.replicas, name: `${resource} resource`, status: statusOf(metric, source, { averageValue: printAmount({ milli: resource === 'cpu' ? result.average : Math.trunc(result.average / 1000) * 1000, format: 'decimal' }) }) }
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

function rescale(hpa: K8sObject, target: K8sObject, current: number, decision: Decision, memory: Memory, draft: Draft, cluster: Cluster): boolean {
  const result = cluster.api.patch(refOf(target), { spec: { replicas: decision.desired } }, 'horizontal-pod-autoscaler')
  if ('error' in result) {
    cluster.event(hpa, { type: 'Warning', reason: 'FailedRescale', component, message: `New size: ${decision.desired}; reason: ${decision.reason}; error: ${result.error.message}` })
    say(draft, 'AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${result.error.message}`)
    return false
  }
  say(draft, 'AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${decision.desired}`)
  cluster.event(hpa, { type: 'Normal', reason: 'SuccessfulRescale', component, message: `New size: ${decision.desired}; reason: ${decision.reason}` })
  if (decision.desired > current) memory.ups.push({ at: cluster.now, change: decision.desired - current })
  else memory.downs.push({ at: cluster.now, change: current - decision.desired })
  draft.status.lastScaleTime = draft.now
  return true
}

function write(hpa: K8sObject, draft: Draft, cluster: Cluster): void {
  if (!equal(hpa.status ?? {}, draft.status)) cluster.api.setStatus(refOf(hpa), draft.status)
}
