/** Where a pod may run and where it does: filters with their reasons, the queue, scores, and preemption. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { truncated } from '../../../server/cluster/scheduler/message.ts'
import { deployment, eventsOf, pods, startCluster } from '../control-plane.ts'

function pod(name: string, spec: Fields = {}, labels: Record<string, string> = {}): K8sObject {
  const { container, ...rest } = spec
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game', labels }, spec: { containers: [{ name: 'app', image: 'app:1', ...container }], ...rest } }
}
const asks = (cpu: string, memory = '1Mi'): Fields => ({ container: { resources: { requests: { cpu, memory } } } })
const nodes = (...list: Fields[]): Fields => ({ cluster: { nodes: list } })
const priority = (name: string, value: number, more: Fields = {}): K8sObject => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...more }) as K8sObject
const none = (helpless: number): string => `no new claims to deallocate, preemption: 0/${helpless} nodes are available: ${helpless} Preemption is not helpful for scheduling.`
const victimless = 'no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'
const required = (kind: string, labels: Fields, topologyKey = 'kubernetes.io/hostname', more: Fields = {}): Fields => ({ affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: labels }, ...more }] } } })
const spread = (more: Fields): Fields => ({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'x' } }, ...more }] })
const zones = nodes({ name: 'a', labels: { zone: 'x' } }, { name: 'b', labels: { zone: 'y' } })

/** Objects one second apart, so that each is placed before the next. */
function placed(scenario: Fields, ...objects: K8sObject[]): LiveCluster {
  const cluster = startCluster(scenario)
  cluster.advance(5000)
  for (const [i, object] of objects.entries()) {
    const result = cluster.api.create(object)
    if ('error' in result) throw new Error(result.error.message)
    cluster.advance(6000 + i * 1000)
  }
  return cluster
}
const nodeOf = (cluster: LiveCluster, name: string): string | undefined => cluster.view.get('Pod', 'game', name)?.spec.nodeName as string | undefined
const conditionOf = (cluster: LiveCluster, name: string): Fields => cluster.view.get('Pod', 'game', name)!.status!.conditions.find((condition: Fields) => condition.type === 'PodScheduled') as Fields
/** Where the last of the pods is, or what is said of it. */
const verdict = (scenario: Fields, ...objects: K8sObject[]): string => {
  const cluster = placed(scenario, ...objects)
  const { name } = objects.at(-1)!.metadata
  return nodeOf(cluster, name) ?? (conditionOf(cluster, name).message as string)
}

