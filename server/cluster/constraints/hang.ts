/** K4, played: at the end of a run every program hangs, and a liveness probe that was changed must still find it out. */
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import { answerOf } from '../kubelet/asking.ts'
import type { ProbeTarget } from '../kubelet/probes.ts'
import { runProbe } from '../kubelet/probes.ts'
import { podsOf, refFrom } from '../references.ts'
import type { Scenario } from '../scenario.ts'
import type { RunningContainer } from '../types.ts'
import type { Item, Unfelt } from './items.ts'
import { itemsOf, listOf, pairs } from './items.ts'
import { partnersOf, runsBeside } from './partners.ts'

type Changed = { before: Item; after: Item; container: string; /** The container as it was. */ old: Fields; probe: Fields }

/** Where an exercise lets the program hang itself, its goals judge what comes of it. */
function letsHang(scenario: Scenario, keys: readonly string[], { spec }: RunningContainer): boolean {
  return spec.image.profile.deadlock !== undefined || scenario.runs.some(({ steps }) => steps.some(({ behave }) => behave?.mode === 'hang' && keys.includes(keyOf(refFrom(behave.workload, scenario.namespace)))))
}

/** The last thing that is done with a cluster: it is of no use afterwards. */
export function unfeltHangs(cluster: LiveCluster, broken: Readonly<Record<string, string>>, answer: Readonly<Record<string, string>>): Unfelt[] {
  const { scenario } = cluster
  return changedProbes(scenario, broken, answer).flatMap(({ before, after, container, old, probe }) => {
    const target = podsOf(cluster.view, after.ref).map((pod) => targetIn(cluster, pod, container)).find((one) => one && runProbe(probe, one).result !== 'failure')
    if (!target || letsHang(scenario, [before.key, after.key], target.running)) return []
    target.running.behave('hang')
    // A container that runs no described program has nothing that could hang.
    if (!target.running.isHung) return []
    const isFelt = (one: Fields, ports = target.ports): boolean => runProbe(one, { ...target, ports }).result === 'failure'
    return isFelt(old.livenessProbe as Fields, listOf(old.ports)) && !isFelt(probe) ? [{ key: after.key, container }] : []
  })
}

function changedProbes(scenario: Scenario, broken: Readonly<Record<string, string>>, answer: Readonly<Record<string, string>>): Changed[] {
  const [before, after] = [itemsOf(broken, scenario.namespace), itemsOf(answer, scenario.namespace)]
  return pairs({ scenario, broken: before, given: [], answer: after, unfelt: [] }).flatMap((pair) =>
    partnersOf(pair.before, pair.after).flatMap(({ old, now }): Changed[] => {
      const [was, probe] = [old?.container.livenessProbe as Fields | undefined, now?.container.livenessProbe as Fields | undefined]
      return now && was && probe && runsBeside(now) && JSON.stringify(was) !== JSON.stringify(probe) ? [{ before: pair.before!, after: pair.after, container: now.name, old: old!.container, probe }] : []
    }),
  )
}

/** What a probe of this container would ask, if it runs. */
function targetIn(cluster: LiveCluster, pod: K8sObject, name: string): ProbeTarget | undefined {
  const ref = refOf(pod)
  const running = cluster.runtime.container(ref, name)
  if (!running || running.exited) return undefined
  const containers = cluster.runtime.containers(ref)
  const podIP = String(pod.status?.podIP ?? '')
  const spec = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((one: Fields) => one.name === name) as Fields | undefined
  return {
    running,
    podIP,
    nodeIP: String(pod.status?.hostIP ?? ''),
    ports: spec?.ports ?? [],
    respond: (request) => answerOf({ cluster, node: String(pod.spec?.nodeName ?? ''), podIP, containers }, request),
  }
}
