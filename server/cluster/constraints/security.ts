/** K5, K6 and K8: a repair may not open what was closed. */
import { decodeBase64 } from '../kubelet/env.ts'
import { inBlock } from '../network/address.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { isEmptySelector, selects } from '../../k8s/selector.ts'
import type { Breach, Comparison, Constraint, Item, PodPlace } from './items.ts'
import { containersIn, fieldsOf, listOf, nameOf, pairs, podIn, versionsOf } from './items.ts'
import { formerNames, partnersOf } from './partners.ts'

type Power = { what: string; path: string; en: string; zh: string }

/** Everything in a pod that gives more power than an ordinary pod has. `what` names it apart from its place, with the former names of containers. */
function* powersOf(pod: PodPlace, called: (name: string) => string = (name) => name): Iterable<Power> {
  const { spec, path } = pod
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) if (spec[field] === true) yield { what: field, path: `${path}.${field}`, en: `The pod uses ${field}.`, zh: `Pod 使用了 ${field}。` }
  for (const [i, volume] of listOf(spec.volumes).entries()) if (volume.hostPath) yield { what: `hostPath ${String(volume.hostPath.path)}`, path: `${path}.volumes[${i}]`, en: `Volume ${String(volume.name)} mounts the node's ${String(volume.hostPath.path)}.`, zh: `卷 ${String(volume.name)} 挂载了节点的 ${String(volume.hostPath.path)}。` }
  yield* contextPowers(spec.securityContext, `${path}.securityContext`, 'pod', 'pod', 'Pod')
  for (const { container, name, path: place } of containersIn(pod)) {
    const context = (container.securityContext ?? {}) as Fields
    const at = `${place}.securityContext`
    const known = called(name)
    yield* contextPowers(context, at, `container ${known}`, `container ${name}`, `容器 ${name}`)
    if (context.privileged === true) yield { what: `privileged ${known}`, path: `${at}.privileged`, en: `Container ${name} is privileged.`, zh: `容器 ${name} 是特权容器。` }
    if (context.allowPrivilegeEscalation === true) yield { what: `escalation ${known}`, path: `${at}.allowPrivilegeEscalation`, en: `Container ${name} may gain privileges.`, zh: `容器 ${name} 允许提权。` }
    const added: unknown = context.capabilities?.add
    for (const [i, port] of listOf(container.ports).entries()) if (Number(port.hostPort ?? 0) !== 0) yield { what: `hostPort ${known}`, path: `${place}.ports[${i}].hostPort`, en: `Container ${name} takes port ${String(port.hostPort)} of its node.`, zh: `容器 ${name} 占用了节点的端口 ${String(port.hostPort)}。` }
    for (const capability of Array.isArray(added) ? added : []) yield { what: `capability ${known} ${String(capability)}`, path: `${at}.capabilities.add`, en: `Container ${name} gets the capability ${String(capability)}.`, zh: `容器 ${name} 得到了 capability ${String(capability)}。` }
  }
}

function* contextPowers(context: Fields | undefined, path: string, known: string, who: string, zhWho: string): Iterable<Power> {
  if (context?.runAsUser === 0) yield { what: `root ${known}`, path: `${path}.runAsUser`, en: `The ${who} runs as root.`, zh: `${zhWho} 以 root 运行。` }
  for (const field of ['runAsGroup', 'fsGroup']) if (context?.[field] === 0) yield { what: `${field} 0 ${known}`, path: `${path}.${field}`, en: `The ${who} runs with root's group.`, zh: `${zhWho} 以 root 组运行。` }
  if (Array.isArray(context?.supplementalGroups) && context.supplementalGroups.includes(0)) yield { what: `supplementalGroups 0 ${known}`, path: `${path}.supplementalGroups`, en: `The ${who} runs with root's group.`, zh: `${zhWho} 以 root 组运行。` }
  if (context?.runAsNonRoot === false) yield { what: `may be root ${known}`, path: `${path}.runAsNonRoot`, en: `The ${who} is allowed to run as root.`, zh: `${zhWho} 允许以 root 运行。` }
  if (context?.seccompProfile?.type === 'Unconfined') yield { what: `unconfined ${known}`, path: `${path}.seccompProfile`, en: `The ${who} runs without a seccomp profile.`, zh: `${zhWho} 不使用 seccomp profile。` }
}

/** The disk of a node in a PersistentVolume gives a pod the same as a hostPath of its own. */
function nodeDiskOf({ object, ref }: Item): string | undefined {
  const field = ref.kind === 'PersistentVolume' && ['hostPath', 'local'].find((name) => object.spec?.[name])
  return field ? `spec.${field}` : undefined
}

