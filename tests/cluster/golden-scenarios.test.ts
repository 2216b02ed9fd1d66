/**
 * Thirty incidents played on the real parts. Each is three files in scenarios/: what is played, the timeline of it, and what kubectl printed at the moments that matter
 * (`UPDATE_GOLDEN=1` writes the last two anew). What must be true of each is asserted here, so that a rewritten file cannot hide a change.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { K8sObject } from '../../server/k8s/object.ts'
import type { Play } from '../support/golden-scenario.ts'
import { folder, playGolden } from '../support/golden-scenario.ts'

const names = readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -5)).sort()
const plays = new Map<string, Play>()

function play(number: string): Play {
  const name = names.find((one) => one.startsWith(`${number}-`))!
  let played = plays.get(name)
  if (!played) plays.set(name, (played = playGolden(name)))
  return played
}

/** [from, until, status]: the STATUS column at both ends of a stretch. */
function expectStatus(played: Play, stretches: readonly (readonly [number, number, string])[], pod = 'web'): void {
  for (const [from, until, status] of stretches) expect([from, until].map((at) => [at, played.status(at, pod)])).toEqual([[from, status], [until, status]])
}
const whole = (times: readonly number[]): number[] => times.map((at) => Math.floor(at))
const times = (events: readonly { at: number }[]): number[] => events.map(({ at }) => at)
const condition = (object: K8sObject, type: string): unknown => ((object.status?.conditions ?? []) as { type: string }[]).find((one) => one.type === type)

describe('the golden scenarios', () => {
  it('are thirty', () => expect(names.map((name) => Number(name.slice(0, 2)))).toEqual(Array.from({ length: 30 }, (_, i) => i + 1)))
  it.each(names)('%s looks as before', (name) => {
    const played = play(name.slice(0, 2))
    expect(played.simulation.result.completed).toBe(true)
    for (const [text, suffix] of [[played.timeline, 'timeline'], [played.kubectl, 'kubectl']] as const) {
      const file = new URL(`${name}.${suffix}.txt`, folder)
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text)
      expect(existsSync(file)).toBe(true)
      expect(text).toBe(readFileSync(file, 'utf8'))
    }
  })
})

