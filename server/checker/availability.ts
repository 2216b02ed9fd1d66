/** How many Pods a workload runs, and what autoscalers and budgets make of it. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { scaledValue } from '../k8s/port.ts'
import type { LabelSelector } from '../k8s/selector.ts'
import { namespaceOf, spaceOf, type Inventory, type Workload } from './inventory.ts'

const scalable = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']

const targetKey = (namespace: string, kind: string, name: string): string => `${spaceOf(namespace)}\n${kind}\n${name}`

/** Autoscalers of a workload. */
export function autoscalersOf(kind: string, namespace: string, name: string, all: Inventory): readonly K8sObject[] {
  return all.once('autoscalers by target', () => {
    const found = new Map<string, K8sObject[]>()
    for (const autoscaler of all.list('HorizontalPodAutoscaler')) {
      const target = (autoscaler.spec?.scaleTargetRef ?? {}) as Fields
      const key = targetKey(namespaceOf(autoscaler), target.kind as string, target.name as string)
      found.set(key, [...(found.get(key) ?? []), autoscaler])
    }
    return found
  }).get(targetKey(namespace, kind, name)) ?? []
}

/** What an autoscaler scales, when it is among the inputs. */
export function targetOf(autoscaler: K8sObject, all: Inventory): K8sObject | undefined {
  const target = (autoscaler.spec?.scaleTargetRef ?? {}) as Fields
  return scalable.includes(target.kind as string) ? all.find(target.kind as string, namespaceOf(autoscaler), target.name as string) : undefined
}

/** The fewest and the most Pods a workload has when all is well; undefined where the nodes or the work decide. */
export function replicasOf(object: K8sObject, all: Inventory): { min: number; max: number } | undefined {
  if (!scalable.includes(object.kind)) return undefined
  const autoscaler = autoscalersOf(object.kind, namespaceOf(object), object.metadata.name, all)[0]
  if (autoscaler) return { min: (autoscaler.spec?.minReplicas ?? 1) as number, max: (autoscaler.spec?.maxReplicas ?? 1) as number }
  const replicas = (object.spec?.replicas ?? 1) as number
  return { min: replicas, max: replicas }
}

/**
 * How many Pods a PodDisruptionBudget lets go at once when `total` are healthy (pkg/controller/disruption: getExpectedPodCount; both percentages round up).
 * With minAvailable 90% of 3: ceil(2.7) = 3 must stay, so none may go.
 */
export function disruptionsAllowed(spec: Fields, total: number): number {
  if (spec.maxUnavailable !== undefined) return Math.min(total, scaledValue(spec.maxUnavailable as number | string, total, true) ?? 0)
  if (spec.minAvailable !== undefined) return Math.max(0, total - (scaledValue(spec.minAvailable as number | string, total, true) ?? total))
  return total
}

/** Budgets of each workload, in the order of the input. */
export function budgetsOf(workload: Workload, all: Inventory): readonly K8sObject[] {
  return all.once('budgets by workload', () => {
    const found = new Map<K8sObject, K8sObject[]>()
    for (const budget of all.list('PodDisruptionBudget')) {
      for (const { object } of all.matching(budget.spec?.selector as LabelSelector | undefined, namespaceOf(budget))) found.set(object, [...(found.get(object) ?? []), budget])
    }
    return found
  }).get(workload.object) ?? []
}

/** Resources by utilization that an autoscaler computes: of all containers, or of one. */
export function utilizationMetrics(autoscaler: K8sObject): { resource: string; container?: string; at: (string | number)[] }[] {
  const spec = (autoscaler.spec ?? {}) as Fields
  if (spec.targetCPUUtilizationPercentage !== undefined) return [{ resource: 'cpu', at: ['spec', 'targetCPUUtilizationPercentage'] }]
  return ((spec.metrics ?? []) as Fields[]).flatMap((metric, index) => {
    if (metric.type === 'Resource' && metric.resource?.target?.type === 'Utilization') return [{ resource: metric.resource.name as string, at: ['spec', 'metrics', index, 'resource'] }]
    if (metric.type === 'ContainerResource' && metric.containerResource) return [{ resource: metric.containerResource.name as string, container: metric.containerResource.container as string, at: ['spec', 'metrics', index, 'containerResource'] }]
    return []
  })
}