describe('A filter', () => {
  const one = nodes({ name: 'a' })
  it.each<[string, Fields, K8sObject[], string]>([
    ['a NoExecute taint', nodes({ name: 'a', taints: [{ key: 'k', effect: 'NoExecute' }] }), [pod('p')], `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${none(1)}`],
    ['a PreferNoSchedule taint', nodes({ name: 'a', taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }), [pod('p')], 'a'],
    ['a cordoned node that is tolerated', nodes({ name: 'a', unschedulable: true }), [pod('p', { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] })], 'a'],
    ['cpu and memory both short', nodes({ name: 'a', cpu: '2', memory: '4Gi' }), [pod('p', asks('3', '8Gi'))], `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${none(1)}`],
    ['a resource no node has', one, [pod('p', { container: { resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } } } })], `0/1 nodes are available: 1 Insufficient nvidia.com/gpu. ${none(1)}`],
    ['limits without requests asked for', nodes({ name: 'a', cpu: '2' }), [pod('p', { container: { resources: { requests: { cpu: '1' }, limits: { cpu: '64' } } } })], 'a'],
    ['node selector and affinity: both must hold', nodes({ name: 'a', labels: { disk: 'ssd' } }), [pod('p', { nodeSelector: { disk: 'ssd' }, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }] } } } })], `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${none(1)}`],
    ['a node named by its field', nodes({ name: 'a' }, { name: 'b' }), [pod('p', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['c'] }] }] } } } })], `0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${none(2)}`],
    ['host ports on different addresses', one, [pod('q', { container: { ports: [{ containerPort: 1, hostPort: 80, hostIP: '10.0.0.1' }] } }), pod('p', { container: { ports: [{ containerPort: 1, hostPort: 80, hostIP: '10.0.0.2' }] } })], 'a'],
    ['a host port on all addresses', one, [pod('q', { container: { ports: [{ containerPort: 1, hostPort: 80 }] } }), pod('p', { container: { ports: [{ containerPort: 1, hostPort: 80, hostIP: '10.0.0.2' }] } })], `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${victimless}`],
    ['skew within a zone', zones, [pod('q', {}, { app: 'x' }), pod('p', spread({}), { app: 'x' })], 'b'],
    ['too few zones: the least is taken for none', zones, [pod('q', {}, { app: 'x' }), pod('r', {}, { app: 'x' }), pod('p', spread({ minDomains: 3 }), { app: 'x' })], "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod."],
    ['a tainted zone counts', nodes({ name: 'a', labels: { zone: 'x' } }, { name: 'b', labels: { zone: 'y' }, taints: [{ key: 'k', effect: 'NoSchedule' }] }), [pod('q', {}, { app: 'x' }), pod('p', spread({}), { app: 'x' })], "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling."],
    ['a tainted zone does not count when taints are honoured', nodes({ name: 'a', labels: { zone: 'x' } }, { name: 'b', labels: { zone: 'y' }, taints: [{ key: 'k', effect: 'NoSchedule' }] }), [pod('q', {}, { app: 'x' }), pod('p', spread({ nodeTaintsPolicy: 'Honor' }), { app: 'x' })], 'a'],
    ['a zone that the selector leaves out does not count', zones, [pod('q', { nodeSelector: { zone: 'x' } }, { app: 'x' }), pod('p', { nodeSelector: { zone: 'x' }, ...spread({}) }, { app: 'x' })], 'a'],
    ['only the same version is counted', nodes({ name: 'a', labels: { zone: 'x' } }, { name: 'b', labels: { zone: 'y' }, taints: [{ key: 'k', effect: 'NoSchedule' }] }), [pod('q', {}, { app: 'x', v: '1' }), pod('p', spread({ matchLabelKeys: ['v'] }), { app: 'x', v: '2' })], 'a'],
    ['affinity without the key on the node', one, [pod('q', {}, { app: 'x' }), pod('p', required('podAffinity', { app: 'x' }, 'zone'))], `0/1 nodes are available: 1 node(s) didn't match pod affinity rules. ${none(1)}`],
    ['anti-affinity without the key on the node', one, [pod('q', {}, { app: 'x' }), pod('p', required('podAntiAffinity', { app: 'x' }, 'zone'))], 'a'],
    ['affinity looks at its own namespace only', one, [pod('p', required('podAffinity', { 'k8s-app': 'kube-dns' }))], `0/1 nodes are available: 1 node(s) didn't match pod affinity rules. ${none(1)}`],
    ['affinity to another namespace', one, [pod('p', required('podAffinity', { 'k8s-app': 'kube-dns' }, 'kubernetes.io/hostname', { namespaces: ['kube-system'] }))], 'a'],
    ['one that will have no company', one, [pod('q', required('podAntiAffinity', { app: 'x' })), pod('p', {}, { app: 'x' })], `0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. ${victimless}`],
  ])('judges %s', (_name, scenario, objects, expected) => expect(verdict(scenario, ...objects)).toBe(expected))

  it('counts pods, but not those that have ended', () => {
    const cluster = startCluster(nodes({ name: 'a', pods: 4 }), (one) => (one.metadata.name === 'done' ? { startMs: 100, readyMs: 100, stopMs: 100, endsMs: 200, exitCode: 0 } : { startMs: 100, readyMs: 100, stopMs: 100 }))
    cluster.advance(5000)
    const room = 4 - cluster.view.list('Pod').filter((one) => one.spec.nodeName === 'a').length
    cluster.api.create(pod('done'))
    cluster.advance(8000)
    for (let i = 0; i <= room; i++) cluster.api.create(pod(`p${i}`))
    cluster.advance(9000)
    expect(nodeOf(cluster, `p${room - 1}`)).toBe('a')
    expect(conditionOf(cluster, `p${room}`).message).toBe(`0/1 nodes are available: 1 Too many pods. ${victimless}`)
  })
  it('counts terminating pods for affinity, not for spread', () => {
    const leaving = (...extra: K8sObject[]): LiveCluster => {
      const cluster = startCluster(zones, () => ({ startMs: 100, readyMs: 100, stopMs: 60_000 }))
      cluster.advance(5000)
      cluster.api.create(pod('q', { nodeSelector: { zone: 'x' } }, { app: 'x' }))
      cluster.advance(7000)
      cluster.api.delete({ kind: 'Pod', namespace: 'game', name: 'q' })
      for (const object of extra) cluster.api.create(object)
      cluster.advance(9000)
      return cluster
    }
    expect(nodeOf(leaving(pod('p', required('podAntiAffinity', { app: 'x' }))), 'p')).toBe('b')
    expect(nodeOf(leaving(pod('p', { nodeSelector: { zone: 'x' }, ...spread({ nodeAffinityPolicy: 'Ignore' }) }, { app: 'x' })), 'p')).toBe('a')
  })
})

