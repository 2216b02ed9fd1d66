/** Restart policies and rules of single containers, and the restart of a whole pod in place. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

function play(spec: Fields, length = '5m'): Simulation {
  const scenario = scenarioSchema.parse({ cluster: { nodes: [{ name: 'node-1', images: ['busybox:1.37'] }] }, runs: [{ name: 'main', warmup: '30s', length }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' }, spec }) } })
}
const shell = (name: string, script: string, more: Fields = {}): Fields => ({ name, image: 'busybox:1.37', command: ['sh', '-c', script], ...more })
const rule = (action: string, values: number[], operator = 'In'): Fields => ({ action, exitCodes: { operator, values } })
const live = ({ cluster }: Simulation): Fields => cluster.view.get('Pod', 'game', 'web')!.status as Fields
const facts = ({ result }: Simulation, kind: string): [number, string, string][] => result.timeline.filter((entry) => entry.kind === kind && entry.ref?.name === 'web').map((entry) => [(entry.at - 30_000) / 1000, entry.container ?? '', entry.text])
const starts = (played: Simulation, container: string): number[] => facts(played, 'container-start').filter(([, name]) => name === container).map(([at]) => at)
const events = ({ result }: Simulation, reason: string): string[] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason && entry.ref?.name === 'web').map((entry) => entry.data!.message as string)

describe('a container with its own restart policy', () => {
  it('stays down beside one that is restarted', () => {
    const played = play({ restartPolicy: 'OnFailure', containers: [shell('once', 'sleep 3; exit 1', { restartPolicy: 'Never' }), shell('again', 'sleep 5; exit 1')] })
    expect(starts(played, 'once')).toHaveLength(1)
    expect(starts(played, 'again').length).toBeGreaterThan(3)
    expect(live(played)).toMatchObject({ phase: 'Running' })
  })
  it('fails the pod where an init container may not be tried again', () => {
    const played = play({ initContainers: [shell('setup', 'exit 3', { restartPolicy: 'Never' })], containers: [shell('app', 'sleep 600')] })
    expect(live(played)).toMatchObject({ phase: 'Failed', initContainerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 3 } } }] })
    expect(runKubectl(played.cluster, 'kubectl get pod web --no-headers').stdout).toMatch(/^web +0\/1 +Init:Error +0 /)
  })
  it('starts anew after a failed probe whatever it ended with', () => {
    const played = play({ restartPolicy: 'OnFailure', containers: [shell('app', 'trap "exit 0" TERM; sleep 600 & wait', { livenessProbe: { exec: { command: ['false'] }, periodSeconds: 5, failureThreshold: 1 } })] }, '8s')
    expect(events(played, 'Killing')).toEqual(['Container app failed liveness probe, will be restarted'])
    expect(live(played).containerStatuses[0]).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 0 } } })
  })
})

describe('a restart rule', () => {
  it('restarts on its exit codes, with the back-off, and on no others', () => {
    const codes = (code: number): Simulation => play({ restartPolicy: 'Never', containers: [shell('app', `sleep 2; exit ${code}`, { restartPolicy: 'Never', restartPolicyRules: [rule('Restart', [42])] })] })
    expect(starts(codes(42), 'app').slice(0, 3)).toEqual([0.5, 3, 17])
    expect(live(codes(42))).toMatchObject({ phase: 'Running' })
    expect(starts(codes(1), 'app')).toEqual([0.5])
    expect(live(codes(1))).toMatchObject({ phase: 'Failed' })
  })
  it('counts NotIn, also for success', () => {
    expect(starts(play({ restartPolicy: 'Never', containers: [shell('app', 'sleep 2', { restartPolicy: 'Never', restartPolicyRules: [rule('Restart', [7], 'NotIn')] })] }), 'app').length).toBeGreaterThan(3)
  })
})

describe('RestartAllContainers', () => {
  const trigger = (script: string, more: Fields = {}): Fields => shell('watcher', script, { restartPolicy: 'Never', restartPolicyRules: [rule('RestartAllContainers', [88])], ...more })

  it('ends what runs within two seconds and without hooks, then starts with the init containers', () => {
    const played = play({ restartPolicy: 'Never', terminationGracePeriodSeconds: 60, initContainers: [shell('setup', 'sleep 4')], containers: [shell('app', 'sleep 600', { lifecycle: { preStop: { exec: { command: ['sleep', '30'] } } } }), trigger('sleep 10; exit 88')] }, '60s')
    // setup 0.5 to 4.5 (seen at 5), app and watcher 5; watcher ends at 15.1, seen at 16; app ignores TERM and is gone at 18.
    expect(starts(played, 'setup').slice(0, 2)).toEqual([0.5, 18])
    expect(starts(played, 'app').slice(0, 2)).toEqual([5, 22])
    expect(facts(played, 'container-exit').filter(([, name]) => name === 'app')[0]).toEqual([18, 'app', 'Error 137'])
    expect(events(played, 'Killing')[0]).toBe('killing')
    expect(facts(played, 'pod-phase').map(([at, , text]) => [at, text])).toEqual([[0, 'Pending'], [5.1, 'Running'], [18, 'Pending'], [22.1, 'Running'], [35, 'Pending'], [39.1, 'Running'], [52, 'Pending'], [56.1, 'Running']])
  })

  it('knows no back-off and no policy: who had finished runs again', () => {
    const played = play({ restartPolicy: 'Never', containers: [shell('done', 'sleep 1'), shell('app', 'trap "exit 0" TERM; while true; do sleep 1; done'), trigger('sleep 5; exit 88')] }, '60s')
    const gaps = starts(played, 'watcher').map((at, i, all) => Math.round((all[i + 1] ?? NaN) - at)).filter((gap) => !Number.isNaN(gap))
    expect(gaps.length).toBeGreaterThan(5)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(8)
    expect(starts(played, 'done').length).toBe(starts(played, 'watcher').length)
    expect(events(played, 'BackOff')).toEqual([])
  })

  it('is told by a condition, the waiting reason and the last state', () => {
    const played = play({ restartPolicy: 'Never', containers: [shell('app', 'sleep 600'), trigger('sleep 10; exit 88')] }, '15s')
    const conditions = played.cluster.store.history({ kind: 'Pod', namespace: 'game', name: 'web' }).map(({ object }) => ((object?.status?.conditions ?? []) as Fields[]).find((one) => one.type === 'AllContainersRestarting')).filter((one) => one !== undefined)
    expect([...new Set(conditions.map((one) => [one.status, one.reason ?? '', one.message ?? ''].join('|')))]).toEqual(['False||', 'True|RestartAllContainersStarted|container exited with restart policy rule'])
    expect(facts(played, 'container-state').filter(([at, name]) => at > 1 && name === 'app').map(([at, , text]) => [at, text])).toEqual([[13, 'RestartingAllContainers'], [13.1, 'running']])
    expect(live(played).containerStatuses).toMatchObject([{ name: 'app', restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'RestartingAllContainers' } } }, { name: 'watcher', restartCount: 1 }])
    expect(runKubectl(played.cluster, 'kubectl get pod web --no-headers').stdout).toMatch(/^web +2\/2 +Running +2 +15s/)
  })

  it('can be asked for by a sidecar and by an init container', () => {
    const bySidecar = play({ initContainers: [trigger('sleep 10; exit 88', { name: 'side', restartPolicy: 'Always' })], containers: [shell('app', 'sleep 600')] }, '20s')
    expect(starts(bySidecar, 'app')).toHaveLength(2)
    const byInit = play({ initContainers: [shell('first', 'true'), trigger('exit 88', { name: 'second' })], containers: [shell('app', 'sleep 600')] }, '20s')
    expect(starts(byInit, 'first').length).toBeGreaterThan(2)
    expect(live(byInit)).toMatchObject({ phase: 'Pending', containerStatuses: [{ restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } }] })
  })
})

describe('the end of a pod', () => {
  it('starts nothing anew while the slow ones are ended after the deadline', () => {
    const played = play({ activeDeadlineSeconds: 10, terminationGracePeriodSeconds: 20, containers: [shell('quick', 'trap "exit 1" TERM; while true; do sleep 1; done'), shell('slow', 'sleep 600')] }, '60s')
    expect(starts(played, 'quick')).toHaveLength(1)
    expect(live(played)).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' })
  })
  it('runs the hook of a sidecar at once and stops it after the containers', () => {
    const sidecar = shell('side', 'trap "exit 0" TERM; while true; do sleep 1; done', { restartPolicy: 'Always', lifecycle: { preStop: { exec: { command: ['sleep', '6'] } } } })
    const played = play({ activeDeadlineSeconds: 10, terminationGracePeriodSeconds: 30, initContainers: [sidecar], containers: [shell('app', 'trap "sleep 8; exit 0" TERM; while true; do sleep 1; done')] }, '60s')
    const ends = facts(played, 'container-exit').map(([at, name]) => [name, Math.round(at)])
    expect(ends[0]![0]).toBe('app')
    expect((ends[1]![1] as number) - (ends[0]![1] as number)).toBeLessThanOrEqual(1)
  })
})
