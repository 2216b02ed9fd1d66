/** Goals about work that ends and work that must not double: completes, neverTwoActive, singleWriter. */
import type { K8sObject, Ref } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import { controllerOf } from '../pods.ts'
import { podsOf, refFrom } from '../references.ts'
import type { Goal } from '../scenario.ts'
import { existed } from './members.ts'
import type { Predicate } from './predicate.ts'
import { absent, endOf, lookEvery, met, missed, span, words } from './predicate.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

function isComplete(job: K8sObject): boolean {
  return job.status?.conditions?.some((condition: { type: string; status: string }) => condition.type === 'Complete' && condition.status === 'True') ?? false
}

function failureOf(job: K8sObject): string | undefined {
  return job.status?.conditions?.find((condition: { type: string; status: string }) => condition.type === 'Failed' && condition.status === 'True')?.reason
}

export const completes: Predicate<Spec<'completes'>> = {
  says: ({ job, within, failures }) => words(`${job} completes within ${span(within).en}${failures === undefined ? '' : ` with at most ${failures} failed pods`}.`, `${job} 在 ${span(within)['zh-CN']}内完成${failures === undefined ? '' : `，失败的 Pod 不超过 ${failures} 个`}。`),
  about: ({ job }, namespace) => [refFrom(job, namespace)],
  watch: (cluster, { job, within, failures = Infinity }) => () => {
    const ref = refFrom(job, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(job)
    const names = ref.kind === 'CronJob' ? jobsOf(cluster, ref) : [ref]
    for (const one of names) {
      for (const version of cluster.store.history(one)) {
        const at = version.at - cluster.appliedAt
        if (!version.object || at > within || !isComplete(version.object)) continue
        const failed = (version.object.status?.failed ?? 0) as number
        return failed <= failures ? met(at, words(`Complete after ${span(at).en}, ${failed} pods failed.`, `第 ${span(at)['zh-CN']}完成，失败的 Pod ${failed} 个。`)) : missed(at, words(`${failed} pods failed before it completed.`, `完成之前有 ${failed} 个 Pod 失败。`))
      }
    }
    const last = names.flatMap((one) => cluster.store.history(one).flatMap((version) => (version.object ? [version.object] : []))).pop()
    const why = last && failureOf(last)
    return missed(within, why ? words(`The Job failed: ${why}.`, `Job 失败：${why}。`) : words('Not complete by then.', '到时没有完成。'))
  },
}

/** Every Job a CronJob ever started, in order of appearance. */
function jobsOf(cluster: LiveCluster, cron: Ref): Ref[] {
  const names = new Set<string>()
  for (const entry of cluster.timeline) {
    if (entry.kind !== 'pod-created' || entry.ref?.namespace !== cron.namespace) continue
    const pod = cluster.store.history(entry.ref).find((version) => version.object?.metadata.uid === entry.data?.uid)?.object
    const owner = pod && controllerOf(pod)
    if (owner?.kind === 'Job') names.add(owner.name)
  }
  return [...names].map((name) => ({ kind: 'Job', namespace: cron.namespace, name })).filter((ref) => cluster.store.history(ref).some((version) => version.object && controllerOf(version.object)?.name === cron.name))
}

export const neverTwoActive: Predicate<Spec<'neverTwoActive'>> = {
  says: ({ cronjob }) => words(`${cronjob} never has two active Jobs.`, `${cronjob} 从不同时有两个活动的 Job。`),
  about: ({ cronjob }, namespace) => [refFrom(cronjob, namespace)],
  watch: (cluster, { cronjob }) => () => {
    const ref = refFrom(cronjob, cluster.scenario.namespace)
    if (!existed(cluster, ref)) return absent(cronjob)
    if (jobsOf(cluster, ref).length === 0) return missed(endOf(cluster), words('It never started a Job.', '它没有启动过任何 Job。'))
    const two = cluster.store.history(ref).find((version) => ((version.object?.status?.active ?? []) as unknown[]).length > 1)
    if (two) return missed(two.at - cluster.appliedAt, words(`Two Jobs were active after ${span(two.at - cluster.appliedAt).en}.`, `第 ${span(two.at - cluster.appliedAt)['zh-CN']}有两个 Job 同时活动。`))
    return met(endOf(cluster), words('Never more than one.', '始终不超过一个。'))
  },
}

export const singleWriter: Predicate<Spec<'singleWriter'>> = {
  says: ({ workload, from }) => words(`From ${span(from).en} on, ${workload} never has two active writers.`, `从第 ${span(from)['zh-CN']}起，${workload} 从不同时有两个活动的写入者。`),
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, { workload, from }) {
    const ref = refFrom(workload, cluster.scenario.namespace)
    let two: { at: number; names: string[] } | undefined
    let one = false
    lookEvery(cluster, from, endOf(cluster), 500, `writer ${keyOf(ref)}`, (at) => {
      if (two) return
      const names = writersOf(cluster, ref)
      if (names.length > 0) one = true
      if (names.length > 1) two = { at, names }
    })
    return () => {
      if (!existed(cluster, ref)) return absent(workload)
      if (two) return missed(two.at, words(`After ${span(two.at).en} both ${two.names.join(' and ')} wrote.`, `第 ${span(two.at)['zh-CN']}，${two.names.join(' 和 ')} 同时在写。`))
      return one ? met(endOf(cluster), words('Never more than one.', '始终不超过一个。')) : missed(endOf(cluster), words('Nobody ever wrote.', '始终没有写入者。'))
    }
  },
}

/** Pods with an active writer, those that are ending included: they still write. */
function writersOf(cluster: LiveCluster, ref: Ref): string[] {
  const names = new Set<string>()
  const selected = ref.kind === 'Service' ? podsOf(cluster.view, ref) : undefined
  for (const pod of selected ?? cluster.view.list('Pod', ref.namespace)) {
    const owner = controllerOf(pod)
    const above = owner && (owner.kind === ref.kind ? owner : controllerOf(cluster.view.get(owner.kind, ref.namespace, owner.name) ?? pod))
    if (!selected && (above?.kind !== ref.kind || above.name !== ref.name)) continue
    if (cluster.runtime.containers({ kind: 'Pod', namespace: ref.namespace, name: pod.metadata.name }).some((container) => !container.exited && container.isActiveWriter())) names.add(pod.metadata.name)
  }
  return [...names]
}