describe('The queue', () => {
  it('holds back a gated pod without an event, until the gate goes', () => {
    const cluster = placed(nodes({ name: 'a' }), pod('p', { schedulingGates: [{ name: 'wait' }] }))
    expect(conditionOf(cluster, 'p')).toMatchObject({ status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' })
    expect(eventsOf(cluster, 'Pod', 'FailedScheduling')).toEqual([])
    cluster.api.patch({ kind: 'Pod', namespace: 'game', name: 'p' }, { spec: { schedulingGates: null } })
    cluster.advance(10_000)
    expect(nodeOf(cluster, 'p')).toBe('a')
  })
  it('takes the more important pod first, then the older', () => {
    const cluster = startCluster(nodes({ name: 'a', cpu: '2500m', unschedulable: true }))
    cluster.api.create(priority('high', 1000))
    cluster.advance(5000)
    for (const [name, spec] of [['first', asks('1')], ['second', asks('1')], ['vip', { priorityClassName: 'high', ...asks('1') }]] as const) {
      cluster.api.create(pod(name, spec))
      cluster.advance(cluster.now + 1000)
    }
    cluster.advance(30_000)
    cluster.api.patch({ kind: 'Node', namespace: '', name: 'a' }, { spec: { unschedulable: null } })
    cluster.advance(45_000)
    const order = cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'Scheduled' && ['first', 'second', 'vip'].includes(entry.ref!.name)).map((entry) => entry.ref!.name)
    expect(order[0]).toBe('vip')
    expect(order[1]).toBe('first')
  })
  it('is passed by with spec.nodeName, cordon and taints or not', () => {
    expect(verdict(nodes({ name: 'a', unschedulable: true, taints: [{ key: 'k', effect: 'NoSchedule' }] }), pod('p', { nodeName: 'a' }))).toBe('a')
  })
  it('says the same in the condition and in the event', () => {
    const cluster = placed(nodes({ name: 'a', cpu: '2' }), pod('p', asks('3')))
    expect(conditionOf(cluster, 'p')).toMatchObject({ status: 'False', reason: 'Unschedulable', message: eventsOf(cluster, 'Pod', 'FailedScheduling').at(-1) })
  })
  it('cuts long events', () => {
    expect(truncated('x'.repeat(1024))).toHaveLength(1024)
    expect(truncated('x'.repeat(1025))).toBe(`${'x'.repeat(1020)} ...`)
  })
})

describe('Scores', () => {
  const three = nodes({ name: 'a', labels: { zone: 'x' } }, { name: 'b', labels: { zone: 'y' } }, { name: 'c', labels: { zone: 'y' } })
  const preferred = (kind: string, labels: Fields): Fields => ({ affinity: { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } } }] } } })
  it.each<[string, Fields, K8sObject[], string]>([
    ['the emptier node', nodes({ name: 'a' }, { name: 'b' }), [pod('q', { nodeName: 'a', ...asks('1', '1Gi') }), pod('p', asks('1', '1Gi'))], 'b'],
    ['the lowest name among equals', nodes({ name: 'b', cpu: '4' }, { name: 'a', cpu: '4' }), [pod('q', { nodeName: 'a' }), pod('r', { nodeName: 'b' }), pod('p', { tolerations: [] })], 'a'],
    ['no taint rather than a preferred one', nodes({ name: 'a', taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }, { name: 'b' }), [pod('p')], 'b'],
    ['preferred nodes', three, [pod('p', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 50, preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['c'] }] } }] } } })], 'c'],
    ['preferred company', three, [pod('q', { nodeName: 'c' }, { app: 'x' }), pod('p', preferred('podAffinity', { app: 'x' }))], 'c'],
    ['preferred solitude', nodes({ name: 'a' }, { name: 'b' }), [pod('q', { nodeName: 'a' }, { app: 'x' }), pod('p', preferred('podAntiAffinity', { app: 'x' }))], 'b'],
    ['company that an existing pod must have', three, [pod('q', { nodeName: 'c' , ...required('podAffinity', { app: 'x' }) }, { app: 'x' }), pod('p', {}, { app: 'x' })], 'c'],
    ['a spread that is only wished for', three, [pod('q', { nodeName: 'b' }, { app: 'x' }), pod('r', { nodeName: 'c' }, { app: 'x' }), pod('p', spread({ whenUnsatisfiable: 'ScheduleAnyway' }), { app: 'x' })], 'a'],
  ])('prefer %s', (_name, scenario, objects, expected) => expect(verdict(scenario, ...objects)).toBe(expected))
  it('spread the pods of a set without being told', () => {
    const cluster = startCluster(nodes({ name: 'a' }, { name: 'b' }, { name: 'c' }))
    cluster.advance(5000)
    cluster.api.apply(deployment('web', 3))
    cluster.advance(10_000)
    expect(pods(cluster, 'web').map((one) => one.spec.nodeName).sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('Preemption', () => {
  const high = priority('high', 1000)
  const low = priority('low', 100)
  const vip = (cpu: string, more: Fields = {}): K8sObject => pod('vip', { priorityClassName: 'high', ...asks(cpu), ...more })
  const two = nodes({ name: 'a', cpu: '2' }, { name: 'b', cpu: '2' })
  const at = (node: string, name: string, cpu: string, more: Fields = {}, labels: Record<string, string> = { app: name }): K8sObject => pod(name, { nodeName: node, ...asks(cpu), ...more }, labels)
  /** Those that went for the last of the pods. */
  const victims = (scenario: Fields, ...objects: K8sObject[]): string[] => placed(scenario, high, low, ...objects).timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === 'Preempted').map((entry) => entry.ref!.name)

  it('is not for those that must not', () => {
    expect(verdict(nodes({ name: 'a', cpu: '2' }), priority('meek', 1000, { preemptionPolicy: 'Never' }), at('a', 'q', '1'), pod('p', { priorityClassName: 'meek', ...asks('1500m') }))).toBe('0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.')
  })
  it('is not for equals', () => expect(victims(nodes({ name: 'a', cpu: '2' }), at('a', 'q', '1500m', { priorityClassName: 'high' }), vip('1'))).toEqual([]))
  it.each<[string, K8sObject[], string[]]>([
    ['the node whose victims matter least', [at('a', 'q', '1500m', { priorityClassName: 'low' }), at('b', 'r', '1500m'), vip('1')], ['r']],
    ['the node with fewer victims', [at('a', 'q', '800m'), at('a', 'r', '800m'), at('b', 's', '1600m'), vip('1900m')], ['s']],
    ['the node whose victims started last', [at('a', 'q', '1500m'), at('b', 'r', '1500m'), vip('1')], ['r']],
    ['the least important of a node', [at('a', 'q', '900m', { priorityClassName: 'low' }), at('a', 'r', '900m'), at('b', 's', '1900m', { priorityClassName: 'high' }), vip('1')], ['r']],
    ['the node whose budget allows it', [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', namespace: 'game' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'r' } } } }, at('a', 'q', '1500m', { priorityClassName: 'low' }), at('b', 'r', '1500m'), vip('1')], ['q']],
  ])('takes %s', (_name, objects, expected) => expect(victims(two, ...objects)).toEqual(expected))
  it('breaks a budget when nothing else helps', () => {
    const budget: K8sObject = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', namespace: 'game' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'q' } } } }
    expect(victims(nodes({ name: 'a', cpu: '2' }), budget, at('a', 'q', '1500m'), vip('1'))).toEqual(['q'])
  })
  it('says what would be short even without the less important pods, one by one', () => {
    const scenario = nodes({ name: 'a', cpu: '2', memory: '4Gi' })
    expect(verdict(scenario, high, at('a', 'q', '1500m', { priorityClassName: 'high', ...asks('1500m', '3Gi') }), at('a', 'r', '100m'), pod('vip', { priorityClassName: 'high', ...asks('1', '2Gi') }))).toBe('0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.')
  })
  it('nominates the node, marks the victim, and waits until it is gone', () => {
    const cluster = startCluster(nodes({ name: 'a', cpu: '2' }), () => ({ startMs: 100, readyMs: 100, stopMs: 20_000 }))
    cluster.api.create(high)
    cluster.advance(5000)
    cluster.api.create(pod('q', asks('1500m')))
    cluster.advance(8000)
    cluster.api.create(vip('1'))
    cluster.advance(10_000)
    expect(cluster.view.get('Pod', 'game', 'vip')!.status).toMatchObject({ nominatedNodeName: 'a' })
    expect(eventsOf(cluster, 'Pod', 'FailedScheduling')[0]).toBe('0/1 nodes are available: 1 Insufficient cpu.')
    expect(cluster.view.get('Pod', 'game', 'q')!.status!.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: 'default-scheduler: preempting to accommodate a higher priority pod' }))
    expect(cluster.view.get('Pod', 'game', 'q')!.metadata.deletionTimestamp).toBeDefined()
    cluster.advance(27_000)
    expect(nodeOf(cluster, 'vip')).toBeUndefined()
    cluster.advance(40_000)
    expect([nodeOf(cluster, 'vip'), cluster.view.get('Pod', 'game', 'vip')!.status!.nominatedNodeName]).toEqual(['a', undefined])
  })
  it('knows the classes of the system', () => {
    const cluster = startCluster()
    expect(['system-cluster-critical', 'system-node-critical'].map((name) => cluster.view.get('PriorityClass', '', name)!.value)).toEqual([2_000_000_000, 2_000_001_000])
  })
})