describe('pods', () => {
  it('01: ready is found at the next tick of the probe, not at the start of the application', () => {
    const one = play('01')
    const pod = one.object('Pod', 'web')
    expect([0, 0.4, 0.6, 10.4, 10.6].map((at) => one.asked(at, 'kubectl get pods --no-headers').split(/\s+/).slice(1, 3).join(' '))).toEqual(['0/1 ContainerCreating', '0/1 ContainerCreating', '0/1 Running', '0/1 Running', '1/1 Running'])
    expect(one.events('Unhealthy').map(({ at, message }) => [at, message])).toEqual([[0.5, `Readiness probe failed: Get "http://${pod.status!.podIP}:8080/ready": dial tcp ${pod.status!.podIP}:8080: connect: connection refused`]])
    expect(one.entries('endpoint').map((entry) => [Math.round((entry.at - 30_000) / 100) / 10, entry.text])).toEqual([[10.5, pod.status!.podIP]])
    expect(one.asked(11, 'kubectl rollout status deployment/web --watch=false')).toBe('deployment "web" successfully rolled out\n')
  })

  it('02: the back-off of an instant crash, told by the events and not by the STATUS', () => {
    const one = play('02')
    expect(one.starts()).toEqual([0.5, 1, 13.4, 37.9, 86.3, 168.3, 332, 634.8])
    // The kubelet's own limit of 25 events per pod, and one more every five minutes, drops most of what comes after; the counts go on.
    expect(whole(times(one.events('BackOff')))).toEqual([2, 14, 39, 87, 159, 169, 241, 313, 621])
    expect(one.asked(622, 'kubectl describe pod web')).toMatch(/BackOff +1s \(x13 over 10m\)/)
    expectStatus(one, [[0.5, 0.9, 'Running'], [2, 13, 'Error'], [14, 37, 'Error'], [39, 86, 'Error'], [87, 158, 'Error'], [159, 168, 'CrashLoopBackOff'], [169, 240, 'Error'], [241, 331, 'CrashLoopBackOff']])
    expect(one.asked(2, 'kubectl get pods --no-headers')).toMatch(/^web +0\/1 +Error +1 \(1s ago\) +2s$/m)
    expect(one.asked(160, 'kubectl get pods --no-headers')).toMatch(/CrashLoopBackOff +4 /)
    expect(one.object('Pod', 'web', 600).status!.containerStatuses[0].restartCount).toBe(6)
    expect(one.events('BackOff')[0]!.message).toBe(`Back-off restarting failed container app in pod web_game(${one.object('Pod', 'web').metadata.uid})`)
  })

  it('03: code 0 loops as well', () => {
    const one = play('03')
    expect(one.starts()).toEqual([0.5, 1, 13.4, 37.9, 86.3, 168.3, 332])
    expectStatus(one, [[2, 13, 'Completed'], [87, 158, 'Completed'], [159, 168, 'CrashLoopBackOff']])
    expect(one.object('Pod', 'web', 20).status!.containerStatuses[0].lastState.terminated).toMatchObject({ reason: 'Completed', exitCode: 0 })
  })

  it('04: out of memory after eight seconds, without an event of the kill', () => {
    const one = play('04')
    expect(whole(one.starts()).slice(0, 6)).toEqual([0, 9, 29, 61, 117, 206])
    expectStatus(one, [[9.1, 16.9, 'Running'], [17, 28, 'OOMKilled'], [29, 36, 'Running'], [37, 60, 'OOMKilled'], [61, 68, 'Running'], [69, 116, 'OOMKilled'], [117, 124, 'Running'], [125, 196, 'OOMKilled'], [197, 206, 'CrashLoopBackOff']])
    expect(one.asked(30, 'kubectl describe pod web')).toMatch(/Last State: +Terminated\n +Reason: +OOMKilled\n +Exit Code: +137/)
    expect([...new Set(one.entries('event').map((entry) => entry.data!.reason as string))].sort()).toEqual(['BackOff', 'Created', 'Pulled', 'Scheduled', 'Started'])
  })

  it('05: liveness kills at 30, 60, 90 and 120 s, and then the back-off is longer than a life', () => {
    const one = play('05')
    expect(times(one.events('Unhealthy')).slice(0, 4)).toEqual([10, 20, 30, 40])
    expect(one.entries('probe-kill').slice(0, 5).map((entry) => Math.floor(entry.at / 1000) - 30)).toEqual([30, 60, 90, 120, 150])
    expect(one.events('Killing')[0]!.message).toBe('Container app failed liveness probe, will be restarted')
    expect(whole(one.starts()).slice(0, 6)).toEqual([0, 30, 60, 90, 120, 198])
    expect(one.object('Pod', 'web', 140).status!.containerStatuses[0]).toMatchObject({ restartCount: 4, lastState: { terminated: { exitCode: 143 } } })
    expectStatus(one, [[31, 149, 'Running'], [151, 197, 'CrashLoopBackOff'], [199, 227, 'Running']])
  })

  it('06: a wrong path never gets ready and never restarts', () => {
    const one = play('06')
    expect(one.events('Unhealthy').filter(({ at }) => at > 1).every(({ message }) => message === 'Readiness probe failed: HTTP probe failed with statuscode: 404')).toBe(true)
    expect(one.object('Pod', 'web').status!.containerStatuses[0]).toMatchObject({ restartCount: 0, ready: false })
    expect(one.asked(60, 'kubectl describe service web')).toMatch(/^Endpoints: +$/m)
    expect(one.request('web', 'web', 80)).toMatchObject({ ok: false, symptom: 'refused' })
    expect(condition(one.object('Deployment', 'web', 599), 'Progressing')).toMatchObject({ status: 'True' })
    expect(condition(one.object('Deployment', 'web', 602), 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
    expect(condition(one.object('Deployment', 'web'), 'Available')).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable' })
  })

  it('07: a missing ConfigMap keeps the pod Pending, and it heals by itself', () => {
    const one = play('07')
    expectStatus(one, [[2, 119, 'CreateContainerConfigError'], [132, 170, 'Running']])
    expect(one.object('Pod', 'web', 60).status!.phase).toBe('Pending')
    expect(one.events('Failed').every(({ message }) => message === 'Error: configmap "app-config" not found')).toBe(true)
    expect(one.events('Pulled').length).toBe(one.events('Failed').length + 1)
    expect(one.asked(51, 'kubectl describe pod web')).toContain('(x6 over 51s)')
    expect(one.starts()[0]! - 120).toBeLessThanOrEqual(12)
  })

  it('08: a missing Secret behind a volume says so only in FailedMount', () => {
    const one = play('08')
    expectStatus(one, [[1, 249, 'ContainerCreating'], [251, 350, 'Running']])
    expect(one.events('FailedMount').filter(({ at }) => at <= 72)).toHaveLength(8)
    expect(one.events('FailedMount')[0]!.message).toBe('MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found')
    expect(one.asked(72, 'kubectl logs web')).toBe('Error from server (BadRequest): container "app" in pod "web" is waiting to start: ContainerCreating\n')
  })

  it('09: a bad tag alternates between two words and leaves the old pods alone', () => {
    const one = play('09')
    const pulls = one.entries('image-pull').map((entry) => (entry.at - 30_000) / 1000 - 30.5)
    expect(pulls).toEqual([0, 13, 37, 85, 169, 337, 637])
    const broken = one.object('Pod', 'web').metadata.labels!['pod-template-hash'] // an old pod
    const pod = one.simulation.cluster.view.list('Pod', 'game').find((other) => other.metadata.labels!['pod-template-hash'] !== broken)!.metadata.name
    const p = 30.5
    expectStatus(one, [[p + 1, p + 12.9, 'ErrImagePull'], [p + 13, p + 24.9, 'ImagePullBackOff'], [p + 25, p + 36.9, 'ErrImagePull'], [p + 37, p + 48.9, 'ImagePullBackOff'], [p + 49, p + 60.9, 'ErrImagePull'], [p + 61, p + 96.9, 'ImagePullBackOff'], [p + 97, p + 108.9, 'ErrImagePull']], pod)
    expect(one.events('Failed', pod)[0]!.message).toBe('Failed to pull image "registry.game.example/app:nope": rpc error: code = NotFound desc = failed to pull and unpack image "registry.game.example/app:nope": failed to resolve reference "registry.game.example/app:nope": registry.game.example/app:nope: not found')
    expect(one.asked(45, `kubectl logs ${pod}`)).toBe(`Error from server (BadRequest): container "app" in pod "${pod}" is waiting to start: trying and failing to pull image\n`)
    expect(one.object('Deployment', 'web').status).toMatchObject({ availableReplicas: 2, updatedReplicas: 1 })
  })

  it('10: no node has room, until one is opened', () => {
    const one = play('10')
    expect(one.events('FailedScheduling', 'web')[0]!.message).toBe('0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.')
    expect(one.status(59)).toBe('Pending')
    expect(one.events('Scheduled', 'web')[0]!.at - 60).toBeLessThanOrEqual(11)
    expect(one.entries('event').filter((entry) => entry.ref!.name === 'web' && entry.at < 90_000 && entry.data!.component === 'kubelet')).toEqual([])
  })
})

describe('the network', () => {
  it('11: a selector that matches nothing', () => {
    const one = play('11')
    expect(one.asked(30, 'kubectl describe service web')).toMatch(/^Endpoints: +$/m)
    expect(one.asked(30, 'kubectl get ep web --no-headers')).toMatch(/^web +<none> /)
    expect(one.asked(30, 'kubectl get endpointslices --no-headers')).toMatch(/^web-\w{5} +IPv4 +<unset> +<unset> /m)
    expect(one.request('client', 'web', 80)).toMatchObject({ ok: false, stage: 'no-endpoints', symptom: 'refused' })
    expect(one.request('client', 'web-headless', 8080)).toMatchObject({ ok: false, stage: 'dns', symptom: 'no-such-host' })
  })

  it('12: a wrong number is listed and refuses, a wrong name has no port', () => {
    const one = play('12')
    const ip = one.object('Pod', 'web').status!.podIP as string
    expect(one.asked(30, 'kubectl describe service number')).toContain(`${ip}:8081`)
    expect(one.request('client', 'number', 80)).toMatchObject({ ok: false, stage: 'refused', symptom: 'refused' })
    expect(one.asked(30, 'kubectl get endpointslices --no-headers')).toMatch(/^name-\w{5} +IPv4 +<unset> +10\./m)
    expect(one.asked(30, 'kubectl get endpoints name --no-headers')).toMatch(/^name +<none> /m)
    expect(one.request('client', 'name', 80)).toMatchObject({ ok: false, stage: 'no-endpoints', symptom: 'refused' })
  })

  it('13: 127.0.0.1 is reached from inside only', () => {
    const one = play('13')
    expect(one.asked(30, 'kubectl get pods --no-headers').split('\n').slice(1, 4).map((line) => line.split(/\s+/).slice(0, 3).join(' '))).toEqual(['exec-probe 1/1 Running', 'http-probe 0/1 Running', 'no-probe 1/1 Running'])
    expect(one.events('Unhealthy', 'http-probe')[0]!.message).toMatch(/^Readiness probe failed: Get "http:\/\/[\d.]+:8080\/ready": dial tcp [\d.]+:8080: connect: connection refused$/)
    expect(one.request('client', 'web', 80)).toMatchObject({ ok: false, stage: 'refused' })
  })

  it('14: nothing is allowed, not even DNS, and the pods stay ready', () => {
    const one = play('14')
    const ip = one.object('Pod', 'web').status!.podIP as string
    expect(one.request('client', 'web', 80)).toMatchObject({ ok: false, stage: 'dns', symptom: 'timeout' })
    expect(one.request('client', ip, 8080)).toMatchObject({ ok: false, stage: 'policy', symptom: 'timeout' })
    expect(one.asked(60, 'kubectl get pods --no-headers').match(/1\/1 +Running/g)).toHaveLength(2)
    expect(one.events('Unhealthy').filter(({ at }) => at > 1)).toEqual([])
  })

  it('21: a pod that ends at once loses requests for the second that kube-proxy needs, one that pauses first loses none', () => {
    const one = play('21')
    const lost = (name: string): { at: number; error: string }[] => one.simulation.traffic.of(name)!.lost(0, 120_000)
    expect(lost('abrupt').length).toBeGreaterThan(0)
    expect(lost('abrupt').every(({ at, error }) => at >= 60_000 && at <= 61_000 && error.endsWith('connect: connection refused'))).toBe(true)
    expect(lost('patient')).toEqual([])
    expect(lost('hurried').length).toBeGreaterThan(0)
    expect(lost('hurried').every(({ at, error }) => at === 67_000 && error === 'read: connection reset by peer')).toBe(true)
    expect(one.entries('container-exit').map((entry) => [entry.ref!.name.split('-')[0], entry.at - 90_000, entry.text])).toEqual([['abrupt', 0, 'Completed 0'], ['patient', 5000, 'Completed 0'], ['hurried', 7000, 'Error 137']])
  })

  it('30: a Service fills the variable of its name', () => {
    const one = play('30')
    const address = one.object('Service', 'redis').spec!.clusterIP as string
    expectStatus(one, [[3, 30, 'Error']], one.simulation.at(30_000).list('Pod', 'game')[0]!.metadata.name)
    expect(one.kubectl).toContain(`REDIS_PORT: invalid value" value="tcp://${address}:6379"`)
    expect(one.asked(120, 'kubectl get pods --no-headers')).toMatch(/1\/1 +Running +0 /)
  })
})

describe('init containers and Jobs', () => {
  it('15: one waits and one fails', () => {
    const one = play('15')
    expectStatus(one, [[2, 60, 'Init:0/1'], [66, 200, 'Running']], 'waits')
    expectStatus(one, [[2, 13, 'Init:Error'], [14, 37, 'Init:Error'], [87, 158, 'Init:Error'], [160, 167, 'Init:CrashLoopBackOff']], 'fails')
    expect(one.starts('fails')).toEqual([0.5, 1, 13.4, 37.9, 86.3, 168.3])
    expect(one.object('Pod', 'fails').status).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }] })
    expect(one.asked(30, 'kubectl logs fails -c app')).toBe('Error from server (BadRequest): container "app" in pod "fails" is waiting to start: PodInitializing\n')
  })

  it('28: a plain sidecar keeps a Job open, a native one does not', () => {
    const one = play('28')
    expect(one.asked(60, 'kubectl get jobs --no-headers').split('\n').slice(0, 2).map((line) => line.split(/\s+/).slice(0, 3).join(' '))).toEqual(['native Complete 1/1', 'plain Running 0/1'])
    expect(one.asked(60, 'kubectl get pods --no-headers').split('\n').slice(0, 2).map((line) => line.split(/\s+/).slice(1, 3).join(' '))).toEqual(['0/2 Completed', '1/2 NotReady'])
  })
})

