/** Stopping and misbehaving: signals and who gets them, drains, hangs, crashes, logs that outlive the process. */
import { describe, expect, it } from 'vitest'
import type { Fields } from '../../../server/k8s/object.ts'
import type { RunningContainer } from '../../../server/cluster/types.ts'
import { busybox, deployment, pod, web, world } from './world.ts'

const deleted = { run: { steps: [{ at: 60, delete: 'pod/web' }] } }
const http = (path: string, more: Fields = {}): Fields => ({ httpGet: { path, port: 8080 }, ...more })
const ask = (container: RunningContainer, kind: 'connect' | 'http', on = container.spec.podIP, path = '/livez') => container.respond({ port: 8080, protocol: 'TCP', kind, path, on, sourceIP: '10.0.0.10' })

describe('the stop signal', () => {
  const app = { ...web, stop: { drain: '3s' } }
  // [name, profile, container, exit after the deletion in ms, code]
  const table: [string, Fields, Fields, number, number][] = [
    ['reaches the program: it drains and ends well', app, {}, 3000, 0],
    ['reaches it through exec', app, { command: ['sh', '-c', 'exec /app'] }, 3000, 0],
    ['is not passed on by a shell', app, { command: ['sh', '-c', '/app'] }, 20_000, 137],
    ['is not passed on by a script that goes on after the program', app, { command: ['sh', '-c', '/app; echo ended'] }, 20_000, 137],
    ['is passed on by a shell that replaces itself', { ...app, image: { entrypoint: ['/app'], shellExecs: true } }, { command: ['sh', '-c', '/app'] }, 3000, 0],
    ['is passed on by a trap', app, { command: ['sh', '-c', `trap 'kill -TERM $child' TERM; /app & child=$!; wait $child; wait $child; exit 4`] }, 3000, 4],
    ['meets a shell that sleeps in the foreground and runs its trap afterwards', app, { command: ['sh', '-c', 'trap "exit 5" TERM; sleep 70; sleep 3600'] }, 10_500, 5],
    ['is ignored by a plain sleep as process 1', app, { command: ['sleep', '3600'] }, 20_000, 137],
    ['ends a program that does not handle it', { ...web, stop: { sigterm: 'default' } }, {}, 0, 143],
    ['is ignored by a program', { ...web, stop: { sigterm: 'ignored' } }, {}, 20_000, 137],
    ['waits for preStop first', app, { lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } }, 8000, 0],
    ['finds a drain longer than the grace', { ...web, stop: { drain: '60s' } }, {}, 20_000, 137],
    ['keeps the shutdown delay', { ...web, stop: { drain: '2s', shutdownDelayEnv: 'SHUTDOWN_DELAY' } }, { env: [{ name: 'SHUTDOWN_DELAY', value: '4s' }] }, 6000, 0],
  ]
  it.each(table)('%s', (_name, profile, container, after, code) => {
    const w = world(profile, [pod(container, { terminationGracePeriodSeconds: 20 })], deleted)
    w.to(100_000)
    expect(w.exits().map(([at, , exit]) => [at - 60_000, exit])).toEqual([[after, code]])
  })

  it('closes the sockets when the drain begins, and not before the shutdown delay is over', () => {
    const w = world({ ...web, stop: { drain: '5s', shutdownDelayEnv: 'DELAY' } }, [pod({ env: [{ name: 'DELAY', value: '4s' }] })], deleted)
    const open = (at: number): boolean => {
      w.to(at)
      return ask(w.container(), 'connect').outcome === 'ok'
    }
    expect([open(59_000), open(63_900), open(64_100)]).toEqual([true, true, false])
    expect(w.container().exited).toBeUndefined()
  })

  it('may be one the image chose', () => {
    const w = world({ ...web, image: { entrypoint: ['/app'], stopSignal: 'SIGQUIT' }, stop: { drain: '1s' } }, [pod({}, { terminationGracePeriodSeconds: 20 })], deleted)
    w.to(100_000)
    expect(w.exits()).toEqual([[61_000, 'Completed', 0]])
  })
})

