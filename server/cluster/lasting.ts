/** Load and behaviour that steps put on a workload and that pods started later share: kept per cluster, renewed whenever its pods change. */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { keyOf, refOf } from '../k8s/object.ts'
import type { Millis } from '../k8s/duration.ts'
import type { LiveCluster } from './cluster.ts'
import { isPodReady } from './pods.ts'
import { podsOf } from './references.ts'
import type { RunningContainer } from './types.ts'

type Load = { factor: number; /** So many pods would have the factor each; what they bear together spreads over the pods that are ready. */ over: number | undefined }
type Behaviour = { mode: 'hang' | 'slow' | 'stop' | 'crash' | 'normal'; latency: Millis | undefined; newPodsToo: boolean }
type Lasting = { workload: Ref; load?: Load; behaviour?: Behaviour; /** Containers that have the behaviour, or had their turn before it. */ treated: WeakSet<RunningContainer>; loads: WeakMap<RunningContainer, number> }

const byCluster = new WeakMap<LiveCluster, Map<string, Lasting>>()

function lastingOf(cluster: LiveCluster, workload: Ref): Lasting {
  let all = byCluster.get(cluster)
  if (!all) {
    byCluster.set(cluster, (all = new Map()))
    const known = all
    cluster.watch(({ object, type }) => { if (object.kind === 'Pod' && type !== 'added') for (const one of known.values()) renew(cluster, one) })
  }
  let lasting = all.get(keyOf(workload))
  if (!lasting) all.set(keyOf(workload), (lasting = { workload, treated: new WeakSet(), loads: new WeakMap() }))
  return lasting
}

function activePods(cluster: LiveCluster, workload: Ref): K8sObject[] {
  return podsOf(cluster.view, workload).filter((pod) => !pod.metadata.deletionTimestamp)
}

/** Puts a load on the pods of a workload from now on. */
export function setLoad(cluster: LiveCluster, workload: Ref, factor: number, over: number | undefined): void {
  const lasting = lastingOf(cluster, workload)
  lasting.load = { factor, over }
  renew(cluster, lasting)
}

/** Makes the processes of a workload, or of its first `count` pods, behave from now on; gives the pods that were touched. */
export function setBehaviour(cluster: LiveCluster, workload: Ref, behaviour: Behaviour, count: number | undefined): K8sObject[] {
  const lasting = lastingOf(cluster, workload)
  const pods = activePods(cluster, workload).slice(0, count)
  lasting.behaviour = behaviour
  for (const pod of activePods(cluster, workload)) for (const container of cluster.runtime.containers(refOf(pod))) lasting.treated.add(container)
  for (const pod of pods) for (const container of cluster.runtime.containers(refOf(pod))) container.behave(behaviour.mode, behaviour.latency)
  return pods
}

function renew(cluster: LiveCluster, lasting: Lasting): void {
  const pods = activePods(cluster, lasting.workload)
  const { load, behaviour } = lasting
  const ready = pods.filter(isPodReady).length
  for (const pod of pods) {
    for (const container of cluster.runtime.containers(refOf(pod))) {
      if (container.exited) continue
      if (behaviour?.newPodsToo && !lasting.treated.has(container)) {
        lasting.treated.add(container)
        container.behave(behaviour.mode, behaviour.latency)
      }
      if (!load) continue
      const factor = load.over === undefined || ready === 0 ? load.factor : isPodReady(pod) ? (load.factor * load.over) / ready : 0
      if (lasting.loads.get(container) === factor) continue
      lasting.loads.set(container, factor)
      container.load(factor)
    }
  }
}