describe('admission and rights', () => {
  it('16: a quota without room for the surge', () => {
    const one = play('16')
    expect(one.asked(90, 'kubectl get rs --no-headers')).toMatch(/^web-\w+ +1 +0 +0 /m)
    expect(one.events('FailedCreate')[0]!.message).toMatch(/^Error creating: pods "web-\w+-\w{5}" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=3, limited: pods=3$/)
    expect(condition(one.object('Deployment', 'web', 90), 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate' })
    expect(one.object('Deployment', 'web', 299).status).toMatchObject({ availableReplicas: 3 })
    expect(one.object('Deployment', 'web').status).toMatchObject({ updatedReplicas: 3, availableReplicas: 3 })
    expect(condition(one.object('Deployment', 'web'), 'ReplicaFailure')).toBeUndefined()
  })

  it('17: the Deployment is warned about, its pods are refused', () => {
    const one = play('17')
    expect(one.simulation.result.applied[0]!.warnings[0]).toMatch(/^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "app" must set/)
    expect(one.simulation.result.applied[0]!.result).toBe('created')
    expect(one.asked(10, 'kubectl get pods')).toBe('No resources found in game namespace.\n')
    expect(one.events('FailedCreate')[0]).toMatchObject({ kind: 'ReplicaSet', message: expect.stringMatching(/is forbidden: violates PodSecurity "restricted:latest": /) as string })
  })

  it('18: an image that runs as root', () => {
    const one = play('18')
    expectStatus(one, [[2, 100, 'CreateContainerConfigError']])
    expect(one.events('Failed')[0]!.message).toBe(`Error: container has runAsNonRoot and image will run as root (pod: "web_game(${one.object('Pod', 'web').metadata.uid})", container: app)`)
  })

  it('26: a ServiceAccount without a Role, and a pod without a token', () => {
    const one = play('26')
    expect(one.kubectl).toContain(`pods is forbidden: User \\"system:serviceaccount:game:app\\" cannot list resource \\"pods\\" in API group \\"\\" in the namespace \\"game\\"`)
    expect(one.kubectl).toContain('open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory')
    expect(one.asked(30, 'kubectl auth can-i list pods --as=system:serviceaccount:game:app')).toBe('no\n')
    expect(one.status(120)).toBe('Running')
    expect(one.status(120, 'no-token')).not.toBe('Running')
  })
})

describe('storage', () => {
  it('19: who may write where', () => {
    const one = play('19')
    for (const pod of ['plain-claim', 'image-directory', 'read-only-root']) expectStatus(one, [[90, 150, 'Error'], [162, 166, 'CrashLoopBackOff']], pod)
    for (const pod of ['with-fsgroup', 'empty-dir']) expectStatus(one, [[5, 230, 'Running']], pod)
    expect(one.kubectl).toContain('$ kubectl logs plain-claim\nlevel=ERROR msg="open /data/game.db: permission denied"')
    expect(one.kubectl).toContain('$ kubectl logs read-only-root\nlevel=ERROR msg="open /data/game.db: read-only file system"')
    expect(one.kubectl).toContain('$ kubectl logs plain-claim --previous\nlevel=ERROR msg="open /data/game.db: permission denied"')
    expect(one.kubectl).toMatch(/unable to retrieve container logs for containerd:\/\/\w+/)
  })

  it('22: one volume, two nodes', () => {
    const one = play('22')
    const old = one.simulation.at(90_000).list('Pod', 'game').find((pod) => pod.status!.phase === 'Running')!
    expect(one.events('FailedAttachVolume').map(({ message }) => message)).toEqual([`Multi-Attach error for volume "${one.object('PersistentVolumeClaim', 'data').spec!.volumeName}" Volume is already used by pod(s) ${old.metadata.name}`])
    expect(one.asked(290, 'kubectl get pods --no-headers').trimEnd().split('\n').map((line) => line.split(/\s+/)[2]).sort()).toEqual(['ContainerCreating', 'Running'])
    expect(one.asked(470, 'kubectl get pods --no-headers')).toMatch(/1\/1 +Running/)
    expect(one.events('SuccessfulAttachVolume').map(({ message }) => message)).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^AttachVolume\.Attach succeeded for volume "pvc-[\w-]+" $/)))
  })

  it('23: the claim waits for the pod and the pod for a node', () => {
    const one = play('23')
    expect(one.events('WaitForFirstConsumer')[0]!.message).toBe('waiting for first consumer to be created before binding')
    expect(one.events('WaitForPodScheduled')[0]!.message).toBe('waiting for pod web to be scheduled')
    expect(one.object('PersistentVolumeClaim', 'data').status!.phase).toBe('Pending')
    expect(one.status(100)).toBe('Pending')
    expect(one.events('FailedScheduling')[0]!.message).toMatch(/^0\/2 nodes are available: 2 node\(s\) didn't match Pod's node affinity\/selector\. /)
  })

  it('29: a changed ConfigMap reaches a file in time, a variable and a subPath never', () => {
    const one = play('29')
    const reloads = one.entries('config-reloaded')
    expect(reloads.map((entry) => [entry.ref!.name.split('-')[0], entry.text])).toEqual([['file', 'rate=2']])
    expect((reloads[0]!.at - 30_000) / 1000).toBe(144)
    const rate = (app: string, of: readonly { metadata: { name: string } }[]): (string | undefined)[] => of.filter((pod) => pod.metadata.name.startsWith(app)).map((pod) => one.simulation.cluster.runtime.container({ kind: 'Pod', namespace: 'game', name: pod.metadata.name }, 'app')!.config('rate'))
    expect(['variable', 'file', 'subpath'].map((app) => rate(app, one.simulation.cluster.view.list('Pod', 'game')))).toEqual([['2'], ['2'], ['2']])
  })
})

