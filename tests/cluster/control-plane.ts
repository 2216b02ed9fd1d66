/** A cluster with the real control plane and a kubelet that only knows three things: start, be ready (or not), stop. For tests of controllers without processes. */
import type * as z from 'zod'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import { keyOf, refOf } from '../../server/k8s/object.ts'
import { createApi } from '../../server/cluster/api.ts'
import { createCluster } from '../../server/cluster/cluster.ts'
import type { LiveCluster } from '../../server/cluster/cluster.ts'
import { createControllers } from '../../server/cluster/controllers/index.ts'
import { createInfrastructure } from '../../server/cluster/infrastructure.ts'
import { withCondition } from '../../server/cluster/pods.ts'
import { scenarioSchema } from '../../server/cluster/scenario.ts'
import type { Cluster, Network, Runtime } from '../../server/cluster/types.ts'

export type PodPlan = { /** Milliseconds from binding to running. */ startMs: number; /** Undefined: never ready. */ readyMs?: number; /** Ends by itself after this long with this code. */ endsMs?: number; exitCode?: number; /** Milliseconds from deletion to gone. */ stopMs: number }
const fine: PodPlan = { startMs: 500, readyMs: 1000, stopMs: 1000 }

const base = { goals: [{ id: 'any', admitted: {} }], runs: [{ name: 'main' }] }

/** Starts a cluster; `plan` says how a pod behaves, `usage` its cpu in cores. */
export function startCluster(scenario: Fields = {}, plan: (pod: K8sObject) => PodPlan = () => fine, usage: (pod: K8sObject) => number = () => 0): LiveCluster {
  const parsed = scenarioSchema.parse({ ...base, ...scenario }) as z.infer<typeof scenarioSchema>
  return createCluster(parsed, parsed.runs[0]!, {
    api: (cluster) => createApi(cluster, defaulted),
    runtime: (cluster) => fakeRuntime(cluster, usage),
    network: () => ({}) as Network,
    controllers: createControllers,
    kubelet: (cluster) => fakeKubelet(cluster, plan),
    infrastructure: createInfrastructure,
  })
}

function fakeRuntime(cluster: Cluster, usage: (pod: K8sObject) => number): Runtime {
  return {
    containers(ref: { namespace: string; name: string }) {
      const pod = cluster.view.get('Pod', ref.namespace, ref.name)
      if (!pod?.status?.startedMs) return []
      return pod.spec.containers.map((container: Fields) => ({ spec: { name: container.name }, startedAt: pod.status.startedMs, cpuCores: () => ({ wanted: usage(pod), used: usage(pod) }), memoryBytes: () => 0 }))
    },
  } as unknown as Runtime
}

function fakeKubelet(cluster: Cluster, plan: (pod: K8sObject) => PodPlan): ReturnType<Parameters<typeof createCluster>[2]['kubelet']> {
  const started = new Set<string>()
  const stopping = new Set<string>()
  const set = (pod: K8sObject, change: (status: Fields) => Fields): void => {
    const live = cluster.view.get('Pod', pod.metadata.namespace ?? '', pod.metadata.name)
    if (live && live.metadata.uid === pod.metadata.uid) cluster.put({ ...live, status: change(live.status ?? {}) })
  }
  const condition = (status: Fields, type: string, value: 'True' | 'False'): Fields => ({ ...status, conditions: withCondition(status.conditions, { type, status: value }, cluster.timestamp()) })
  return {
    observe({ object: pod, type }) {
      if (pod.kind !== 'Pod' || type === 'deleted' || !pod.spec.nodeName) return
      const uid = pod.metadata.uid!
      const how = plan(pod)
      if (!started.has(uid)) {
        started.add(uid)
        cluster.schedule(cluster.now + how.startMs, 'kubelet', keyOf(pod), () => {
          const at = cluster.now
          const number = started.size
          set(pod, (status) => condition({ ...status, phase: 'Running', startedMs: at, startTime: cluster.timestamp(), podIP: `10.244.0.${number}` }, 'Ready', 'False'))
          if (how.readyMs !== undefined) cluster.schedule(at + how.readyMs, 'kubelet', keyOf(pod), () => set(pod, (status) => (status.phase === 'Running' ? condition(status, 'Ready', 'True') : status)))
          if (how.endsMs !== undefined) cluster.schedule(at + how.endsMs, 'kubelet', keyOf(pod), () => set(pod, (status) => condition({ ...status, phase: how.exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [{ name: pod.spec.containers[0].name, state: { terminated: { exitCode: how.exitCode, finishedAt: cluster.timestamp() } } }] }, 'Ready', 'False')))
        })
      }
      if (pod.metadata.deletionTimestamp && !stopping.has(uid)) {
        stopping.add(uid)
        cluster.schedule(cluster.now + how.stopMs, 'kubelet', keyOf(pod), () => {
          const live = cluster.view.get('Pod', pod.metadata.namespace ?? '', pod.metadata.name)
          if (live?.metadata.uid === uid) cluster.api.remove(refOf(pod))
        })
      }
    },
    failNode() {},
    recoverNode() {},
    take() {},
    putFiles() {},
  }
}

/** Enough defaulting for the objects of these tests; validation has tests of its own. */
function defaulted(object: K8sObject): { stage: string; object: K8sObject; errors: []; warnings: [] } {
  const spec: Fields = { ...object.spec }
  if (object.kind === 'Deployment' || object.kind === 'ReplicaSet' || object.kind === 'StatefulSet') spec.replicas ??= 1
  if (object.kind === 'Deployment') {
    spec.strategy = { type: 'RollingUpdate', ...spec.strategy }
    if (spec.strategy.type === 'RollingUpdate') spec.strategy.rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...spec.strategy.rollingUpdate }
    spec.progressDeadlineSeconds ??= 600
  }
  if (object.kind === 'Job') {
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
    spec.parallelism ??= 1
    spec.backoffLimit ??= 6
  }
  return { stage: 'validate', object: object.spec ? { ...object, spec } : object, errors: [], warnings: [] }
}

export function deployment(name: string, replicas: number, extra: Fields = {}, pod: Fields = {}, version = '1'): K8sObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'game' }, spec: { replicas, selector: { matchLabels: { app: name } }, ...extra, template: { metadata: { labels: { app: name, version } }, spec: { containers: [{ name: 'app', image: `app:${version}`, ...pod.container }], ...pod.spec } } } }
}

/** Texts of the events on objects of a kind, oldest first. */
export function eventsOf(cluster: LiveCluster, kind: string, reason?: string): string[] {
  return cluster.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.kind === kind && (reason === undefined || entry.data?.reason === reason)).map((entry) => entry.data!.message as string)
}

export function pods(cluster: LiveCluster, app: string): readonly K8sObject[] {
  return cluster.view.list('Pod', 'game').filter((pod) => pod.metadata.labels?.app === app)
}
