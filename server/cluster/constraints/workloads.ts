/** K1 to K4 and K7: what a repair must leave as it was in workloads. */
import { amountOf, milliOf } from '../amounts.ts'
import { refFrom } from '../references.ts'
import { keyOf } from '../../k8s/object.ts'
import type { Fields } from '../../k8s/object.ts'
import type { Breach, Comparison, Constraint, ContainerPlace, Item } from './items.ts'
import { containersIn, nameOf, pairs, podIn, successorsOf } from './items.ts'

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

/** An image reference with what the container runtime fills in: registry, library and the tag latest. */
export function normalImage(reference: string): string {
  const [name = '', digest] = reference.split('@')
  const slash = name.indexOf('/')
  const host = slash > 0 ? name.slice(0, slash) : ''
  const hasHost = host.includes('.') || host.includes(':') || host === 'localhost'
  const path = hasHost ? name : `docker.io/${slash < 0 ? 'library/' : ''}${name}`
  const tagged = /:[^/]+$/.test(path) || digest !== undefined ? path : `${path}:latest`
  return digest === undefined ? tagged : `${tagged}@${digest}`
}

function imagesOf(items: readonly Item[]): string[] {
  return items.flatMap(({ object }) => containersIn(podIn(object)).map(({ container }) => normalImage(String(container.image ?? ''))))
}

/** Does the command line start the program that the scenario describes for the image, or name it? Images without a described program run anything. */
function runsProgram(scenario: Comparison['scenario'], container: Fields): boolean {
  const image = normalImage(String(container.image ?? ''))
  const profile = scenario.profiles[scenario.images.find(({ name }) => normalImage(name) === image)?.profile ?? '']
  const program = profile?.binary ?? profile?.image.entrypoint[0]
  if (!profile || program === undefined || container.command === undefined) return true
  const words = [...container.command, ...(container.args ?? [])].join(' ')
  return [program, ...profile.alsoNamed].some((name) => words.includes(name.split('/').at(-1)!))
}

export const imageKept: Constraint = {
  id: 'K2',
  title: { en: 'Images stay the same, and containers run their program', 'zh-CN': '镜像保持不变，容器仍运行镜像里的程序' },
  *check(comparison) {
    const { scenario, broken, given } = comparison
    const extra = new Set(scenario.constraints.images.map(normalImage))
    const known = new Set([...imagesOf(broken), ...imagesOf(given), ...extra])
    for (const { before, after } of pairs(comparison)) {
      const old = new Map(containersIn(before && podIn(before.object)).map(({ name, container }) => [name, container]))
      for (const { name, container, path } of containersIn(podIn(after.object))) {
        const image = normalImage(String(container.image ?? ''))
        const past = old.get(name)
        const was = past && normalImage(String(past.image ?? ''))
        if (past && runsProgram(scenario, past) && !runsProgram(scenario, container)) yield { item: after, path: `${path}.command`, en: `Container ${name} no longer runs the program of its image.`, zh: `容器 ${name} 不再运行镜像里的程序。` }
        if (extra.has(image) || image === was || (was === undefined && known.has(image))) continue
        yield { item: after, path: `${path}.image`, en: was === undefined ? `Container ${name} brings in the image ${image}.` : `The image of container ${name} changed from ${was} to ${image}.`, zh: was === undefined ? `容器 ${name} 引入了镜像 ${image}。` : `容器 ${name} 的镜像由 ${was} 改成了 ${image}。` }
      }
    }
  },
}

/** Fields that say how many copies are wanted; an absent one means 1. */
const counts: Record<string, readonly string[]> = { Deployment: ['replicas'], StatefulSet: ['replicas'], ReplicaSet: ['replicas'], Job: ['completions'] }

function hasAutoscaler(items: readonly Item[], target: Item): boolean {
  return items.some(({ object, ref }) => ref.kind === 'HorizontalPodAutoscaler' && ref.namespace === target.ref.namespace && object.spec?.scaleTargetRef?.kind === target.ref.kind && object.spec.scaleTargetRef.name === target.ref.name)
}

export const replicasKept: Constraint = {
  id: 'K3',
  title: { en: 'As many replicas, and the same way of updating', 'zh-CN': '副本数不减少，更新方式不改变' },
  *check(comparison) {
    for (const { before, after } of pairs(comparison)) {
      if (!before) continue
      const [old, now] = [before.object.spec ?? {}, after.object.spec ?? {}]
      for (const field of counts[after.ref.kind] ?? []) {
        // Several objects that take the place of one bear its replicas together.
        const [was, is] = [Number(old[field] ?? 1), successorsOf(comparison, before).filter(({ key }) => key !== before.key && key !== after.key).reduce((sum, { object }) => sum + Number(object.spec?.[field] ?? 1), Number(now[field] ?? 1))]
        if (now[field] === undefined && hasAutoscaler([...comparison.answer, ...comparison.given], after)) continue
        if (is < was) yield { item: after, path: `spec.${field}`, en: `${nameOf(after.ref)} asks for ${is} instead of ${was}.`, zh: `${nameOf(after.ref)} 由 ${was} 减少到 ${is}。` }
      }
      const field = after.ref.kind === 'Deployment' ? 'strategy' : 'updateStrategy'
      if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(after.ref.kind) || before.ref.kind !== after.ref.kind) continue
      const [was, is] = [old[field]?.type ?? 'RollingUpdate', now[field]?.type ?? 'RollingUpdate']
      if (was !== is) yield { item: after, path: `spec.${field}.type`, en: `${nameOf(after.ref)} updates by ${is} instead of ${was}.`, zh: `${nameOf(after.ref)} 的更新方式由 ${was} 改成了 ${is}。` }
      if (now.paused === true && old.paused !== true) yield { item: after, path: 'spec.paused', en: `${nameOf(after.ref)} is paused.`, zh: `${nameOf(after.ref)} 被暂停。` }
    }
  },
}