export const privilegeKept: Constraint = {
  id: 'K5',
  title: { en: 'No new privilege', 'zh-CN': '不增加特权' },
  *check(comparison) {
    for (const { before, after } of pairs(comparison)) {
      const disk = nodeDiskOf(after)
      if (disk !== undefined && (!before || nodeDiskOf(before) === undefined)) yield { item: after, path: disk, en: `${nameOf(after.ref)} is a disk of a node.`, zh: `${nameOf(after.ref)} 使用的是节点的磁盘。` }
      const pod = podIn(after.object)
      if (!pod) continue
      const old = before && podIn(before.object)
      const had = new Set(old ? [...powersOf(old)].map(({ what }) => what) : [])
      for (const power of powersOf(pod, formerNames(before, after))) if (!had.has(power.what)) yield { item: after, path: power.path, en: power.en, zh: power.zh }
      if (old) yield* lostGuards(before, after, pod, old)
    }
  },
}

/** Dropped capabilities, runAsNonRoot, a seccomp profile and the refusal of escalation that were there and are not any more. */
function* lostGuards(before: Item, item: Item, pod: PodPlace, old: PodPlace): Iterable<Breach> {
  const guard = (context: Fields | undefined): string[] => [...(context?.runAsNonRoot === true ? ['runAsNonRoot'] : []), ...(context?.allowPrivilegeEscalation === false ? ['allowPrivilegeEscalation=false'] : []), ...(['RuntimeDefault', 'Localhost'].includes(context?.seccompProfile?.type as string) ? ['seccompProfile'] : []), ...((Array.isArray(context?.capabilities?.drop) ? context.capabilities.drop : []) as unknown[]).map((name) => `drop ${String(name)}`)]
  const everywhere = guard(pod.spec.securityContext)
  const protectedBy = (place: { container: Fields }): string[] => [...everywhere, ...guard(place.container.securityContext)]
  for (const { old: was, now: place } of partnersOf(before, item)) {
    if (!was || !place) continue
    const now = protectedBy(place)
    const lost = [...guard(old.spec.securityContext), ...guard(was.container.securityContext)].find((one) => !now.includes(one) && !(one.startsWith('drop ') && now.includes('drop ALL')))
    if (lost) yield { item, path: `${place.path}.securityContext`, en: `Container ${place.name} lost ${lost}.`, zh: `容器 ${place.name} 失去了 ${lost}。` }
  }
}

type Rule = { direction: 'ingress' | 'egress'; peers: Fields[]; ports: Fields[]; path: string }

function rulesOf(object: K8sObject): Rule[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => listOf(object.spec?.[direction]).map((rule, i) => ({ direction, peers: listOf(rule[direction === 'ingress' ? 'from' : 'to']), ports: listOf(rule.ports), path: `spec.${direction}[${i}]` })))
}

function typesOf(object: K8sObject): string[] {
  const types: unknown = object.spec?.policyTypes
  if (Array.isArray(types)) return types.map(String)
  return ['Ingress', ...(listOf(object.spec?.egress).length > 0 ? ['Egress'] : [])]
}

/** A name lookup may go anywhere: DNS rules without peers are common and open nothing else. */
function isDnsOnly(rule: Rule): boolean {
  return rule.direction === 'egress' && rule.ports.length > 0 && rule.ports.every((port) => port.port === 53 && port.endPort === undefined)
}

/** Every CIDR an object lets in or out, with its place. */
function cidrsOf({ object, ref }: Item): { cidr: string; path: string }[] {
  if (ref.kind === 'Service') return ((Array.isArray(object.spec?.loadBalancerSourceRanges) ? object.spec.loadBalancerSourceRanges : []) as unknown[]).map((cidr, i) => ({ cidr: String(cidr), path: `spec.loadBalancerSourceRanges[${i}]` }))
  if (ref.kind !== 'NetworkPolicy') return []
  return rulesOf(object).flatMap((rule) => rule.peers.flatMap((peer, i) => (peer.ipBlock ? [{ cidr: String(peer.ipBlock.cidr ?? ''), path: `${rule.path}.${rule.direction === 'ingress' ? 'from' : 'to'}[${i}].ipBlock.cidr` }] : [])))
}

function prefixOf(cidr: string): number {
  return Number(cidr.split('/')[1] ?? 32)
}

