/** Goals about the requests of load generators: noLoss, share. */
import { keyOf } from '../../k8s/object.ts'
import { refFrom } from '../references.ts'
import type { Goal } from '../scenario.ts'
import { complaintInChinese } from './chinese.ts'
import { existed, memberUids, relative } from './members.ts'
import type { Predicate } from './predicate.ts'
import { absent, endOf, met, missed, span, words } from './predicate.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

const firstShown = 3

export const noLoss: Predicate<Spec<'noLoss'>> = {
  says({ traffic, from, until, atMost }) {
    const time = until === undefined ? words(`from ${span(from).en} on`, `从第 ${span(from)['zh-CN']}起`) : words(`from ${span(from).en} to ${span(until).en}`, `从第 ${span(from)['zh-CN']}到第 ${span(until)['zh-CN']}`)
    return atMost === 0 ? words(`Traffic "${traffic}" loses no request ${time.en}.`, `${time['zh-CN']}，流量“${traffic}”不丢失任何请求。`) : words(`Traffic "${traffic}" loses at most ${atMost} requests ${time.en}.`, `${time['zh-CN']}，流量“${traffic}”最多丢失 ${atMost} 个请求。`)
  },
  about: () => [],
  watch: (cluster, { traffic, from, until = endOf(cluster), atMost }, generators) => () => {
    const record = generators.of(traffic)
    if (!record) throw new Error(`run ${cluster.run.name} has no traffic called ${traffic}`)
    const sent = record.sent(from, until)
    if (sent === 0) return missed(until, words('No request was sent, so nothing was shown.', '没有发出任何请求，什么也无法证明。'))
    const lost = record.lost(from, until)
    if (lost.length <= atMost) return met(until, words(`${sent} sent, ${lost.length} lost.`, `发出 ${sent} 个，丢失 ${lost.length} 个。`))
    const first = lost[atMost]!
    const entries = cluster.timeline.filter((entry) => entry.kind === 'request-lost' && entry.data?.traffic === traffic && relative(cluster, entry) >= from && relative(cluster, entry) <= until).slice(0, firstShown)
    return missed(first.at, words(`${sent} sent, ${lost.length} lost, the first of them after ${span(lost[0]!.at).en}: ${lost[0]!.error}.`, `发出 ${sent} 个，丢失 ${lost.length} 个，第一个在第 ${span(lost[0]!.at)['zh-CN']}：${complaintInChinese(lost[0]!.error)}。`), entries)
  },
}

export const share: Predicate<Spec<'share'>> = {
  says: ({ traffic, workload, min, max }) => words(`${workload} answers ${Math.round(min * 100)} to ${Math.round(max * 100)} % of traffic "${traffic}".`, `${workload} 应答流量“${traffic}”的 ${Math.round(min * 100)}% 到 ${Math.round(max * 100)}%。`),
  about: () => [],
  watch: (cluster, { traffic, workload, min, max, from }, generators) => () => {
    const ref = refFrom(workload, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(workload)
    const record = generators.of(traffic)
    if (!record) throw new Error(`run ${cluster.run.name} has no traffic called ${traffic}`)
    const end = endOf(cluster)
    const uids = memberUids(cluster, ref)
    const answers = [...record.byPod(from, end)]
    const all = [...record.byWorkload(from, end).values()].reduce((sum, count) => sum + count, 0)
    if (all === 0) return missed(end, words('No request was answered.', '没有请求得到应答。'))
    const own = record.byWorkload(from, end).get(keyOf(ref)) ?? answers.filter(([uid]) => uids.has(uid)).reduce((sum, [, count]) => sum + count, 0)
    const part = own / all
    const because = words(`It answered ${own} of ${all}, ${(part * 100).toFixed(1)} %.`, `它应答了 ${all} 个中的 ${own} 个，即 ${(part * 100).toFixed(1)}%。`)
    return part >= min && part <= max ? met(end, because) : missed(end, because)
  },
}
