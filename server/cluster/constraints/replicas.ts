/** K3: a repair runs as much as before, and lets it update as before. */
import type { Fields } from '../../k8s/object.ts'
import type { Breach, Comparison, Constraint, Item } from './items.ts'
import { fieldsOf, nameOf, pairs, successorsOf } from './items.ts'

/** Fields that say how many copies are wanted; an absent one means 1. */
const counts: Record<string, readonly string[]> = { Deployment: ['replicas'], StatefulSet: ['replicas'], ReplicaSet: ['replicas'], ReplicationController: ['replicas'], Job: ['completions', 'parallelism'], CronJob: ['completions', 'parallelism'] }

/** What holds the counts of an object: its spec, of a CronJob that of its Jobs. */
function countedIn({ object, ref }: Item): { fields: Fields; path: string } {
  const spec = fieldsOf(object.spec)
  return ref.kind === 'CronJob' ? { fields: fieldsOf(fieldsOf(spec.jobTemplate).spec), path: 'spec.jobTemplate.spec' } : { fields: spec, path: 'spec' }
}

/** How many copies a field asks for. A Job never runs more pods side by side than it wants to complete. */
function countOf(item: Item, field: string): number {
  const { fields } = countedIn(item)
  const wanted = Number(fields[field] ?? 1)
  return field === 'parallelism' && fields.completions !== undefined ? Math.min(wanted, Number(fields.completions)) : wanted
}

function autoscalersOf(items: readonly Item[], target: Item): Item[] {
  return items.filter(({ object, ref }) => ref.kind === 'HorizontalPodAutoscaler' && ref.namespace === target.ref.namespace && object.spec?.scaleTargetRef?.kind === target.ref.kind && object.spec.scaleTargetRef.name === target.ref.name)
}

function minimumOf({ object }: Item): number {
  return Number(object.spec?.minReplicas ?? 1)
}

export const replicasKept: Constraint = {
  id: 'K3',
  title: { en: 'As many replicas, and the same way of updating', 'zh-CN': '副本数不减少，更新方式不改变' },
  *check(comparison) {
    for (const { before, after } of pairs(comparison)) {
      if (!before) continue
      yield* fewerCopies(comparison, before, after)
      yield* lowerMinimum(comparison, before, after)
      if (before.ref.kind === after.ref.kind) yield* heldBack(before, after)
    }
  },
}

function* fewerCopies(comparison: Comparison, before: Item, after: Item): Iterable<Breach> {
  const { fields, path } = countedIn(after)
  for (const field of counts[after.ref.kind] ?? []) {
    // Several objects that take the place of one bear its replicas together.
    const others = successorsOf(comparison, before).filter(({ key }) => key !== before.key && key !== after.key)
    const [was, is] = [countOf(before, field), others.reduce((sum, other) => sum + countOf(other, field), countOf(after, field))]
    if (fields[field] === undefined && autoscalersOf([...comparison.answer, ...comparison.given], after).length > 0) continue
    // Fewer completions say it already.
    if (field === 'parallelism' && countOf(after, 'completions') < countOf(before, 'completions')) continue
    if (is < was) yield { item: after, path: `${path}.${field}`, en: `${nameOf(after.ref)} asks for ${is} instead of ${was}.`, zh: `${nameOf(after.ref)} 由 ${was} 减少到 ${is}。` }
  }
}

/** An autoscaler takes a workload down to its own minimum: a new one keeps to what ran before, an old one to what it said. */
function* lowerMinimum({ broken, given, answer }: Comparison, before: Item, after: Item): Iterable<Breach> {
  const earlier = autoscalersOf([...broken, ...given], before)
  const least = earlier.length > 0 ? Math.min(...earlier.map(minimumOf)) : Number(fieldsOf(before.object.spec).replicas ?? 1)
  for (const item of autoscalersOf(answer, after)) {
    const same = broken.find(({ key }) => key === item.key)
    const [was, is] = [same ? minimumOf(same) : least, minimumOf(item)]
    if (is < was) yield { item, path: 'spec.minReplicas', en: `${nameOf(item.ref)} lets ${nameOf(after.ref)} go down to ${is} instead of ${was}.`, zh: `${nameOf(item.ref)} 允许 ${nameOf(after.ref)} 减少到 ${is}，而不是 ${was}。` }
  }
}

/** Another way of updating, a pause, a part that stays behind. */
function* heldBack(before: Item, after: Item): Iterable<Breach> {
  const [old, now] = [fieldsOf(before.object.spec), fieldsOf(after.object.spec)]
  const name = nameOf(after.ref)
  const paused = (path: string): Breach => ({ item: after, path, en: `${name} is paused.`, zh: `${name} 被暂停。` })
  if (now.paused === true && old.paused !== true) yield paused('spec.paused')
  if (now.suspend === true && old.suspend !== true) yield paused('spec.suspend')
  if (after.ref.kind === 'CronJob' && countedIn(after).fields.suspend === true && countedIn(before).fields.suspend !== true) yield paused('spec.jobTemplate.spec.suspend')
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(after.ref.kind)) return
  const field = after.ref.kind === 'Deployment' ? 'strategy' : 'updateStrategy'
  const [was, is] = [old[field]?.type ?? 'RollingUpdate', now[field]?.type ?? 'RollingUpdate']
  if (was !== is) yield { item: after, path: `spec.${field}.type`, en: `${name} updates by ${is} instead of ${was}.`, zh: `${name} 的更新方式由 ${was} 改成了 ${is}。` }
  const [from, to] = [Number(old.updateStrategy?.rollingUpdate?.partition ?? 0), Number(now.updateStrategy?.rollingUpdate?.partition ?? 0)]
  if (after.ref.kind === 'StatefulSet' && to > from) yield { item: after, path: 'spec.updateStrategy.rollingUpdate.partition', en: `${name} no longer updates its pods below number ${to}.`, zh: `${name} 不再更新序号小于 ${to} 的 Pod。` }
}