/** Is the whole of `inner` inside `outer`? */
function within(inner: string, outer: string): boolean {
  return inner.includes(':') === outer.includes(':') && prefixOf(inner) >= prefixOf(outer) && inBlock(inner.split('/')[0]!, outer)
}

/** Without a list of allowed ranges nothing wider than this may appear. */
const widest = 8

/** Does a policy select the pods of any of these objects? */
function restrictsAnybody(policy: Item, items: readonly Item[]): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(policy.object.spec?.podSelector)
  const wanted = listOf(matchExpressions).map(({ key, operator, values }) => ({ key: String(key), operator: String(operator), values: Array.isArray(values) ? values.map(String) : [] }))
  return items.some(({ object, ref }) => {
    const pod = podIn(object)
    return pod !== undefined && ref.namespace === policy.ref.namespace && selects({ matchLabels: fieldsOf(matchLabels), matchExpressions: wanted }, fieldsOf(pod.metadata.labels))
  })
}

export const policyKept: Constraint = {
  id: 'K6',
  title: { en: 'Policies stay, and open no more than asked', 'zh-CN': '保留策略，且放行范围不超出要求' },
  *check(comparison) {
    const { scenario, broken, given, answer } = comparison
    const mayGo = new Set(scenario.constraints.mayRemove.map((text) => text.split('/').at(-1)))
    const allowed = [...scenario.constraints.cidrs, ...broken.flatMap((item) => cidrsOf(item).map(({ cidr }) => cidr))]
    const openBefore = new Set(broken.filter(({ ref }) => ref.kind === 'NetworkPolicy').flatMap(({ object }) => rulesOf(object).filter((rule) => rule.peers.length === 0).map((rule) => rule.direction)))
    for (const item of broken) {
      if (!['NetworkPolicy', 'PodDisruptionBudget'].includes(item.ref.kind) || mayGo.has(item.ref.name)) continue
      const now = versionsOf(answer, item.key)
      if (now.length === 0) yield { item, en: `${nameOf(item.ref)} was removed.`, zh: `${nameOf(item.ref)} 被删除了。` }
      for (const after of now) for (const type of typesOf(item.object)) if (item.ref.kind === 'NetworkPolicy' && !typesOf(after.object).includes(type)) yield { item: after, path: 'spec.policyTypes', en: `${nameOf(item.ref)} no longer restricts ${type}.`, zh: `${nameOf(item.ref)} 不再限制 ${type}。` }
      if (item.ref.kind !== 'NetworkPolicy' || !(isEmptySelector(fieldsOf(item.object.spec?.podSelector)) || restrictsAnybody(item, [...broken, ...given]))) continue
      for (const after of now) if (!restrictsAnybody(after, [...answer, ...given]) && !isEmptySelector(fieldsOf(after.object.spec?.podSelector))) yield { item: after, path: 'spec.podSelector', en: `${nameOf(item.ref)} no longer selects any pod.`, zh: `${nameOf(item.ref)} 不再选中任何 Pod。` }
    }
    for (const item of answer) {
      for (const { cidr, path } of cidrsOf(item)) {
        const fits = scenario.constraints.cidrs.length > 0 ? allowed.some((range) => within(cidr, range)) : prefixOf(cidr) >= widest || allowed.includes(cidr)
        if (!fits) yield { item, path, en: `${cidr} is wider than asked.`, zh: `${cidr} 比要求的范围更宽。` }
      }
      if (item.ref.kind !== 'NetworkPolicy') continue
      for (const rule of rulesOf(item.object)) if (rule.peers.length === 0 && !openBefore.has(rule.direction) && !isDnsOnly(rule)) yield { item, path: rule.path, en: 'A rule without peers lets everybody through.', zh: '没有 peer 的规则对所有人放行。' }
    }
  },
}

/** Strings worth protecting inside a secret value: the value itself and, in JSON, its leaves that look like credentials. */
function secretStrings(value: string): string[] {
  const found = [value.trim()]
  try {
    const walk = (node: unknown, key: string): void => {
      if (typeof node === 'string' && /pass|token|secret|auth|key/i.test(key)) found.push(node)
      else if (node !== null && typeof node === 'object') for (const [name, inner] of Object.entries(node)) walk(inner, name)
    }
    walk(JSON.parse(value), '')
  } catch {
    return found
  }
  return found
}

/** Shorter strings are everywhere and prove nothing. */
const shortest = 6