const probeNames = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
const hourMs = 3600

function isAlwaysTrue(probe: Fields): boolean {
  const command = probe.exec?.command
  if (!Array.isArray(command) || command.length === 0) return false
  const text = command.join(' ').trim()
  return /^(\/(usr\/)?bin\/)?(true|echo\b.*|:)$/.test(text) || /^(\/(usr\/)?bin\/)?(ba|da|a)?sh -c (.*(;|\|\|)\s*)?(exit 0|true|:|echo\b[^|&;]*)$/.test(text)
}

/** Seconds until the probe acts on a process that is broken from the first moment. */
function blindSeconds(probe: Fields): number {
  return Number(probe.initialDelaySeconds ?? 0) + Number(probe.periodSeconds ?? 10) * Number(probe.failureThreshold ?? 3)
}

export const probesKept: Constraint = {
  id: 'K4',
  title: { en: 'Probes stay, and they can still fail', 'zh-CN': '保留探针，而且探针仍要有可能失败' },
  *check(comparison) {
    for (const { before, after } of pairs(comparison)) {
      const now = new Map(containersIn(podIn(after.object)).map((place) => [place.name, place]))
      for (const { name, container } of containersIn(before && podIn(before.object))) {
        const place = now.get(name)
        if (place) for (const kind of probeNames) if (container[kind]) yield* probeBreaches(after, place, kind, container[kind] as Fields)
      }
    }
  },
}

function* probeBreaches(item: Item, place: ContainerPlace, kind: string, old: Fields): Iterable<Breach> {
  const path = `${place.path}.${kind}`
  const probe = place.container[kind] as Fields | undefined
  if (!probe) return yield { item, path: place.path, en: `The ${kind} of container ${place.name} is gone.`, zh: `容器 ${place.name} 的 ${kind} 被删除了。` }
  if (isAlwaysTrue(probe) && !isAlwaysTrue(old)) yield { item, path, en: `The ${kind} of container ${place.name} always succeeds.`, zh: `容器 ${place.name} 的 ${kind} 总是成功。` }
  if (kind !== 'startupProbe' && blindSeconds(probe) >= hourMs && blindSeconds(probe) > blindSeconds(old)) yield { item, path, en: `The ${kind} of container ${place.name} acts only after ${blindSeconds(probe)} s.`, zh: `容器 ${place.name} 的 ${kind} 要 ${blindSeconds(probe)} 秒后才起作用。` }
}

/** Sum of one resource over the containers that run side by side; undefined when none names it. */
function sumOf(places: readonly ContainerPlace[], part: 'limits' | 'requests', resource: string): number | undefined {
  const running = places.filter(({ group, container }) => group === 'containers' || container.restartPolicy === 'Always')
  const amounts = running.flatMap(({ container }) => (container.resources?.[part]?.[resource] === undefined ? [] : [milliOf(container.resources[part][resource])]))
  return amounts.length === 0 ? undefined : amounts.reduce((sum, amount) => sum + amount, 0)
}

export const limitsKept: Constraint = {
  id: 'K7',
  title: { en: 'Limits stay, and totals stay within the budget', 'zh-CN': '保留 limit，总量不超出预算' },
  *check(comparison) {
    const { budget } = comparison.scenario.constraints
    for (const { before, after } of pairs(comparison)) {
      const places = containersIn(podIn(after.object))
      if (places.length === 0) continue
      const old = new Map(containersIn(before && podIn(before.object)).map((place) => [place.name, place.container]))
      for (const { name, container, path } of places) {
        for (const resource of Object.keys((old.get(name)?.resources?.limits ?? {}) as Fields).sort()) {
          if (container.resources?.limits?.[resource] === undefined) yield { item: after, path: `${path}.resources`, en: `Container ${name} lost its ${resource} limit.`, zh: `容器 ${name} 的 ${resource} limit 被去掉了。` }
        }
      }
      for (const resource of ['cpu', 'memory'] as const) {
        const most = budget[resource]
        if (most === undefined) continue
        for (const part of ['limits', 'requests'] as const) {
          const sum = sumOf(places, part, resource)
          if (sum !== undefined && sum > amountOf(most).milli) yield { item: after, path: places[0]!.path.replace(/\.\w+\[0\]$/, ''), en: `The ${resource} ${part} of one pod add up to more than ${most}.`, zh: `单个 Pod 的 ${resource} ${part} 总和超过 ${most}。` }
        }
      }
    }
  },
}

