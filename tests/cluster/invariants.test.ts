/** What must hold of every run, whatever the cluster, the workloads and the faults: generated scenarios, each looked at version by version and at moments between events. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation, TimelineEntry } from '../../server/cluster/index.ts'
import { amountOf } from '../../server/cluster/amounts.ts'
import { podTotals } from '../../server/cluster/pod-resources.ts'
import { tableOf } from '../../server/cluster/record.ts'
import type { Fields, K8sObject, Ref } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

const image = (tag: string): string => `registry.game.example/app:${tag}`
const lengthMs = 300_000

/** Programs: well, slow to start, never ready, crashing, crashing now and then, out of memory, in need of a database. */
const profiles: Record<string, Fields> = {
  well: { start: { time: '1s' }, http: { '/ready': {}, '/healthz': {} } },
  slow: { start: { time: '20s' }, http: { '/ready': {}, '/healthz': {} }, stop: { drain: '4s' } },
  unready: { start: { time: '1s' }, http: { '/healthz': {} } },
  crashing: { start: { time: '5s' }, http: { '/ready': {} }, exit: { after: '500ms', code: 1 } },
  flaky: { start: { time: '1s' }, http: { '/ready': {}, '/healthz': {} }, exit: { after: '45s', code: 0, times: 3 } },
  hungry: { start: { time: '1s' }, http: { '/ready': {}, '/healthz': {} }, memory: { live: '300Mi', rampTime: '40s' } },
  needy: { start: { time: '1s' }, http: { '/ready': { depends: ['db'] }, '/healthz': {} }, upstreams: [{ name: 'db', host: 'db.example.com', port: 3306, mode: 'both', onFailure: 'exit' }] },
}
const tags = Object.keys(profiles)