describe('rollouts, autoscaling and disruption', () => {
  it('20: a broken version, its deadline and the way back', () => {
    const one = play('20')
    const running = one.simulation.at(90_000).list('Pod', 'game').filter((pod) => pod.status!.containerStatuses[0].ready)
    expect([running.length, one.simulation.at(90_000).list('Pod', 'game').length]).toEqual([3, 4])
    expect(one.asked(90, 'kubectl rollout status deployment/web --watch=false')).toBe('Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...\n')
    expect(one.asked(720, 'kubectl rollout status deployment/web --watch=false')).toBe('error: deployment "web" exceeded its progress deadline\n')
    expect(one.asked(840, 'kubectl get rs --no-headers').trimEnd().split('\n').map((line) => line.split(/\s+/)[1]).sort()).toEqual(['0', '3'])
    expect(one.object('Deployment', 'web').metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3')
    expect(one.entries('ready').filter((entry) => entry.text === 'not ready' && running.some((pod) => pod.metadata.name === entry.ref!.name))).toEqual([])
  })

  it('24: utilization without requests', () => {
    const one = play('24')
    expect(one.asked(120, 'kubectl get hpa --no-headers')).toMatch(/cpu: <unknown>\/80% +1 +10 +2 /)
    expect(one.events('FailedGetResourceMetric').at(-1)!.message).toMatch(/^failed to get cpu utilization: missing request for cpu in container app of Pod web-\w+-\w{5}$/)
    expect(one.object('Deployment', 'web').spec!.replicas).toBe(2)
  })

  it('25: a drain that asks every five seconds, for ever', () => {
    const one = play('25')
    const refusals = one.entries('evict-refused')
    expect(refusals.slice(0, 4).map((entry) => (entry.at - 30_000) / 1000)).toEqual([60, 65, 70, 75])
    expect(refusals.every((entry) => entry.text === "Cannot evict pod as it would violate the pod's disruption budget.")).toBe(true)
    expect(one.asked(120, 'kubectl get nodes --no-headers')).toMatch(/^node-1 +Ready,SchedulingDisabled /m)
    expect(one.asked(170, 'kubectl get pods -o wide --no-headers')).toMatch(/1\/1 +Running .* node-1 /)
    expect(one.entries('drain-finished')).toEqual([])
  })

  it('27: a NoExecute taint empties the node at once', () => {
    const one = play('27')
    expect(one.events('TaintManagerEviction').map(({ at, message }) => [at, message])).toEqual(one.simulation.at(59_000).list('Pod', 'game').filter((pod) => pod.metadata.name.startsWith('web')).map((pod) => [60, `Marking for deletion Pod game/${pod.metadata.name}`]))
    expect(one.asked(120, 'kubectl get pods --no-headers').trimEnd().split('\n').map((line) => line.split(/\s+/)[2])).toEqual(['Running', 'Pending', 'Pending'])
  })
})
