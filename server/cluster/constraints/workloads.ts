/** K1, K2 and K7: objects, containers with their programs, and limits stay. */
import { amountOf, milliOf } from '../amounts.ts'
import { refFrom } from '../references.ts'
import { keyOf } from '../../k8s/object.ts'
import type { Fields } from '../../k8s/object.ts'
import type { Breach, Comparison, Constraint, ContainerPlace, Item, PodPlace } from './items.ts'
import { containersIn, fieldsOf, listOf, nameOf, pairs, podIn, successorsOf, versionsOf } from './items.ts'
import type { Partners } from './partners.ts'
import { imageOf, normalImage, partnersOf, profileOf, runsBeside } from './partners.ts'

/** Kinds whose removal is a matter of K6. */
const policyKinds = new Set(['NetworkPolicy', 'PodDisruptionBudget'])

export const identityKept: Constraint = {
  id: 'K1',
  title: { en: 'Objects keep their kind, name and namespace', 'zh-CN': '对象保持原来的 kind、名称和 namespace' },
  *check(comparison) {
    const { scenario, broken } = comparison
    const mayGo = new Set(scenario.constraints.mayRemove.map((text) => keyOf(refFrom(text, scenario.namespace))))
    for (const item of broken) {
      if (policyKinds.has(item.ref.kind) || mayGo.has(item.key) || successorsOf(comparison, item).length > 0) continue
      yield { item, en: `${nameOf(item.ref)} is no longer there.`, zh: `${nameOf(item.ref)} 已不存在。` }
    }
  },
}

function imagesOf(items: readonly Item[]): string[] {
  return items.flatMap(({ object }) => containersIn(podIn(object)).map(imageOf))
}

