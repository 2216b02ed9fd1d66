/** A cluster for tests of the pod lifecycle: the real API server, no network, and scripted processes in place of profiles. */
import { createApi } from '../../server/cluster/api.ts'
import type { Parts } from '../../server/cluster/cluster.ts'
import { createKubelet } from '../../server/cluster/kubelet/index.ts'
import type { Cluster, ContainerSpec, Exit, ResolvedImage, RunningContainer, Runtime } from '../../server/cluster/types.ts'
import { imageSchema, profileSchema } from '../../server/cluster/profile.ts'
import { scenarioSchema } from '../../server/cluster/scenario.ts'
import type { Scenario } from '../../server/cluster/scenario.ts'

/** What a process does: ends after `exitAfterMs` with `exit`, listens after `listensAfterMs`, answers `status`. */
export type Script = { exitAfterMs?: number; exit?: Exit; listensAfterMs?: number; status?: number; address?: string; stopMs?: number; user?: number; latencyMs?: number }

export function scenarioOf(overrides: Record<string, unknown> = {}): Scenario {
  return scenarioSchema.parse({ cluster: { nodes: [{ name: 'node-1', images: ['app:1'] }] }, runs: [{ name: 'main', warmup: 0, length: '15m' }], goals: [{ id: 'any', admitted: {} }], ...overrides })
}

function scriptedRuntime(cluster: Cluster, script: Script): Runtime {
  const live = new Map<string, RunningContainer[]>()
  const image: ResolvedImage = { name: 'docker.io/library/app:1', profile: profileSchema.parse({}), image: imageSchema.parse({ entrypoint: ['/app'], user: script.user ?? 0 }), arch: ['amd64'], digest: 'sha256:1', sizeBytes: 44040192, pullMs: 1500 }
  return {
    image: (reference) => (reference === 'app:1' ? image : undefined),
    start(spec, onExit) {
      const container = scriptedProcess(cluster, script, spec, onExit)
      const key = `${spec.pod.namespace}/${spec.pod.name}`
      live.set(key, [...(live.get(key) ?? []).filter((one) => one.spec.name !== spec.name), container])
      return container
    },
    container: (pod, name) => live.get(`${pod.namespace}/${pod.name}`)?.find((one) => one.spec.name === name),
    containers: (pod) => live.get(`${pod.namespace}/${pod.name}`) ?? [],
    logs: () => [],
    persistent: () => new Map(),
    imageFiles: () => new Map(),
    directory: (files, mode) => new Map(Object.entries(files).map(([path, content]) => [path, { content, bytes: content.length, owner: 0, group: 0, mode }])),
  }
}

function scriptedProcess(cluster: Cluster, script: Script, spec: ContainerSpec, onExit: (exit: Exit) => void): RunningContainer {
  let exited: (Exit & { at: number }) | undefined
  const startedAt = cluster.now
  const end = (exit: Exit): void => {
    if (exited) return
    exited = { ...exit, at: cluster.now }
    onExit(exit)
  }
  if (script.exitAfterMs !== undefined) cluster.schedule(startedAt + script.exitAfterMs, 'process', spec.name, () => end(script.exit ?? { code: 1, reason: 'Error' }))
  return {
    spec, startedAt, isHung: false, endsCleanly: true, log: [],
    signal: (name) => void (name === 'SIGKILL' ? end({ code: 137, reason: 'Error', signal: 9 }) : cluster.schedule(cluster.now + (script.stopMs ?? 0), 'process', spec.name, () => end({ code: 143, reason: 'Error', signal: 15 }))),
    exec: () => ({ exitCode: 0, stdout: '', stderr: '', durationMs: 0 }),
    respond: (request) => (exited || cluster.now - startedAt < (script.listensAfterMs ?? 0) || (script.address && script.address !== request.on) ? { outcome: 'refused' } : { outcome: 'ok', status: script.status ?? 200, latencyMs: script.latencyMs ?? 0 }),
    listening: () => [], memoryBytes: () => 0, cpuCores: () => ({ wanted: 0, used: 0 }), slowdown: () => 1, behave: () => undefined, load: () => undefined, config: () => undefined,
    readFile: () => ({ ok: false, error: 'ENOENT' }), canWrite: () => ({ ok: true }), write: () => ({ ok: true }), isActiveWriter: () => false,
    get exited() { return exited },
  }
}

export function scriptedParts(script: Script): Parts {
  return {
    api: (cluster) => createApi(cluster, (object) => ({ stage: 'admitted', object, errors: [], warnings: [] })),
    runtime: (cluster) => scriptedRuntime(cluster, script),
    network: () => ({ request: () => ({ ok: false, stage: 'refused', error: '', latencyMs: 0, symptom: 'refused' }), resolverComplaints: () => [], resolvConf: () => '', resolve: () => ({ ok: false, error: 'NXDOMAIN', queries: [], server: '' }), query: () => ({ status: 'NXDOMAIN', name: '', records: [], server: '', queries: [], authoritative: true }), allowed: () => ({ allowed: true, policies: [] }) }),
    controllers: () => [],
    kubelet: createKubelet,
    infrastructure(cluster) {
      for (const name of ['game', 'default']) cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } })
      cluster.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'game' } })
      for (const node of cluster.scenario.cluster.nodes) cluster.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: node.name }, spec: {}, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.11' }], allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] } })
    },
  }
}

/** A pod on node-1 with one container `app`; `container` and `spec` add to it. */
export function podText(container: Record<string, unknown> = {}, spec: Record<string, unknown> = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' }, spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'app:1', ...container }], ...spec } })
}
