/** What happens to the cluster during a run: each step of scenario.yaml carried out through the doors a person would use. */
import type { K8sObject, Ref } from '../k8s/object.ts'
import { refOf } from '../k8s/object.ts'
import { actingAs, refusalFor } from './acting.ts'
import { amountOf } from './amounts.ts'
import type { LiveCluster } from './cluster.ts'
import { subjectOf } from './kubectl/console.ts'
import { setBehaviour, setLoad } from './lasting.ts'
import { undo } from './operations.ts'
import { controllerOf } from './pods.ts'
import { podsOf, refFrom } from './references.ts'
import type { Step } from './scenario.ts'
import type { ApiError } from './types.ts'
import { unmodelledIn } from './unmodelled.ts'

export type StepFiles = { /** Applies a file of the question through this cluster's API. */ apply(file: string, cluster: LiveCluster): void }

const restartedAt = 'kubectl.kubernetes.io/restartedAt'
const drainRetryMs = 5000

/** Runs one step now; what it did is recorded on the timeline. */
export function runStep(whole: LiveCluster, step: Step, files: StepFiles): void {
  const cluster = step.as === undefined ? whole : actingAs(whole, step.as)
  const [verb] = Object.keys(step).filter((key) => key !== 'at' && key !== 'as' && step[key as keyof Step] !== undefined)
  const ref = (text: string) => refFrom(text, cluster.scenario.namespace)
  cluster.record({ kind: 'step', text: verb ?? '', data: { ...step } })
  const node = step.failNode ?? step.recoverNode ?? step.nodeFiles?.node ?? step.memoryPressure?.node ?? step.diskPressure?.node
  if (node !== undefined && !isNode(cluster, node)) return said(cluster, { error: { message: `nodes "${node}" not found` } })
  for (const file of step.apply ?? []) files.apply(file, cluster)
  if (step.delete) said(cluster, cluster.api.delete(ref(step.delete)))
  if (step.patch) said(cluster, cluster.api.patch(ref(step.patch.object), step.patch.merge))
  if (step.scale) said(cluster, (step.as === undefined ? undefined : scaleRefusal(whole, step.as, ref(step.scale.workload))) ?? whole.api.patch(ref(step.scale.workload), { spec: { replicas: step.scale.replicas } }))
  if (step.restart) said(cluster, cluster.api.patch(ref(step.restart), { spec: { template: { metadata: { annotations: { [restartedAt]: cluster.timestamp() } } } } }))
  if (step.setImage) setImage(cluster, step.setImage)
  if (step.undo) for (const message of undo(cluster, ref(step.undo)).errors) said(cluster, { error: { message } })
  if (step.deletePods) for (const pod of podsOf(cluster.view, ref(step.deletePods.workload)).filter((pod) => !pod.metadata.deletionTimestamp).slice(0, step.deletePods.count)) said(cluster, cluster.api.delete(refOf(pod)))
  if (step.cordon) setUnschedulable(cluster, step.cordon, true)
  if (step.uncordon) setUnschedulable(cluster, step.uncordon, false)
  if (step.drain) drain(cluster, step.drain.node, step.drain.timeout === undefined ? Infinity : cluster.now + step.drain.timeout)
  if (step.failNode) cluster.kubelet.failNode(step.failNode)
  if (step.recoverNode) cluster.kubelet.recoverNode(step.recoverNode)
  if (step.nodeFiles) cluster.kubelet.putFiles(step.nodeFiles.node, step.nodeFiles.files)
  if (step.memoryPressure) cluster.kubelet.take(step.memoryPressure.node, 'memory', amountOf(step.memoryPressure.available).milli / 1000)
  if (step.diskPressure) cluster.kubelet.take(step.diskPressure.node, 'disk', amountOf(step.diskPressure.available).milli / 1000)
  if (step.load) setLoad(cluster, ref(step.load.workload), step.load.factor, step.load.over)
  if (step.behave) {
    const { workload, count, mode, latency, newPodsToo } = step.behave
    for (const pod of setBehaviour(cluster, ref(workload), { mode, latency, newPodsToo }, count)) cluster.record({ kind: 'behaved', ref: refOf(pod), text: mode, data: { uid: pod.metadata.uid, mode } })
  }
}

