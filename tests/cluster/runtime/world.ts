/** A whole cluster with every real part but validation, for tests of what runs inside containers. Times are milliseconds after the objects were applied. */
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { createApi } from '../../../server/cluster/api.ts'
import type { LiveCluster, Parts } from '../../../server/cluster/cluster.ts'
import { createCluster } from '../../../server/cluster/cluster.ts'
import { createControllers } from '../../../server/cluster/controllers/index.ts'
import { createInfrastructure } from '../../../server/cluster/infrastructure.ts'
import { createKubelet } from '../../../server/cluster/kubelet/index.ts'
import { createNetwork } from '../../../server/cluster/network/index.ts'
import { podsOf, refFrom } from '../../../server/cluster/references.ts'
import type { NodeRuntime } from '../../../server/cluster/runtime/index.ts'
import { createRuntime } from '../../../server/cluster/runtime/index.ts'
import { scenarioSchema } from '../../../server/cluster/scenario.ts'
import { runStep } from '../../../server/cluster/steps.ts'
import type { Traffic } from '../../../server/cluster/traffic/index.ts'
import { createTraffic } from '../../../server/cluster/traffic/index.ts'
import type { RunningContainer } from '../../../server/cluster/types.ts'

const warmupMs = 15_000

function defaulted(object: K8sObject): { stage: string; object: K8sObject; errors: []; warnings: [] } {
  const spec: Fields = { ...object.spec }
  if (object.kind === 'Deployment' || object.kind === 'StatefulSet') spec.replicas ??= 1
  if (object.kind === 'Deployment') {
    spec.strategy = { type: 'RollingUpdate', ...spec.strategy }
    if (spec.strategy.type === 'RollingUpdate') spec.strategy.rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...spec.strategy.rollingUpdate }
    spec.progressDeadlineSeconds ??= 600
  }
  if (object.kind === 'StatefulSet') {
    spec.updateStrategy ??= { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }
    spec.podManagementPolicy ??= 'OrderedReady'
  }
  return { stage: 'validate', object: object.spec ? { ...object, spec } : object, errors: [], warnings: [] }
}

export const realParts: Parts = { api: (cluster) => createApi(cluster, defaulted), runtime: createRuntime, network: createNetwork, controllers: createControllers, kubelet: createKubelet, infrastructure: createInfrastructure }

export type World = {
  cluster: LiveCluster & { runtime: NodeRuntime }
  traffic: Traffic
  /** Goes to a moment after the apply instant. */
  to(ms: number): void
  container(pod?: string, name?: string): RunningContainer
  log(pod?: string, name?: string): string[]
  /** Exits of a pod's container: [time after apply, reason, code]. */
  exits(pod?: string, name?: string): [number, string, number][]
  pods(workload: string): readonly K8sObject[]
}

/** Starts a cluster with one profile `app` (image `app:1`) and applies the objects after a short warm-up. `run` may hold steps and traffic. */
export function world(profile: Fields, objects: readonly K8sObject[], more: { scenario?: Fields; run?: Fields; profiles?: Fields } = {}): World {
  const profiles = { app: { image: { entrypoint: ['/app'] }, ...profile }, ...more.profiles }
  const scenario = scenarioSchema.parse({
    goals: [{ id: 'any', admitted: {} }], profiles, images: Object.keys(profiles).map((name) => ({ name: `${name}:1`, profile: name })),
    runs: [{ name: 'main', warmup: warmupMs / 1000, length: '10m', ...more.run }], ...more.scenario,
    cluster: { nodes: [1, 2, 3].map((n) => ({ name: `node-${n}`, images: [...Object.keys(profiles).map((name) => `${name}:1`), 'busybox:1.37'] })), ...more.scenario?.cluster },
  })
  const cluster = createCluster(scenario, scenario.runs[0]!, realParts) as World['cluster']
  const traffic = createTraffic(cluster)
  cluster.schedule(warmupMs, 'step', '', () => {
    for (const object of objects) {
      const result = cluster.api.apply(object)
      if ('error' in result) throw new Error(`${object.kind} ${object.metadata.name}: ${result.error.message}`)
    }
  })
  for (const [i, step] of cluster.run.steps.entries()) cluster.schedule(warmupMs + step.at, 'step', `step ${i}`, () => runStep(cluster, step, { apply: () => undefined }))
  const ref = (name: string) => ({ kind: 'Pod', namespace: 'game', name })
  return {
    cluster,
    traffic,
    to: (ms) => { if (!cluster.advance(warmupMs + ms)) throw new Error(cluster.loop.limit) },
    container(pod = 'web', name = 'app') {
      const found = cluster.runtime.container(ref(pod), name)
      if (!found) throw new Error(`no container ${pod} ${name}`)
      return found
    },
    log: (pod = 'web', name = 'app') => (cluster.runtime.logs(ref(pod), name, false) ?? []).map((entry) => entry.line),
    exits: (pod = 'web', name = 'app') => cluster.timeline.filter((entry) => entry.kind === 'container-exit' && entry.ref?.name === pod && entry.container === name).map((entry) => [entry.at - warmupMs, entry.data!.reason as string, entry.data!.code as number]),
    pods: (workload) => podsOf(cluster.view, refFrom(workload, 'game')),
  }
}

export function pod(container: Fields = {}, spec: Fields = {}, name = 'web'): K8sObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels: { app: name } }, spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'app:1', ...container }], ...spec } }
}

export function busybox(script: string, more: Fields = {}): Fields {
  return { name: 'box', image: 'busybox:1.37', command: ['sh', '-c', script], ...more }
}

export function service(name: string, port: Fields = {}, spec: Fields = {}, namespace = 'game'): K8sObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { type: 'ClusterIP', selector: { app: name }, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', ...port }], ...spec } }
}

export function deployment(name: string, replicas: number, container: Fields = {}, podSpec: Fields = {}, spec: Fields = {}): K8sObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'game' }, spec: { replicas, selector: { matchLabels: { app: name } }, ...spec, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image: 'app:1', ...container }], ...podSpec } } } }
}

export function configMap(name: string, data: Record<string, string>): K8sObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'game' }, data }
}

export const web = { listen: [{ port: 8080 }], http: { '/livez': {}, '/readyz': {} }, start: { time: '2s' } }