type Workload = { kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job'; replicas: number; tag: string; readiness: boolean; liveness: boolean; startup: boolean; cpu: number; limited: boolean; surge: string; unavailable: string; sidecar: boolean; budget: boolean; scaled: boolean; init: boolean; configured: boolean; claimed: boolean; tolerant: boolean; published: boolean }
type Plan = { nodes: number; cpu: number; workloads: Workload[]; quota: number | undefined; steps: { at: number; what: number; which: number; amount: number }[] }

const plain = { init: false, configured: false, claimed: false, tolerant: false, published: false }

const workload: fc.Arbitrary<Workload> = fc.record({
  kind: fc.constantFrom('Deployment', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job'), replicas: fc.integer({ min: 1, max: 4 }), tag: fc.constantFrom('well', 'well', ...tags), readiness: fc.boolean(), liveness: fc.boolean(), startup: fc.boolean(),
  cpu: fc.constantFrom(0, 100, 700, 1500), limited: fc.boolean(), surge: fc.constantFrom('25%', '1', '100%'), unavailable: fc.constantFrom('0', '25%', '1', '50%'), sidecar: fc.boolean(), budget: fc.boolean(), scaled: fc.boolean(), init: fc.boolean(), configured: fc.boolean(), claimed: fc.boolean(), tolerant: fc.boolean(), published: fc.boolean(),
})
const plan: fc.Arbitrary<Plan> = fc.record({
  nodes: fc.integer({ min: 1, max: 3 }), cpu: fc.constantFrom(1, 2, 4), workloads: fc.array(workload, { minLength: 1, maxLength: 3 }), quota: fc.option(fc.integer({ min: 2, max: 8 }), { nil: undefined }),
  steps: fc.array(fc.record({ at: fc.integer({ min: 5, max: 200 }), what: fc.integer({ min: 0, max: 18 }), which: fc.integer({ min: 0, max: 5 }), amount: fc.integer({ min: 0, max: 5 }) }), { maxLength: 10 }),
})

function objectsOf({ workloads, quota }: Plan): K8sObject[] {
  return [...(quota === undefined ? [] : [{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'game' }, spec: { hard: { pods: String(quota) } } }]), ...workloads.flatMap(objectsOfOne)]
}

function objectsOfOne(one: Workload, i: number): K8sObject[] {
  const name = `w${i}`
  const isJob = one.kind === 'Job'
  const probe = (path: string, more: Fields = {}): Fields => ({ httpGet: { path, port: 8080 }, periodSeconds: 5, ...more })
  const container = {
    name: 'app', image: image(one.tag),
    ...(one.readiness ? { readinessProbe: probe('/ready') } : {}), ...(one.liveness ? { livenessProbe: probe('/healthz') } : {}), ...(one.startup ? { startupProbe: probe('/healthz', { failureThreshold: 10 }) } : {}),
    ...(one.configured ? { env: [{ name: 'RATE', valueFrom: { configMapKeyRef: { name: `c${i}`, key: 'rate' } } }], volumeMounts: [{ name: 'config', mountPath: '/etc/game' }] } : {}),
    ...(one.cpu > 0 ? { resources: { requests: { cpu: `${one.cpu}m` }, ...(one.limited ? { limits: { memory: '256Mi' } } : {}) } } : {}),
  }
  const inits = [...(one.init ? [{ name: 'wait', image: image('well'), command: ['sh', '-c', 'sleep 3'] }] : []), ...(one.sidecar ? [{ name: 'side', image: image('well'), restartPolicy: 'Always' }] : [])]
  const volumes = [...(one.configured ? [{ name: 'config', configMap: { name: `c${i}` } }] : []), ...(one.claimed && !isJob ? [{ name: 'data', persistentVolumeClaim: { claimName: name } }] : [])]
  const tolerations = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 }, { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 }]
  const template = { metadata: { labels: { app: name } }, spec: { ...(isJob ? { restartPolicy: one.readiness ? 'Never' : 'OnFailure' } : {}), containers: [container], ...(inits.length > 0 ? { initContainers: inits } : {}), ...(volumes.length > 0 ? { volumes } : {}), ...(one.tolerant ? { tolerations } : {}) } }
  const shared = isJob ? { completions: one.replicas, parallelism: 2, backoffLimit: 2 } : { selector: { matchLabels: { app: name } }, ...(one.kind === 'DaemonSet' ? {} : { replicas: one.replicas }), ...(one.kind === 'StatefulSet' ? { serviceName: name } : {}) }
  const number = (text: string): string | number => (text.endsWith('%') ? text : Number(text))
  const strategy = one.kind === 'Deployment' ? { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: number(one.surge), maxUnavailable: number(one.unavailable) } } } : {}
  return [
    { apiVersion: isJob ? 'batch/v1' : 'apps/v1', kind: one.kind, metadata: { name, namespace: 'game' }, spec: { ...shared, ...strategy, template } },
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'game' }, spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...(one.published ? { publishNotReadyAddresses: true } : {}) } },
    ...(one.configured ? [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${i}`, namespace: 'game' }, data: { rate: '1' } }] : []),
    ...(one.claimed && !isJob ? [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] : []),
    ...(one.budget ? [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'game' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } } }] : []),
    ...(one.scaled && one.kind === 'Deployment' ? [{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name, namespace: 'game' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, minReplicas: 1, maxReplicas: 3, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] } }] : []),
  ]
}

function stepsOf({ steps, workloads, nodes }: Plan): Fields[] {
  return steps.map(({ at, what, which, amount }) => {
    const index = which % workloads.length
    const one = workloads[index]!
    const name = `${one.kind.toLowerCase()}/w${index}`
    const node = `node-${(which % nodes) + 1}`
    const scalable = one.kind === 'Deployment' || one.kind === 'StatefulSet'
    const faults: Fields[] = [
      { deletePods: { workload: name, count: 1 } }, { drain: { node, timeout: '60s' } }, { cordon: node }, { uncordon: node }, { failNode: node }, { recoverNode: node },
      scalable ? { scale: { workload: name, replicas: amount } } : { deletePods: { workload: name } }, one.kind === 'Job' ? { cordon: node } : { setImage: { workload: name, image: image(tags[amount % tags.length]!) } },
      { behave: { workload: name, count: 1, mode: (['hang', 'stop', 'crash'] as const)[amount % 3] } }, { memoryPressure: { node, available: '50Mi' } }, { diskPressure: { node, available: '1Gi' } }, scalable ? { load: { workload: name, factor: amount * 10 } } : { uncordon: node },
      one.kind === 'Job' ? { deletePods: { workload: name } } : { restart: name }, one.kind === 'Deployment' ? { undo: name } : { uncordon: node }, one.kind === 'Job' ? { cordon: node } : { setImage: { workload: name, image: image('never-pushed') } },
      one.configured ? { patch: { object: `configmap/c${index}`, merge: { data: { rate: String(amount) } } } } : { recoverNode: node }, one.configured ? { delete: `configmap/c${index}` } : { uncordon: node },
      { external: { name: 'db', state: (['refused', 'timeout', 'up'] as const)[amount % 3] } }, { registry: { host: 'registry.game.example', reachable: (['timeout', 'yes', 'refused'] as const)[amount % 3] } },
    ]
    return { at: `${at}s`, ...faults[what] }
  })
}

function play(made: Plan): Simulation {
  const scenario = scenarioSchema.parse({
    externals: [{ name: 'db', host: 'db.example.com', address: '203.0.113.5', ports: [3306] }],
    cluster: { nodes: Array.from({ length: made.nodes }, (_, i) => ({ name: `node-${i + 1}`, cpu: String(made.cpu), images: tags.map(image) })) },
    registries: { 'registry.game.example': {} }, images: tags.map((tag) => ({ name: image(tag), profile: tag })),
    profiles: Object.fromEntries(tags.map((tag) => [tag, { image: { user: 1000, entrypoint: ['/app'] }, listen: [{ port: 8080 }], cpu: { idle: 0.02, load: 0.05 }, ...profiles[tag] }])),
    runs: [{ name: 'main', warmup: '10s', length: lengthMs / 1000, steps: stepsOf(made) }], goals: [{ id: 'any', admitted: {} }],
  })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objectsOf(made)) } })
}

// ---------------------------------------------------------------- what must hold

type Status = { name: string; ready: boolean; started?: boolean; restartCount: number; state: Fields }
const statuses = (pod: K8sObject): Status[] => [...((pod.status?.initContainerStatuses ?? []) as Status[]), ...((pod.status?.containerStatuses ?? []) as Status[])]
const isTrue = (pod: K8sObject, type: string): boolean => ((pod.status?.conditions ?? []) as Fields[]).some((one) => one.type === type && one.status === 'True')
const isOver = (pod: K8sObject): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

/** Every version of every pod, in order. */
function checkPods({ cluster }: Simulation): void {
  for (const ref of cluster.store.known('Pod')) {
    let before: K8sObject | undefined
    for (const { object } of cluster.store.history(ref)) {
      if (!object) { before = undefined; continue }
      if (before && before.metadata.uid !== object.metadata.uid) before = undefined
      for (const status of statuses(object)) {
        const was = before && statuses(before).find((one) => one.name === status.name)
        if (was) expect(status.restartCount, 'restarts never fall').toBeGreaterThanOrEqual(was.restartCount)
        const isInit = (object.spec?.initContainers ?? []).some((one: Fields) => one.name === status.name && one.restartPolicy !== 'Always')
        if (status.ready && !isInit) expect([status.started, Object.keys(status.state)], 'ready is started is running').toEqual([true, ['running']])
        if (status.started) expect(Object.keys(status.state)).toEqual(['running'])
      }
      if (before && isOver(before)) expect(object.status?.phase, 'a final phase stays').toBe(before.status?.phase)
      const counted = statuses(object).filter((status) => !(object.spec?.initContainers ?? []).some((one: Fields) => one.name === status.name && one.restartPolicy !== 'Always'))
      if (object.status?.phase === 'Running') expect(isTrue(object, 'ContainersReady'), 'ContainersReady counts the ready ones').toBe(counted.every((status) => status.ready))
      if (isTrue(object, 'Ready')) expect(isTrue(object, 'ContainersReady')).toBe(true)
      before = object
    }
  }
}

/** Causes come first: a pod before anything about it, a start before its exit. */
function checkTimeline(timeline: readonly TimelineEntry[]): void {
  const born = new Set<string>()
  const begun = new Map<string, number>()
  let last = 0
  for (const entry of timeline) {
    expect(entry.at).toBeGreaterThanOrEqual(last)
    last = entry.at
    if (entry.ref?.kind !== 'Pod') continue
    const key = `${entry.ref.namespace}/${entry.ref.name}`
    if (entry.kind === 'pod-created') born.add(key)
    expect(born.has(key), `${key} exists before ${entry.kind}: ${entry.text}`).toBe(true)
    const instance = `${key}/${entry.data?.uid as string}/${entry.container}/${entry.data?.attempt as number}`
    if (entry.kind === 'container-start') begun.set(instance, entry.at)
    if (entry.kind === 'container-exit') expect(begun.has(instance), `${instance} started before its exit`).toBe(true)
  }
}

/** The cluster as of a moment at which nothing happens. */
function checkMoment({ cluster, at }: Simulation, ms: number, made: Plan): void {
  const view = at(ms)
  const pods = view.list('Pod')
  for (const node of view.list('Node')) {
    const here = pods.filter((pod) => pod.spec?.nodeName === node.metadata.name && !isOver(pod))
    for (const resource of ['cpu', 'memory']) expect(here.reduce((sum, pod) => sum + (podTotals(pod, 'requests').get(resource)?.milli ?? 0), 0), `requests of ${resource} on ${node.metadata.name}`).toBeLessThanOrEqual(amountOf(node.status!.allocatable[resource]).milli)
  }
  for (const service of view.list('Service', 'game')) {
    const app = service.spec!.selector.app as string
    const wanted = pods.filter((pod) => pod.metadata.namespace === 'game' && pod.metadata.labels?.app === app && pod.status?.podIP && !isOver(pod) && (service.spec!.publishNotReadyAddresses || (isTrue(pod, 'Ready') && !pod.metadata.deletionTimestamp))).map((pod) => pod.status!.podIP as string)
    const slices = view.list('EndpointSlice', 'game').filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
    const ready = slices.flatMap((slice) => (slice.endpoints as Fields[]).filter((one) => one.conditions.ready).map((one) => one.addresses[0] as string))
    expect(ready.sort(), `endpoints of ${service.metadata.name} at ${ms}`).toEqual(wanted.sort())
  }
  if (made.quota !== undefined) expect(pods.filter((pod) => pod.metadata.namespace === 'game' && !isOver(pod)).length).toBeLessThanOrEqual(made.quota)
  for (const quota of view.list('ResourceQuota', 'game')) expect(Number(quota.status?.used?.pods ?? 0), 'the quota counts no more than it allows').toBeLessThanOrEqual(Number(quota.spec!.hard.pods))
  for (const event of view.list('Event', 'game')) {
    if (event.reason === 'SuccessfulRescale') expect(['1', '2', '3']).toContain(/^New size: (\d+);/.exec(event.message as string)?.[1])
  }
  for (const scaler of view.list('HorizontalPodAutoscaler', 'game')) {
    const desired = (scaler.status?.desiredReplicas ?? 0) as number
    if (desired > 0) expect([1, 2, 3]).toContain(desired)
  }
  checkSurge(view, made)
  checkColumns(cluster, view, ms)
  expect(cluster.now).toBeGreaterThanOrEqual(0)
}

/** What kubectl prints counts what the statuses say. */
function checkColumns(cluster: Simulation['cluster'], view: ReturnType<Simulation['at']>, ms: number): void {
  const { stdout } = runKubectl(cluster, 'kubectl get pods -n game', { namespace: 'game', at: cluster.appliedAt + ms })
  const rows = new Map(tableOf(stdout).map((row) => [row.NAME, row]))
  for (const pod of view.list('Pod', 'game')) {
    const sidecars = ((pod.spec?.initContainers ?? []) as Fields[]).filter((one) => one.restartPolicy === 'Always').map((one) => one.name as string)
    const total = (pod.spec!.containers as unknown[]).length + sidecars.length
    const [shown, of] = rows.get(pod.metadata.name)!.READY!.split('/').map(Number)
    expect(of, `containers of ${pod.metadata.name}`).toBe(total)
    if (!isTrue(pod, 'Initialized')) continue
    const counted = statuses(pod).filter((status) => status.ready && 'running' in status.state && (sidecars.includes(status.name) || (pod.spec!.containers as Fields[]).some((one) => one.name === status.name)))
    expect(shown, `ready containers of ${pod.metadata.name} at ${ms}`).toBe(counted.length)
  }
}

function checkSurge(view: ReturnType<Simulation['at']>, made: Plan): void {
  for (const deployment of view.list('Deployment', 'game')) {
    const one = made.workloads[Number(deployment.metadata.name.slice(1))]!
    const replicas = deployment.spec!.replicas as number
    const surge = one.surge.endsWith('%') ? Math.ceil((parseInt(one.surge, 10) * replicas) / 100) : Number(one.surge)
    const sets = view.owned(deployment.metadata.uid!, 'ReplicaSet')
    expect(sets.reduce((sum, set) => sum + (set.spec!.replicas as number), 0), `size of ${deployment.metadata.name}`).toBeLessThanOrEqual(replicas + Math.max(surge, 0))
  }
}

const moments = Array.from({ length: 40 }, (_, i) => 777 + Math.floor((i * (lengthMs - 1000)) / 40))

it('holds for generated clusters, workloads and faults', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(plan, (made) => {
      const simulation = play(made)
      expect(simulation.result.completed, simulation.result.limit).toBe(true)
      checkPods(simulation)
      checkTimeline(simulation.result.timeline)
      for (const moment of moments) checkMoment(simulation, moment, made)
    }),
    { numRuns: Number(process.env.FC_RUNS ?? 20) },
  )
})

const storedKinds = ['Pod', 'Event', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'ControllerRevision', 'Service', 'Endpoints', 'EndpointSlice', 'Node', 'Namespace', 'PersistentVolumeClaim', 'PersistentVolume', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'ResourceQuota', 'ConfigMap', 'Secret', 'ServiceAccount']

it('gives the same bytes for the same input', { timeout: 60_000 }, () => {
  const bytes = ({ result, cluster }: Simulation): string => JSON.stringify([result, storedKinds.map((kind) => cluster.view.list(kind))])
  fc.assert(fc.property(plan, (made) => { expect(bytes(play(made))).toBe(bytes(play(made))) }), { numRuns: 5 })
})

// ---------------------------------------------------------------- rollouts and policies

const rollout = fc.record({ replicas: fc.integer({ min: 1, max: 6 }), surge: fc.constantFrom('25%', 0, 1, 2, '100%'), unavailable: fc.constantFrom('25%', 0, 1, 2, '50%'), next: fc.constantFrom('slow', 'unready', 'crashing') })
const share = (value: string | number, replicas: number, round: (value: number) => number): number => (typeof value === 'number' ? value : round((parseInt(value, 10) * replicas) / 100))

it('never has too many nor too few during a rolling update', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(rollout, ({ replicas, surge, unavailable, next }) => {
      fc.pre(surge !== 0 || unavailable !== 0)
      const up = share(surge, replicas, Math.ceil)
      const down = share(unavailable, replicas, Math.floor)
      const limit = up === 0 && down === 0 ? 1 : Math.min(down, replicas)
      const made: Plan = { nodes: 2, cpu: 4, quota: undefined, workloads: [{ kind: 'Deployment', replicas, tag: 'well', readiness: true, liveness: false, startup: false, cpu: 0, limited: false, surge: String(surge), unavailable: String(unavailable), sidecar: false, budget: false, scaled: false, ...plain }], steps: [{ at: 60, what: 7, which: 0, amount: tags.indexOf(next) }] }
      const { cluster } = play(made)
      const ref: Ref = { kind: 'Deployment', namespace: 'game', name: 'w0' }
      const versions = cluster.store.history(ref).filter(({ at }) => at > cluster.appliedAt + 50_000).map(({ object }) => object!.status!)
      expect(versions.length).toBeGreaterThan(0)
      for (const status of versions) {
        expect(status.replicas ?? 0).toBeLessThanOrEqual(replicas + up)
        expect(status.availableReplicas ?? 0).toBeGreaterThanOrEqual(replicas - limit)
      }
      if (next === 'slow') expect(cluster.view.get('Deployment', 'game', 'w0')!.status).toMatchObject({ updatedReplicas: replicas, availableReplicas: replicas })
    }),
    { numRuns: 15 },
  )
})

const peer = fc.constantFrom({ podSelector: {} }, { podSelector: { matchLabels: { app: 'w0' } } }, { namespaceSelector: {} }, { namespaceSelector: {}, podSelector: { matchLabels: { app: 'w1' } } }, { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.0.0/24'] } })
const policySpec = fc.record({ podSelector: fc.constantFrom({}, { matchLabels: { app: 'w0' } }, { matchLabels: { app: 'w1' } }), policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']), ingress: fc.array(fc.record({ from: fc.array(peer, { minLength: 1, maxLength: 2 }) }), { maxLength: 2 }), egress: fc.array(fc.record({ to: fc.array(peer, { minLength: 1, maxLength: 2 }) }), { maxLength: 2 }) })

it('decides on policies whatever their order', { timeout: 60_000 }, () => {
  const base: Workload = { kind: 'Deployment', replicas: 2, tag: 'well', readiness: false, liveness: false, startup: false, cpu: 0, limited: false, surge: '1', unavailable: '0', sidecar: false, budget: false, scaled: false, ...plain }
  const { cluster } = play({ nodes: 2, cpu: 4, quota: undefined, workloads: [base, base], steps: [] })
  const pods = cluster.view.list('Pod', 'game').map((pod) => ({ kind: 'Pod', namespace: 'game', name: pod.metadata.name }))
  expect(pods).toHaveLength(4)
  fc.assert(
    fc.property(fc.array(policySpec, { minLength: 1, maxLength: 4 }), (specs) => {
      const matrix = (order: readonly number[]): boolean[] => {
        for (const [i, index] of order.entries()) cluster.put({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: `p${i}`, namespace: 'game' }, spec: specs[index]! })
        const answers = pods.flatMap((from) => pods.map((to) => cluster.network.allowed({ kind: 'pod', pod: from }, { kind: 'pod', pod: to }, 8080, 'TCP').allowed))
        for (const i of order.keys()) cluster.erase({ kind: 'NetworkPolicy', namespace: 'game', name: `p${i}` })
        return answers
      }
      const order = specs.map((_, i) => i)
      expect(matrix([...order].reverse())).toEqual(matrix(order))
      for (const [i, from] of pods.entries()) expect(matrix(order)[i * pods.length + i], `${from.name} reaches itself`).toBe(true)
    }),
    { numRuns: 30 },
  )
})