describe('misbehaviour', () => {
  const behave = (mode: string, more: Fields = {}) => ({ run: { steps: [{ at: 60, behave: { workload: 'pod/web', mode, ...more } }] } })

  it('hang: accepts TCP and answers nothing, until the kubelet kills it', () => {
    const container = (probe: Fields) => world(web, [pod({ livenessProbe: { ...probe, periodSeconds: 5, failureThreshold: 2 } }, { terminationGracePeriodSeconds: 10 })], behave('hang'))
    const tcp = container({ tcpSocket: { port: 8080 } })
    tcp.to(300_000)
    expect(tcp.exits()).toEqual([])
    expect([ask(tcp.container(), 'connect').outcome, ask(tcp.container(), 'http').outcome]).toEqual(['ok', 'silent'])
    const real = container(http('/livez'))
    real.to(300_000)
    expect(real.exits()).toHaveLength(1)
    expect(real.exits()[0]![2]).toBe(137)
    expect(ask(real.container(), 'http')).toMatchObject({ outcome: 'ok', status: 200 })
  })

  it('hang: what needs no lock still answers', () => {
    const w = world({ ...web, http: { '/livez': {}, '/metrics': { answersWhenHung: true } } }, [pod()], behave('hang'))
    w.to(70_000)
    expect([ask(w.container(), 'http', undefined, '/metrics').outcome, ask(w.container(), 'http').outcome]).toEqual(['ok', 'silent'])
  })

  it('slow: takes longer than the probe waits', () => {
    const w = world(web, [pod({ readinessProbe: http('/readyz', { periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 1 }) })], behave('slow', { latency: '2500ms' }))
    w.to(90_000)
    expect(w.cluster.view.get('Pod', 'game', 'web')!.status!.containerStatuses[0].ready).toBe(false)
    expect(w.exits()).toEqual([])
  })

  it('stop: refuses connections and lives on', () => {
    const w = world(web, [pod()], behave('stop'))
    w.to(70_000)
    expect([ask(w.container(), 'connect').outcome, w.exits().length]).toEqual(['refused', 0])
  })

  it('crash: ends without cleaning up, and comes back', () => {
    const w = world({ ...web, start: { time: '2s', afterCrash: '20s' } }, [pod()], behave('crash'))
    w.to(75_000)
    expect(w.exits()).toEqual([[60_000, 'Error', 2]])
    expect(w.container().listening()).toEqual([])
    w.to(90_000)
    expect(w.container().listening()).toHaveLength(1)
    expect(w.log('web').some((line) => line.includes('unclean shutdown'))).toBe(true)
    expect(w.cluster.runtime.logs({ kind: 'Pod', namespace: 'game', name: 'web' }, 'app', true)!.at(-1)!.line).toContain('panic')
  })

  it('newPodsToo: also holds for pods and processes that come later, until it is taken back', () => {
    const steps = [{ at: 60, behave: { workload: 'deployment/web', mode: 'hang', newPodsToo: true } }, { at: 70, deletePods: { workload: 'deployment/web' } }, { at: 150, behave: { workload: 'deployment/web', mode: 'normal' } }, { at: 160, deletePods: { workload: 'deployment/web' } }]
    const w = world(web, [deployment('web', 1)], { run: { steps } })
    const answers = (at: number): string => {
      w.to(at)
      const live = w.pods('deployment/web').find((one) => !one.metadata.deletionTimestamp)!
      return ask(w.container(live.metadata.name), 'http').outcome
    }
    expect([answers(50_000), answers(100_000), answers(155_000), answers(200_000)]).toEqual(['ok', 'silent', 'ok', 'ok'])
  })

  it('deadlocks by itself as often as its profile says', () => {
    const w = world({ ...web, deadlock: { after: '30s', times: 1 } }, [pod({ livenessProbe: http('/livez', { periodSeconds: 5, failureThreshold: 1 }) }, { terminationGracePeriodSeconds: 5 })])
    w.to(300_000)
    expect(w.exits()).toHaveLength(1)
  })

  it('ends by itself as a job does', () => {
    const w = world({ exit: { after: '12s', code: 0, log: 'migrated' } }, [pod({}, { restartPolicy: 'Never' })])
    w.to(60_000)
    expect(w.exits()).toEqual([[12_500, 'Completed', 0]])
    expect(w.log()).toEqual(['migrated'])
  })
})

