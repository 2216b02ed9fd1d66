/** Goals about what programs print: logs. */
import type { Ref } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import { refFrom } from '../references.ts'
import type { NodeRuntime } from '../runtime/index.ts'
import type { Goal } from '../scenario.ts'
import type { RunningContainer, TimelineEntry } from '../types.ts'
import { quoted } from './chinese.ts'
import { existed, memberUids } from './members.ts'
import type { Predicate } from './predicate.ts'
import { absent, endOf, lookEvery, met, missed, span, words } from './predicate.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

/** Often enough that a log which keeps only its newest repeated lines loses none unread. */
const readEveryMs = 60_000

/** Every process a pod ever had, also those whose pod is gone: collected as they end, and completed with those that still run. */
function collect(cluster: LiveCluster): () => ReadonlySet<RunningContainer> {
  const seen = new Set<RunningContainer>()
  const runtime = cluster.runtime as Partial<NodeRuntime>
  runtime.watch?.((container) => { if (container.exited) seen.add(container) })
  return () => {
    for (const pod of cluster.view.list('Pod')) for (const container of cluster.runtime.containers(refOf(pod))) seen.add(container)
    return seen
  }
}

/** The uid of the pod a process belonged to: a later pod may have its name. */
function uidOf(cluster: LiveCluster, { spec, startedAt }: RunningContainer): string | undefined {
  return cluster.store.history(spec.pod).filter((version) => version.at <= startedAt && version.object).at(-1)?.object?.metadata.uid
}

type Line = { at: Millis; line: string; pod: Ref; container: string }

export const logs: Predicate<Spec<'logs'>> = {
  says({ workload, container, line, expect, from, until }) {
    const who = container === undefined ? workload : `${workload} (${container})`
    const time = until === undefined ? (from === 0 ? words('', '') : words(` from ${span(from).en} on`, `从第 ${span(from)['zh-CN']}起，`)) : words(` from ${span(from).en} to ${span(until).en}`, `从第 ${span(from)['zh-CN']}到第 ${span(until)['zh-CN']}，`)
    return expect === 'yes' ? words(`A line of the log of ${who} matches \`${line}\`${time.en}.`, `${time['zh-CN']}${who} 的日志中出现匹配 \`${line}\` 的行。`) : words(`No line of the log of ${who} matches \`${line}\`${time.en}.`, `${time['zh-CN']}${who} 的日志中不出现匹配 \`${line}\` 的行。`)
  },
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, { workload, container, line, expect, from, until = endOf(cluster) }) {
    const ref = refFrom(workload, cluster.scenario.namespace)
    const pattern = new RegExp(line, 'u')
    const processes = collect(cluster)
    lookEvery(cluster, 0, endOf(cluster), readEveryMs, `logs ${keyOf(ref)}`, () => { for (const one of processes()) void one.log })
    return () => {
      if (!existed(cluster, ref)) return absent(workload)
      const uids = memberUids(cluster, ref)
      const own = [...processes()].filter((one) => (container === undefined || one.spec.name === container) && uids.has(uidOf(cluster, one) ?? ''))
      const lines = own.flatMap((one) => one.log.map(({ at, line: text }): Line => ({ at: at - cluster.appliedAt, line: text, pod: one.spec.pod, container: one.spec.name }))).filter(({ at }) => at >= from && at <= until).sort((a, b) => a.at - b.at)
      const entryOf = ({ at, line: text, pod, container: name }: Line): TimelineEntry => ({ at: at + cluster.appliedAt, kind: 'log', ref: pod, container: name, text })
      const found = lines.find((one) => pattern.test(one.line))
      if (found) {
        const because = words(`${found.pod.name} printed it at ${span(found.at).en}: ${found.line}`, `第 ${span(found.at)['zh-CN']}，${found.pod.name} 打印了${quoted(found.line)}。`)
        return expect === 'yes' ? met(found.at, because, [entryOf(found)]) : missed(found.at, because, [entryOf(found)])
      }
      if (own.length === 0) return missed(until, words('No container ever ran, so nothing was shown.', '没有容器运行过，什么也无法证明。'))
      const because = words(`None of ${lines.length} lines matches.`, `${lines.length} 行日志中没有匹配的行。`)
      return expect === 'yes' ? missed(until, because, lines.slice(-3).map(entryOf)) : met(until, because, lines.slice(-3).map(entryOf))
    }
  },
}
