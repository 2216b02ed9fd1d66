/** Goals about where pods run and how many: scheduled, scale, drain. */
import { keyOf } from '../../k8s/object.ts'
import { refFrom } from '../references.ts'
import type { LiveCluster } from '../cluster.ts'
import type { Goal } from '../scenario.ts'
import type { TimelineEntry } from '../types.ts'
import { isPodReady } from '../pods.ts'
import { quoted } from './chinese.ts'
import { activePods, entriesOf, existed, relative } from './members.ts'
import type { Predicate } from './predicate.ts'
import { absent, endOf, lookAt, lookEvery, met, missed, span, words } from './predicate.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

export const scheduled: Predicate<Spec<'scheduled'>> = {
  says({ workload, nodes, atLeast, differing }) {
    const where = nodes && words(`on ${nodes.join(', ')} only${atLeast === undefined ? '' : `, at least ${atLeast} of them`}`, `只运行在 ${nodes.join('、')} 上${atLeast === undefined ? '' : `，至少 ${atLeast} 个`}`)
    const apart = differing === undefined ? undefined : words(`on ${differing} different nodes at least`, `至少分布在 ${differing} 个不同的节点上`)
    const both = [where, apart].filter((one) => one !== undefined)
    return both.length === 0 ? words(`Pods of ${workload} are placed on nodes.`, `${workload} 的 Pod 被调度到节点上。`) : words(`Pods of ${workload} run ${both.map((one) => one.en).join(', and ')}.`, `${workload} 的 Pod ${both.map((one) => one['zh-CN']).join('，并且')}。`)
  },
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, { workload, nodes, atLeast = 1, differing = 0 }) {
    const ref = refFrom(workload, cluster.scenario.namespace)
    const end = endOf(cluster)
    let placed: string[] | undefined
    lookAt(cluster, end, `scheduled ${keyOf(ref)}`, () => { placed = activePods(cluster, ref).flatMap((pod) => (pod.spec?.nodeName && (nodes?.includes(pod.spec.nodeName) ?? true) ? [pod.spec.nodeName as string] : [])) })
    return () => {
      if (!existed(cluster, ref)) return absent(workload)
      const wrong = nodes && entriesOf(cluster, ref, ['pod-placed']).find((entry) => entry.at >= cluster.appliedAt && !nodes.includes(entry.text))
      if (wrong) return missed(relative(cluster, wrong), words(`${wrong.ref!.name} was placed on ${wrong.text}.`, `${wrong.ref!.name} 被调度到 ${wrong.text}。`), [wrong])
      if (placed === undefined) return { verdict: 'undecided', at: end, because: words('The run ended before this could be seen.', '还没来得及观察，运行就结束了。') }
      const evidence = entriesOf(cluster, ref, ['pod-placed']).slice(-5)
      if (placed.length < atLeast) return missed(end, words(`Only ${placed.length} pods are there.`, `只有 ${placed.length} 个 Pod 在那里。`), evidence)
      const apart = new Set(placed).size
      if (apart < differing) return missed(end, words(`${placed.length} pods are on ${apart} ${apart === 1 ? 'node' : 'nodes'} only.`, `${placed.length} 个 Pod 只分布在 ${apart} 个节点上。`), evidence)
      return met(end, differing > 0 ? words(`${placed.length} pods are on ${apart} nodes.`, `${placed.length} 个 Pod 分布在 ${apart} 个节点上。`) : words(`${placed.length} pods are there.`, `有 ${placed.length} 个 Pod 在那里。`), evidence)
    }
  },
}

export const scale: Predicate<Spec<'scale'>> = {
  says({ workload, min, max, after, within }) {
    const count = max === undefined ? words(`at least ${min}`, `至少 ${min} 个`) : min === max ? words(`${min}`, ` ${min} 个`) : words(`${min} to ${max}`, ` ${min} 到 ${max} 个`)
    return words(`${workload} has ${count.en} ready pods within ${span(within).en} from ${span(after).en} on.`, `从第 ${span(after)['zh-CN']}起 ${span(within)['zh-CN']}内，${workload} 有${count['zh-CN']}就绪的 Pod。`)
  },
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, { workload, min, max = Infinity, after, within }) {
    const ref = refFrom(workload, cluster.scenario.namespace)
    let reached: number | undefined
    let last = { ready: 0, all: 0 }
    lookEvery(cluster, after, Math.min(after + within, endOf(cluster)), 1000, `scale ${keyOf(ref)}`, (at) => {
      if (reached !== undefined) return
      const pods = activePods(cluster, ref)
      last = { ready: pods.filter(isPodReady).length, all: pods.length }
      if (last.ready >= min && last.all <= max) reached = at
    })
    return () => {
      if (!existed(cluster, ref)) return absent(workload)
      const facts = entriesOf(cluster, ref, ['ready']).filter((entry) => relative(cluster, entry) <= (reached ?? after + within)).slice(-4)
      if (reached !== undefined) return met(reached, words(`${last.ready} pods were ready at ${span(reached).en}.`, `第 ${span(reached)['zh-CN']}时有 ${last.ready} 个 Pod 就绪。`), facts)
      return missed(after + within, words(`By then ${last.all} pods were there, ${last.ready} of them ready.`, `到时共有 ${last.all} 个 Pod，其中 ${last.ready} 个就绪。`), facts)
    }
  },
}

export const drain: Predicate<Spec<'drain'>> = {
  says: ({ node, within }) => words(`Draining ${node} ends within ${span(within).en}.`, `对 ${node} 的排空在 ${span(within)['zh-CN']}内完成。`),
  about: () => [],
  watch: (cluster, { node, within }) => () => {
    const about = cluster.timeline.filter((entry) => entry.ref?.kind === 'Node' && entry.ref.name === node && entry.kind.startsWith('drain-'))
    const start = about.find((entry) => entry.kind === 'drain-started')
    const end = about.find((entry) => entry.kind === 'drain-finished')
    if (!start) {
      const refused = drainRefusal(cluster, node)
      const why = refused ? words(` ${refused.text}`, `服务器的答复是${quoted(refused.text)}。`) : words('', '')
      return { verdict: 'undecided', at: endOf(cluster), because: words(`No drain was started.${why.en}`, `没有开始排空。${why['zh-CN']}`), ...(refused ? { evidence: [refused] } : {}) }
    }
    const from = relative(cluster, start)
    if (end && end.at - start.at <= within) return met(relative(cluster, end), words(`It took ${span(end.at - start.at).en}.`, `用时 ${span(end.at - start.at)['zh-CN']}。`), [start, end])
    const refusals = cluster.timeline.filter((entry) => entry.kind === 'evict-refused' && entry.at >= start.at).slice(0, 2)
    const why = refusals[0] ? words(` ${refusals[0].ref!.name}: ${refusals[0].text}`, `对 ${refusals[0].ref!.name} 的驱逐被拒绝：${quoted(refusals[0].text)}。`) : words('', '')
    return missed(from + within, words(`Not finished by then.${why.en}`, `到时没有完成。${why['zh-CN']}`), [start, ...refusals])
  },
}

/** What the server said to a drain of the node that it refused at once: the entry that follows its step. */
function drainRefusal(cluster: LiveCluster, node: string): TimelineEntry | undefined {
  const at = cluster.timeline.findIndex(({ kind, text, data }) => kind === 'step' && text === 'drain' && (data?.drain as { node?: string } | undefined)?.node === node)
  const next = at < 0 ? undefined : cluster.timeline[at + 1]
  return next?.kind === 'step-refused' ? next : undefined
}