/** Does the command line start the program that the scenario describes for the image, or name it? Images without a described program run anything. */
function runsProgram(scenario: Comparison['scenario'], place: ContainerPlace): boolean {
  const { container } = place
  const profile = profileOf(scenario, place)
  const program = profile?.binary ?? profile?.image.entrypoint[0]
  if (!profile || program === undefined || container.command === undefined) return true
  // A comment starts nothing.
  const words = [...container.command, ...(container.args ?? [])].join(' ').replace(/(^|[\s;])#[^\n]*/g, '$1')
  return [program, ...profile.alsoNamed].some((name) => words.includes(name.split('/').at(-1)!))
}

/** Containers of before that no longer run beside the others, in any of the objects that took the place of theirs. Init containers that end may go: the goals tell whether they were needed. */
function* goneContainers(comparison: Comparison, before: Item): Iterable<Breach> {
  const successors = successorsOf(comparison, before)
  const without = successors.map((after) => ({ after, gone: partnersOf(before, after).flatMap(({ old, now }) => (old && !now && runsBeside(old) ? [old.name] : [])) }))
  const isSame = versionsOf(comparison.answer, before.key).length > 0
  for (const { after, gone } of without) {
    for (const name of gone) {
      if (!isSame && !without.every((one) => one.gone.includes(name))) continue
      yield { item: after, path: podIn(after.object)?.path ?? 'spec', en: `Container ${name} is no longer there.`, zh: `容器 ${name} 已不存在。` }
      if (!isSame) return
    }
  }
}

export const imageKept: Constraint = {
  id: 'K2',
  title: { en: 'Images stay the same, and containers run their program', 'zh-CN': '镜像保持不变，容器仍运行镜像里的程序' },
  *check(comparison) {
    const { scenario, broken, given } = comparison
    const extra = new Set(scenario.constraints.images.map(normalImage))
    const known = new Set([...imagesOf(broken), ...imagesOf(given), ...extra])
    for (const before of broken) yield* goneContainers(comparison, before)
    for (const { before, after } of pairs(comparison)) {
      for (const { old, now } of partnersOf(before, after)) {
        if (!now) continue
        const { name, path } = now
        const [was, image] = [old && imageOf(old), imageOf(now)]
        if (old && runsProgram(scenario, old) && !runsProgram(scenario, now)) yield { item: after, path: `${path}.command`, en: `Container ${name} no longer runs the program of its image.`, zh: `容器 ${name} 不再运行镜像里的程序。` }
        if (extra.has(image) || image === was || (was === undefined && known.has(image))) continue
        yield { item: after, path: `${path}.image`, en: was === undefined ? `Container ${name} brings in the image ${image}.` : `The image of container ${name} changed from ${was} to ${image}.`, zh: was === undefined ? `容器 ${name} 引入了镜像 ${image}。` : `容器 ${name} 的镜像由 ${was} 改成了 ${image}。` }
      }
    }
  },
}

/** A limit of the pod as a whole. */
function podLimit(pod: PodPlace | undefined, resource: string): unknown {
  return limitOf(pod?.spec ?? {}, resource)
}

function limitOf(fields: Fields, resource: string): unknown {
  return fieldsOf(fieldsOf(fields.resources).limits)[resource]
}

function limitedResources(fields: Fields): string[] {
  return Object.keys(fieldsOf(fieldsOf(fields.resources).limits)).sort()
}

/** Sum of one resource over the containers that run side by side, or what the pod as a whole may take; undefined when neither names it. */
function sumOf(pod: PodPlace, part: 'limits' | 'requests', resource: string): number | undefined {
  const whole = fieldsOf(fieldsOf(pod.spec.resources)[part])[resource] as string | undefined
  if (whole !== undefined) return milliOf(whole)
  const amounts = containersIn(pod).filter(runsBeside).flatMap(({ container }) => (container.resources?.[part]?.[resource] === undefined ? [] : [milliOf(container.resources[part][resource])]))
  return amounts.length === 0 ? undefined : amounts.reduce((sum, amount) => sum + amount, 0)
}

/** Limits that were there, on a container or on the pod, and that nothing replaces. */
function* lostLimits(after: Item, pod: PodPlace, old: PodPlace | undefined, partners: readonly Partners[]): Iterable<Breach> {
  for (const { old: was, now } of partners) {
    if (!was || !now) continue
    for (const resource of limitedResources(was.container)) {
      if (limitOf(now.container, resource) === undefined && podLimit(pod, resource) === undefined) yield { item: after, path: `${now.path}.resources`, en: `Container ${now.name} lost its ${resource} limit.`, zh: `容器 ${now.name} 的 ${resource} limit 被去掉了。` }
    }
  }
  for (const resource of limitedResources(old?.spec ?? {})) {
    const borne = podLimit(pod, resource) !== undefined || containersIn(pod).filter(runsBeside).every(({ container }) => limitOf(container, resource) !== undefined)
    if (!borne) yield { item: after, path: pod.path, en: `The pod lost its ${resource} limit.`, zh: `Pod 的 ${resource} limit 被去掉了。` }
  }
}

/** What a LimitRange of the platform gives a container that names no limit. */
function hasDefault({ given }: Comparison, namespace: string, resource: string): boolean {
  return given.some(({ object, ref }) => ref.kind === 'LimitRange' && ref.namespace === namespace && listOf(object.spec?.limits).some((limit) => limit.type === 'Container' && (fieldsOf(limit.default)[resource] ?? fieldsOf(limit.max)[resource]) !== undefined))
}

export const limitsKept: Constraint = {
  id: 'K7',
  title: { en: 'Limits stay, and totals stay within the budget', 'zh-CN': '保留 limit，总量不超出预算' },
  *check(comparison) {
    const { budget } = comparison.scenario.constraints
    for (const { before, after } of pairs(comparison)) {
      const pod = podIn(after.object)
      if (!pod || containersIn(pod).length === 0) continue
      const partners = partnersOf(before, after)
      yield* lostLimits(after, pod, before && podIn(before.object), partners)
      for (const resource of ['cpu', 'memory'] as const) {
        const most = budget[resource]
        if (most === undefined) continue
        for (const part of ['limits', 'requests'] as const) {
          const sum = sumOf(pod, part, resource)
          if (sum !== undefined && sum > amountOf(most).milli) yield { item: after, path: pod.path, en: `The ${resource} ${part} of one pod add up to more than ${most}.`, zh: `单个 Pod 的 ${resource} ${part} 总和超过 ${most}。` }
        }
        if (podLimit(pod, resource) !== undefined || hasDefault(comparison, after.ref.namespace, resource)) continue
        for (const { old, now } of partners) {
          if (old || !now || !runsBeside(now) || limitOf(now.container, resource) !== undefined) continue
          yield { item: after, path: `${now.path}.resources`, en: `Container ${now.name} is new and has no ${resource} limit.`, zh: `新增的容器 ${now.name} 没有 ${resource} limit。` }
        }
      }
    }
  },
}
