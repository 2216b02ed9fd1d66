/** Goals about pods coming up, staying up and coming back: admitted, ready, noRestart, restarted, neverStarted, evicted. */
import type { K8sObject } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import { isPodReady } from '../pods.ts'
import { refFrom } from '../references.ts'
import type { Goal } from '../scenario.ts'
import type { TimelineEntry } from '../types.ts'
import { quoted } from './chinese.ts'
import { appContainers, entriesOf, existed, memberUids, relative } from './members.ts'
import type { Finding, Predicate } from './predicate.ts'
import { absent, endOf, met, missed, span, words } from './predicate.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

/** Readiness counts once it has lasted this long: a process that ends right after its start is ready for a moment when nothing probes it. */
const lastingMs = 10_000

export const admitted: Predicate<Spec<'admitted'>> = {
  says: ({ objects }) => (objects ? words(`The API server accepts ${objects.join(', ')}.`, `API server 接受 ${objects.join('、')}。`) : words('The API server accepts every object.', 'API server 接受所有对象。')),
  about: () => [],
  watch: (cluster, { objects }) => () => {
    const entries = cluster.timeline.filter((entry) => entry.kind === 'applied' && entry.at === cluster.appliedAt)
    const wanted = objects?.map((text) => refFrom(text, cluster.scenario.namespace))
    const chosen = wanted ? entries.filter((entry) => entry.ref && wanted.some((ref) => keyOf(ref) === keyOf(entry.ref!))) : entries
    const refused = chosen.find((entry) => entry.text === 'rejected')
    if (refused) return missed(0, words(`Refused: ${refused.data?.message as string}`, `被拒绝：${quoted(refused.data?.message as string)}`), [refused])
    const lacking = wanted?.find((ref) => !chosen.some((entry) => keyOf(entry.ref!) === keyOf(ref)))
    if (lacking || chosen.length === 0) return missed(0, words(`${lacking ? `${lacking.kind.toLowerCase()}/${lacking.name}` : 'Nothing'} was applied.`, lacking ? `${lacking.kind.toLowerCase()}/${lacking.name} 没有被提交。` : '没有提交任何对象。'))
    return met(0, words('All were accepted.', '全部被接受。'), chosen)
  },
}

/** Are all wanted replicas of the newest template ready? `replicas` undefined: as many as the object asks for. */
function isReady(object: K8sObject, replicas: number | undefined): boolean {
  const status = object.status ?? {}
  if (object.kind === 'Pod') return isPodReady(object) && !object.metadata.deletionTimestamp
  if (object.kind === 'Job') return status.conditions?.some((condition: { type: string; status: string }) => condition.type === 'Complete' && condition.status === 'True') ?? false
  const observed = (status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0)
  if (object.kind === 'DaemonSet') return observed && (status.numberReady ?? 0) >= Math.max(replicas ?? status.desiredNumberScheduled ?? 0, 1) && (status.updatedNumberScheduled ?? 0) >= (status.desiredNumberScheduled ?? 0)
  const wanted = replicas ?? Math.max(object.spec?.replicas ?? 1, 1)
  if (object.kind === 'ReplicaSet') return observed && (status.readyReplicas ?? 0) >= wanted
  const onlyNew = (status.updatedReplicas ?? 0) >= Math.min(wanted, object.spec?.replicas ?? 1) && (status.replicas ?? 0) <= (status.updatedReplicas ?? 0)
  return observed && onlyNew && (status.readyReplicas ?? 0) >= wanted
}