/** The state at `now` of what steps turn on or off for good, for parts that ask instead of being told: registries and externals. */
export function lastingSteps(cluster: { readonly now: number; readonly appliedAt: number; readonly run: { steps: readonly Step[] } }): readonly Step[] {
  return cluster.run.steps.filter((step) => cluster.appliedAt + step.at <= cluster.now && (step.registry || step.external))
}

/** A machine of the scenario, also one whose Node object somebody deleted, or a Node that was added. */
function isNode(cluster: LiveCluster, name: string): boolean {
  return cluster.view.get('Node', '', name) !== undefined || cluster.scenario.cluster.nodes.some((node) => node.name === name)
}

/** Scaling needs the right to the subresource, not to the object. */
function scaleRefusal(cluster: LiveCluster, user: string, workload: Ref): { error: ApiError } | undefined {
  const error = refusalFor(cluster, subjectOf(user, [])!, 'patch', workload, 'scale')
  return error && { error }
}

function said(cluster: LiveCluster, result: object): void {
  if ('error' in result && result.error) cluster.record({ kind: 'step-refused', text: (result.error as { message: string }).message })
  if ('object' in result) for (const note of unmodelledIn(result.object as K8sObject)) cluster.note(note)
}

function setImage(cluster: LiveCluster, change: NonNullable<Step['setImage']>): void {
  const ref = refFrom(change.workload, cluster.scenario.namespace)
  const live = cluster.view.get(ref.kind, ref.namespace, ref.name)
  if (!live) return said(cluster, { error: { message: `${change.workload} not found` } })
  const template = live.spec?.template ?? {}
  const containers = (template.spec?.containers ?? []).map((container: { name: string }, i: number) => ((change.container ?? template.spec.containers[0].name) === container.name || (!change.container && i === 0) ? { ...container, image: change.image } : container))
  said(cluster, cluster.api.patch(ref, { spec: { template: { spec: { containers } } } }))
}

/** False when the server refused it. */
function setUnschedulable(cluster: LiveCluster, name: string, unschedulable: boolean): boolean {
  const result = cluster.api.patch({ kind: 'Node', namespace: '', name }, { spec: { unschedulable: unschedulable ? true : null } })
  said(cluster, result)
  return !('error' in result)
}

/** kubectl drain: cordon (and go no further where that is refused, as of a node that does not exist), then evict all but DaemonSet and finished pods, trying refused ones again every five seconds until the timeout. */
function drain(cluster: LiveCluster, name: string, until: number): void {
  if (!setUnschedulable(cluster, name, true)) return
  cluster.record({ kind: 'drain-started', ref: { kind: 'Node', namespace: '', name }, text: name })
  const left = (): K8sObject[] => cluster.view.list('Pod').filter((pod) => pod.spec?.nodeName === name && controllerOf(pod)?.kind !== 'DaemonSet')
  const attempt = (): void => {
    const pods = left()
    if (pods.length === 0) return cluster.record({ kind: 'drain-finished', ref: { kind: 'Node', namespace: '', name }, text: name })
    if (cluster.now > until) return cluster.record({ kind: 'drain-timeout', ref: { kind: 'Node', namespace: '', name }, text: name })
    let refused = false
    for (const pod of pods.filter((pod) => !pod.metadata.deletionTimestamp)) {
      const result = cluster.api.evict(refOf(pod))
      if (!result.error) continue
      refused = true
      cluster.record({ kind: 'evict-refused', ref: refOf(pod), text: result.error.message })
    }
    cluster.schedule(cluster.now + (refused ? drainRetryMs : 1000), 'step', `drain ${name}`, attempt)
  }
  attempt()
}