function secretsOf(items: readonly Item[]): Set<string> {
  const values = new Set<string>()
  for (const { object, ref } of items) {
    if (ref.kind !== 'Secret') continue
    const plain = Object.values((object.stringData ?? {}) as Fields).filter((value) => typeof value === 'string') as string[]
    const decoded = Object.values((object.data ?? {}) as Fields).flatMap((value) => {
      try {
        return typeof value === 'string' ? [decodeBase64(value)] : []
      } catch {
        return []
      }
    })
    for (const value of [...plain, ...decoded]) for (const text of secretStrings(value)) if (text.length >= shortest) values.add(text)
  }
  return values
}

/** The text with what stands in it base64-encoded read too: that is a way of writing, not of hiding. */
function readable(text: string): string {
  const decoded = (text.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? []).flatMap((word) => {
    try {
      return [decodeBase64(word.replaceAll('-', '+').replaceAll('_', '/'))]
    } catch {
      return []
    }
  })
  return [text, ...decoded].join('\n')
}

/** Every open text of an object, with its place: ConfigMap data, environment values, commands, arguments, headers, annotations and labels. */
function* openTexts({ object, ref }: Item): Iterable<{ path: string; text: string; name?: string }> {
  const map = function* (fields: unknown, path: string): Iterable<{ path: string; text: string }> {
    for (const [key, value] of Object.entries((fields ?? {}) as Fields)) yield { path: `${path}.${key}`, text: String(value) }
  }
  yield* map(object.metadata.annotations, 'metadata.annotations')
  yield* map(object.metadata.labels, 'metadata.labels')
  if (ref.kind === 'ConfigMap') for (const field of ['data', 'binaryData']) yield* map(object[field], field)
  const pod = podIn(object)
  if (!pod) return
  for (const field of ['annotations', 'labels']) yield* map(pod.metadata[field], `${pod.path.replace(/spec$/, '')}metadata.${field}`)
  for (const { container, path } of containersIn(pod)) {
    for (const [i, entry] of listOf(container.env).entries()) if (typeof entry.value === 'string') yield { path: `${path}.env[${i}].value`, text: entry.value, name: String(entry.name) }
    for (const field of ['command', 'args']) for (const [i, text] of ((Array.isArray(container[field]) ? container[field] : []) as unknown[]).entries()) yield { path: `${path}.${field}[${i}]`, text: String(text) }
    for (const place of ['livenessProbe', 'readinessProbe', 'startupProbe']) yield* handlerTexts(container[place], `${path}.${place}`)
    for (const hook of ['postStart', 'preStop']) yield* handlerTexts(fieldsOf(container.lifecycle)[hook], `${path}.lifecycle.${hook}`)
  }
}

/** What a probe or hook says or sends. */
function* handlerTexts(handler: unknown, path: string): Iterable<{ path: string; text: string }> {
  const { exec, httpGet } = fieldsOf(handler)
  const command: unknown = fieldsOf(exec).command
  for (const [i, text] of (Array.isArray(command) ? (command as unknown[]) : []).entries()) yield { path: `${path}.exec.command[${i}]`, text: String(text) }
  for (const [i, header] of listOf(fieldsOf(httpGet).httpHeaders).entries()) yield { path: `${path}.httpGet.httpHeaders[${i}].value`, text: String(header.value) }
  if (typeof fieldsOf(httpGet).path === 'string') yield { path: `${path}.httpGet.path`, text: String(fieldsOf(httpGet).path) }
}

export const secretsKept: Constraint = {
  id: 'K8',
  title: { en: 'Secret values stay in Secrets', 'zh-CN': '机密值只放在 Secret 里' },
  *check({ broken, given, answer }: Comparison) {
    const values = [...secretsOf([...broken, ...given, ...answer])].sort()
    const before = new Set(broken.flatMap((item) => [...openTexts(item)].map(({ text, name }) => `${item.key} ${name ?? ''} ${text}`)))
    for (const item of answer) {
      for (const { path, text, name } of openTexts(item)) {
        if (before.has(`${item.key} ${name ?? ''} ${text}`)) continue
        const open = readable(text)
        if (values.some((value) => open.includes(value))) yield { item, path, en: 'A value of a Secret stands here in plain text.', zh: '这里以明文写出了 Secret 的值。' }
        else if (name !== undefined && /(password|passwd|secret|token|api_?key|credential)/i.test(name) && text !== '' && !/[/$]/.test(text) && !/_(file|path|dir|ttl|name)$/i.test(name)) yield { item, path, en: `${name} is given in plain text.`, zh: `${name} 以明文写出。` }
      }
    }
  },
}