export const ready: Predicate<Spec<'ready'>> = {
  says: ({ workload, within, after, replicas }) => {
    const [time, from] = [span(within), span(after)]
    const count = replicas === undefined ? words('', '') : words(` with ${replicas} pods`, `（${replicas} 个 Pod）`)
    return after === 0 ? words(`${workload} is ready within ${time.en}${count.en}.`, `${workload}${count['zh-CN'] || ' '}在 ${time['zh-CN']}内就绪。`) : words(`${workload} is ready${count.en} within ${time.en} from ${from.en} on.`, `${workload}${count['zh-CN'] || ' '}从第 ${from['zh-CN']}起在 ${time['zh-CN']}内就绪。`)
  },
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch: (cluster, { workload, within, after, replicas }) => () => {
    const ref = refFrom(workload, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(workload)
    const versions = ref.kind === 'Service' ? servedOver(cluster, ref, replicas ?? 1) : cluster.store.history(ref).map(({ at, object }) => ({ at, is: object !== undefined && isReady(object, replicas) }))
    let since: Millis | undefined
    for (const [i, version] of versions.entries()) {
      const { is } = version
      if (is) since ??= version.at - cluster.appliedAt
      const next = versions[i + 1]
      const until = next ? next.at - cluster.appliedAt : Infinity
      if (is && until > after) {
        const from = Math.max(since!, after)
        const lasts = until - from >= lastingMs
        if (from <= after + within && lasts) return met(from, words(`Ready at ${span(from).en}.`, `第 ${span(from)['zh-CN']}就绪。`), lastFacts(cluster, ref, from))
        if (from > after + within) return missed(after + within, words(`Ready only at ${span(from).en}.`, `到第 ${span(from)['zh-CN']}才就绪。`))
      }
      if (!is) since = undefined
    }
    return missed(after + within, stateAt(cluster, ref, after + within))
  },
}

/** A Service is ready while so many of the pods it selects are, whoever made them: a goal that any kind of workload may meet. */
function servedOver(cluster: LiveCluster, service: ReturnType<typeof refFrom>, wanted: number): { at: Millis; is: boolean }[] {
  const ready = new Set<string>()
  return entriesOf(cluster, service, ['ready', 'pod-terminating', 'pod-deleted']).map((entry) => {
    if (entry.kind === 'ready' && entry.data?.ready === true) ready.add(entry.data.uid as string)
    else ready.delete(entry.data?.uid as string)
    return { at: entry.at, is: ready.size >= wanted }
  })
}

/** What the workload's pods looked like at a moment: `0 of 2 pods were ready; newest state CrashLoopBackOff`. */
function stateAt(cluster: LiveCluster, ref: ReturnType<typeof refFrom>, at: Millis): Finding['because'] {
  const facts = entriesOf(cluster, ref, ['container-state']).filter((entry) => relative(cluster, entry) <= at)
  const last = facts[facts.length - 1]
  const pods = memberUids(cluster, ref).size
  if (pods === 0) return words('No pod was created.', '没有创建任何 Pod。')
  if (!last) return words('No container started; the pods are waiting.', '没有容器启动，Pod 仍在等待。')
  return words(`Not ready by then; the last state of container ${last.container} was ${last.text || 'waiting'}.`, `到时仍未就绪；容器 ${last.container} 的最后状态是 ${last.text || 'waiting'}。`)
}

/** The last few facts about the workload's pods up to a moment. */
export function lastFacts(cluster: LiveCluster, ref: ReturnType<typeof refFrom>, at: Millis, count = 6): TimelineEntry[] {
  return entriesOf(cluster, ref, ['container-state', 'ready', 'pod-phase', 'pod-placed', 'pod-terminating']).filter((entry) => relative(cluster, entry) <= at).slice(-count)
}

/** Containers of the workload's pods that a goal without a name means: those that keep running. */
function isMeant(cluster: LiveCluster, entry: TimelineEntry, container: string | undefined): boolean {
  if (container !== undefined) return entry.container === container
  const pod = cluster.store.history(entry.ref!).find((version) => version.object?.metadata.uid === entry.data?.uid)?.object
  return pod !== undefined && appContainers(pod).includes(entry.container ?? '')
}

export const noRestart: Predicate<Spec<'noRestart'>> = {
  says: ({ workload, container, from, until }) => {
    const who = container === undefined ? workload : `${workload} (${container})`
    if (until === undefined && from === 0) return words(`No container of ${who} restarts.`, `${who} 的容器不重启。`)
    const [start, end] = [span(from), until === undefined ? words('the end', '结束') : span(until)]
    return words(`No container of ${who} restarts between ${start.en} and ${end.en}.`, `从第 ${start['zh-CN']}到${until === undefined ? '' : '第 '}${end['zh-CN']}，${who} 的容器不重启。`)
  },
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch: (cluster, { workload, container, from, until = endOf(cluster) }) => () => {
    const ref = refFrom(workload, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(workload)
    const entries = entriesOf(cluster, ref, ['container-state', 'pod-terminating'])
    const leaving = new Set<string>()
    const restarts = new Map<string, number>()
    let ran = false
    for (const entry of entries) {
      const uid = entry.data?.uid as string
      if (entry.kind === 'pod-terminating') {
        leaving.add(uid)
        continue
      }
      if (!isMeant(cluster, entry, container)) continue
      const key = `${uid} ${entry.container}`
      const count = (entry.data?.restarts as number | undefined) ?? 0
      const at = relative(cluster, entry)
      const again = count > (restarts.get(key) ?? 0)
      const ended = entry.data?.exitCode !== undefined && entry.text !== 'running'
      restarts.set(key, count)
      if (entry.text === 'running') ran = true
      if (at < from || at > until || leaving.has(uid) || !(again || ended)) continue
      const how = (entry.data?.ended as string | undefined) ?? entry.text
      const code = entry.data?.exitCode === undefined ? words('', '') : words(`, exit code ${entry.data.exitCode as number}`, `，退出码 ${entry.data.exitCode as number}`)
      return missed(at, words(`Container ${entry.container} of ${entry.ref!.name} ended at ${span(at).en} (${how}${code.en}).`, `第 ${span(at)['zh-CN']}，${entry.ref!.name} 的容器 ${entry.container} 退出（${how}${code['zh-CN']}）。`), [entry])
    }
    if (!ran) return missed(until, words('No container ever ran, so nothing was shown.', '没有容器运行过，什么也无法证明。'))
    return met(until, words('None restarted.', '没有重启。'))
  },
}

/** Uids of the pods whose processes a step (hang, stop, crash) touched at or after a moment. */
export function touchedPods(cluster: LiveCluster, after: Millis): ReadonlySet<string> {
  return new Set(cluster.timeline.filter((entry) => entry.kind === 'behaved' && relative(cluster, entry) >= after - 1000 && entry.data?.mode !== 'normal').map((entry) => entry.data?.uid as string))
}

export const restarted: Predicate<Spec<'restarted'>> = {
  says: ({ workload, container, after, within, serving }) => {
    const who = container === undefined ? workload : `${workload} (${container})`
    const [start, time] = [span(after), span(within)]
    return serving ? words(`A hang of ${who} at ${start.en} is over and serving again within ${time.en}.`, `${who} 在第 ${start['zh-CN']}卡死后，${time['zh-CN']}内重新提供服务。`) : words(`A hang of ${who} at ${start.en} is noticed and the container killed within ${time.en}.`, `${who} 在第 ${start['zh-CN']}卡死后，${time['zh-CN']}内被发现，容器被终止。`)
  },
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch: (cluster, { workload, container, after, within, serving }) => () => {
    const ref = refFrom(workload, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(workload)
    const uids = memberUids(cluster, ref)
    const targets = [...touchedPods(cluster, after)].filter((uid) => uids.has(uid))
    const kills = killsOf(cluster, uids, container, after)
    const decided = (uid: string): TimelineEntry | undefined => kills.find((entry) => podUid(cluster, entry) === uid)
    const first = targets.length > 0 ? targets.map(decided) : [kills[0]]
    const late = first.some((entry) => entry === undefined || relative(cluster, entry) > after + within)
    const seen = first.filter((entry) => entry !== undefined)
    const last = seen.reduce<TimelineEntry | undefined>((latest, entry) => (latest === undefined || entry.at > latest.at ? entry : latest), undefined)
    if (late || !last) return missed(after + within, last ? words(`Killed only at ${span(relative(cluster, last)).en}.`, `到第 ${span(relative(cluster, last))['zh-CN']}才被终止。`) : words('Nothing killed the hung container.', '卡死的容器没有被终止。'), seen)
    if (!serving) return met(relative(cluster, last), words(`Killed at ${span(relative(cluster, last)).en}.`, `第 ${span(relative(cluster, last))['zh-CN']}被终止。`), seen)
    return servingAgain(cluster, ref, seen, after + within)
  },
}

/** Killing decisions of probes and restarts of the meant containers from a moment on, in order. Not by events: a busy pod's are dropped after a while. */
function killsOf(cluster: LiveCluster, uids: ReadonlySet<string>, container: string | undefined, after: Millis): TimelineEntry[] {
  const before = new Map<string, number>()
  return cluster.timeline.filter((entry) => {
    if (!uids.has(podUid(cluster, entry) ?? '')) return false
    if (entry.kind === 'probe-kill') return relative(cluster, entry) >= after && (container === undefined || entry.container === container)
    if (entry.kind !== 'container-state' || !isMeant(cluster, entry, container)) return false
    const key = `${entry.data?.uid as string} ${entry.container}`
    const count = (entry.data?.restarts as number | undefined) ?? 0
    const again = count > (before.get(key) ?? 0)
    before.set(key, count)
    return again && relative(cluster, entry) >= after
  })
}

/** The uid of the pod an entry is about; events carry only a name, so the pod of that name at that moment counts. */
function podUid(cluster: LiveCluster, entry: TimelineEntry): string | undefined {
  if (entry.data?.uid !== undefined) return entry.data.uid as string
  if (entry.ref?.kind !== 'Pod') return undefined
  const versions = cluster.store.history(entry.ref).filter((version) => version.at <= entry.at && version.object)
  return versions[versions.length - 1]?.object?.metadata.uid
}

function servingAgain(cluster: LiveCluster, ref: ReturnType<typeof refFrom>, kills: readonly TimelineEntry[], deadline: Millis): Finding {
  const facts = entriesOf(cluster, ref, ['ready']).filter((entry) => entry.data?.ready === true)
  const back = kills.map((kill) => facts.find((entry) => entry.at >= kill.at && entry.data?.uid === podUid(cluster, kill)))
  const last = back.reduce<TimelineEntry | undefined>((latest, entry) => (entry && (!latest || entry.at > latest.at) ? entry : latest), undefined)
  if (!last || back.includes(undefined) || relative(cluster, last) > deadline) return missed(deadline, words('The container was killed but was not serving again in time.', '容器被终止，但没有按时恢复服务。'), [...kills, ...back.filter((entry) => entry !== undefined)])
  return met(relative(cluster, last), words(`Serving again at ${span(relative(cluster, last)).en}.`, `第 ${span(relative(cluster, last))['zh-CN']}恢复服务。`), [...kills, last])
}

export const neverStarted: Predicate<Spec<'neverStarted'>> = {
  says: ({ workload, container, until }) => (until === undefined ? words(`Container ${container} of ${workload} never starts.`, `${workload} 的容器 ${container} 始终不启动。`) : words(`Container ${container} of ${workload} does not start before ${span(until).en}.`, `在第 ${span(until)['zh-CN']}之前，${workload} 的容器 ${container} 不启动。`)),
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch: (cluster, { workload, container, until = endOf(cluster) }) => () => {
    const ref = refFrom(workload, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(workload)
    const uids = memberUids(cluster, ref)
    if (uids.size === 0) return missed(until, words('No pod was created, so nothing was shown.', '没有创建任何 Pod，什么也无法证明。'))
    const start = entriesOf(cluster, ref, ['container-state']).find((entry) => entry.container === container && (entry.text === 'running' || entry.data?.exitCode !== undefined) && relative(cluster, entry) <= until)
    if (start) return missed(relative(cluster, start), words(`${container} started at ${span(relative(cluster, start)).en}.`, `${container} 在第 ${span(relative(cluster, start))['zh-CN']}启动了。`), [start])
    const named = [...uids].some((uid) => cluster.timeline.some((entry) => entry.kind === 'pod-created' && entry.data?.uid === uid && cluster.store.history(entry.ref!).some((version) => version.object?.metadata.uid === uid && appContainers(version.object).includes(container))))
    return named ? met(until, words('It never started.', '它没有启动过。')) : missed(until, words(`No pod has a container ${container}.`, `没有任何 Pod 含有容器 ${container}。`))
  },
}

export const evicted: Predicate<Spec<'evicted'>> = {
  says: ({ workload, expect }) => (expect === 'no' ? words(`No pod of ${workload} is evicted by the kubelet.`, `${workload} 的 Pod 不被 kubelet 驱逐。`) : words(`A pod of ${workload} is evicted by the kubelet.`, `${workload} 有 Pod 被 kubelet 驱逐。`)),
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch: (cluster, { workload, expect }) => () => {
    const ref = refFrom(workload, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(workload)
    const entries = entriesOf(cluster, ref, ['pod-phase'])
    const found = entries.find((entry) => entry.data?.reason === 'Evicted')
    const end = endOf(cluster)
    if (found) {
      const at = relative(cluster, found)
      const because = words(`${found.ref!.name} was evicted at ${span(at).en}.`, `第 ${span(at)['zh-CN']}，${found.ref!.name} 被驱逐。`)
      return expect === 'yes' ? met(at, because, [found]) : missed(at, because, [found])
    }
    if (expect === 'no' && !entries.some((entry) => entry.text === 'Running')) return missed(end, words('No pod ever ran, so nothing was shown.', '没有 Pod 运行过，什么也无法证明。'))
    return expect === 'no' ? met(end, words('None was evicted.', '没有 Pod 被驱逐。')) : missed(end, words('None was evicted.', '没有 Pod 被驱逐。'))
  },
}