describe('an address to listen on', () => {
  it('127.0.0.1 refuses the pod address and is fine from inside', () => {
    const w = world({ ...web, listen: [{ port: 8080, address: '127.0.0.1' }] }, [pod({ readinessProbe: http('/readyz') }), pod({ ...busybox('sleep 3600'), name: 'app' }, {}, 'other')])
    w.to(30_000)
    const web1 = w.container()
    expect(ask(web1, 'connect').outcome).toBe('refused')
    expect(w.cluster.view.get('Pod', 'game', 'web')!.status!.containerStatuses[0].ready).toBe(false)
    expect(web1.exec(['wget', '-qO-', 'http://127.0.0.1:8080/readyz'])).toMatchObject({ exitCode: 0, stdout: 'ok' })
    expect(w.container('other').exec(['wget', '-qO-', '-T', '3', `http://${web1.spec.podIP}:8080/readyz`])).toMatchObject({ exitCode: 1, stderr: `wget: can't connect to remote host (${web1.spec.podIP}): Connection refused\n` })
    // The kubelet's own loopback is not the pod's.
    expect(web1.respond({ port: 8080, protocol: 'TCP', kind: 'connect', on: '127.0.0.1', sourceIP: '10.0.0.10' }).outcome).toBe('refused')
  })

  it('is shared by the containers of a pod', () => {
    const w = world({ ...web, listen: [{ port: 8080, address: '127.0.0.1' }] }, [pod({}, { containers: [{ name: 'app', image: 'app:1' }, busybox('sleep 5; nc -z 127.0.0.1 8080 && echo open; sleep 3600')] })])
    w.to(30_000)
    expect(w.log('web', 'box')).toEqual(['open'])
  })
})

describe('logs', () => {
  it('outlive the process, one instance back', () => {
    const w = world({ exit: { after: '3s', code: 1, log: 'gone' }, log: { start: ['start'] } }, [pod()])
    w.to(4500)
    const ref = { kind: 'Pod', namespace: 'game', name: 'web' }
    expect(w.cluster.runtime.logs(ref, 'app', true)!.map((entry) => entry.line)).toEqual(['start', 'gone'])
    expect(w.log()).toEqual(['start'])
    expect(w.cluster.runtime.logs({ ...ref, name: 'none' }, 'app', false)).toBeUndefined()
  })

  it('repeat lazily and in order', () => {
    const w = world({ ...web, log: { ready: ['listening'], every: { every: '10s', line: 'tick' } } }, [pod()])
    w.to(40_000)
    const at = w.container().log.map((entry) => entry.at - 15_000)
    expect(w.log()).toEqual(['listening', 'tick', 'tick', 'tick'])
    expect(at).toEqual([2500, 12_500, 22_500, 32_500])
  })

  it('written to a file are seen by a sidecar that follows it', () => {
    const shared = { volumeMounts: [{ name: 'logs', mountPath: '/var/log/game' }] }
    const w = world({ ...web, log: { to: '/var/log/game/app.log', ready: ['up'], every: { every: '10s', line: 'tick' } } }, [pod({}, { containers: [{ name: 'app', image: 'app:1', ...shared }, { ...busybox('tail -n +1 -F /var/log/game/app.log'), ...shared }], volumes: [{ name: 'logs', emptyDir: {} }] })])
    w.to(30_000)
    expect(w.log()).toEqual([])
    expect(w.log('web', 'box')).toEqual(['up', 'tick', 'tick'])
  })

  it('a profile that follows files prints them as its own', () => {
    const shared = { volumeMounts: [{ name: 'logs', mountPath: '/logs' }] }
    const w = world({ ...web, log: { to: '/logs/app.log', ready: ['up'] } }, [pod({}, { containers: [{ name: 'app', image: 'app:1', ...shared }, { name: 'agent', image: 'agent:1', ...shared }], volumes: [{ name: 'logs', emptyDir: {} }] })], { profiles: { agent: { image: { entrypoint: ['/agent'] }, tails: ['/logs/app.log'] } } })
    w.to(30_000)
    expect(w.log('web', 'agent')).toEqual(['up'])
  })
})
