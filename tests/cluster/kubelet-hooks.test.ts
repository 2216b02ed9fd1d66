/** Lifecycle hooks: what happens to a container whose postStart or preStop fails, and what counts as failing. */
import { describe, expect, it } from 'vitest'
import { runKubectl } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { pod, web, world } from './runtime/world.ts'

const profile = { ...web, start: { time: '0s' }, stop: { drain: '1s' }, http: { '/ok': {}, '/broken': { status: 500 }, '/away': { redirect: 'https://login.example/' } } }
const sh = (script: string): Fields => ({ exec: { command: ['sh', '-c', script] } })
const get = (path: string, more: Fields = {}): Fields => ({ httpGet: { path, port: 8080, ...more } })

/** A pod whose container has the hooks, and, with `deleteAt`, is deleted then (in seconds). */
function hooked(lifecycle: Fields, { at = 8000, deleteAt, spec = {}, of = profile }: { at?: number; deleteAt?: number; spec?: Fields; of?: Fields } = {}) {
  const w = world(of, [pod({ lifecycle, ports: [{ name: 'http', containerPort: 8080 }] }, { terminationGracePeriodSeconds: 10, ...spec })], { run: { steps: deleteAt === undefined ? [] : [{ at: deleteAt, delete: 'pod/web' }] } })
  w.to(at)
  const live = w.cluster.view.get('Pod', 'game', 'web')
  const said = w.cluster.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.name === 'web' && ['FailedPostStartHook', 'FailedPreStopHook', 'Killing', 'LifecycleHTTPFallback'].includes(entry.data!.reason as string)).map((entry) => [(entry.at - 15_000) / 1000, entry.data!.type, entry.data!.reason, entry.data!.message])
  return { w, said, uid: live?.metadata.uid, app: live?.status!.containerStatuses[0] as Fields, where: `Container "app" in Pod "web_game(${live?.metadata.uid})"` }
}

describe('a postStart hook that fails', () => {
  it('has its container killed and started again with the pauses of a crash', () => {
    const { w, said, app, where } = hooked({ postStart: sh('echo no database >&2; sleep 2; exit 3') })
    expect(said.slice(0, 2)).toEqual([[2.5, 'Warning', 'FailedPostStartHook', 'PostStartHook failed'], [2.5, 'Normal', 'Killing', 'FailedPostStartHook']])
    expect(app).toMatchObject({ ready: false, state: { waiting: { reason: 'PostStartHookError', message: `Exec lifecycle hook ([sh -c echo no database >&2; sleep 2; exit 3]) for ${where} failed - error: command 'sh -c echo no database >&2; sleep 2; exit 3' exited with 3: no database\n, message: "no database\\n"` } }, lastState: { terminated: { exitCode: 0 } } })
    expect(runKubectl(w.cluster, 'kubectl get pod web --no-headers', { namespace: 'game' }).stdout).toMatch(/^web +0\/1 +PostStartHookError /)
    w.to(120_000)
    const starts = w.cluster.timeline.filter((entry) => entry.kind === 'container-start' && entry.ref?.name === 'web').map((entry) => Math.floor((entry.at - 15_000) / 1000))
    expect(starts.length).toBeGreaterThan(3)
    expect(starts.at(-1)! - starts.at(-2)!).toBeGreaterThan(20)
  })
  it('ends a pod that is not to be restarted', () => {
    const { w } = hooked({ postStart: sh('exit 1') }, { spec: { restartPolicy: 'Never' } })
    expect(w.cluster.view.get('Pod', 'game', 'web')!.status!.phase).toBe('Failed')
    expect(w.exits()).toHaveLength(1)
  })
  it.each<[string, Fields, (where: string, ip: string) => string]>([
    ['a program that the image does not have', { exec: { command: ['redis-cli', 'ping'] } }, (where) => `Exec lifecycle hook ([redis-cli ping]) for ${where} failed - error: rpc error: code = Unknown desc = failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "redis-cli": executable file not found in $PATH: unknown, message: ""`],
    ['a port on which nobody listens', get('/ok', { port: 9090 }), (where, ip) => `HTTP lifecycle hook (/ok) for ${where} failed - error: Get "http://${ip}:9090/ok": dial tcp ${ip}:9090: connect: connection refused`],
  ])('says so of %s', (_name, postStart, message) => {
    const { w, app, where } = hooked({ postStart })
    expect(app.state.waiting).toEqual({ reason: 'PostStartHookError', message: message(where, w.cluster.view.get('Pod', 'game', 'web')!.status!.podIP as string) })
  })
})

it.each([['a command', sh('exit 0')], ['a pause', { sleep: { seconds: 1 } }]])('a postStart hook that does not fail changes nothing: %s', (_name, postStart) => {
  const { said, app } = hooked({ postStart })
  expect(said).toEqual([])
  expect(app).toMatchObject({ ready: true, restartCount: 0, state: { running: {} } })
})

describe('an HTTP hook', () => {
  const stopping = [20, 'Normal', 'Killing', 'Stopping container app']
  const asked = (httpGet: Fields, of: Fields = profile): unknown[] => hooked({ preStop: httpGet }, { deleteAt: 20, at: 40_000, of }).said
  it.each([['a page', get('/ok')], ['one on a named port', get('/ok', { port: 'http' })], ['one that answers 500', get('/broken')], ['one that is not there', get('/none')], ['one that redirects elsewhere', get('/away')]])('is content with any answer: %s', (_name, hook) => expect(asked(hook)).toEqual([stopping]))
  it.each([['where nobody listens', get('/ok', { port: 9090 })], ['at a port that has no name', get('/ok', { port: 'admin' })], ['at another host', get('/ok', { host: '127.0.0.1' })]])('fails %s', (_name, hook) => expect(asked(hook)).toEqual([stopping, [20, 'Warning', 'FailedPreStopHook', 'PreStopHook failed']]))
  it('asks again without TLS where a server has none, and says so', () => {
    expect(asked(get('/ok', { scheme: 'HTTPS' }))).toEqual([stopping, [20, 'Warning', 'LifecycleHTTPFallback', expect.stringMatching(/^request to HTTPS lifecycle hook 10\.[\d.]+:8080 got HTTP response, retry with HTTP succeeded$/)]])
    expect(asked(get('/ok', { scheme: 'HTTPS' }), { ...profile, listen: [{ port: 8080, tls: true }] })).toEqual([stopping])
  })
})

describe('a preStop hook that fails', () => {
  it('is told when it is through; the container is stopped as ever', () => {
    const { w, said } = hooked({ preStop: sh('sleep 3; exit 1') }, { deleteAt: 20, at: 40_000 })
    expect(said).toEqual([[20, 'Normal', 'Killing', 'Stopping container app'], [23, 'Warning', 'FailedPreStopHook', 'PreStopHook failed']])
    expect(w.exits()).toEqual([[24_000, 'Completed', 0]])
  })
  it('is not told when the grace is over first, nor when it succeeds', () => {
    expect(hooked({ preStop: sh('sleep 30; exit 1') }, { deleteAt: 20, at: 60_000 }).said.map(([, , reason]) => reason)).toEqual(['Killing'])
    expect(hooked({ preStop: sh('sleep 3') }, { deleteAt: 20, at: 60_000 }).said.map(([, , reason]) => reason)).toEqual(['Killing'])
  })
  it('does not run when the container ends by itself', () => {
    const { said } = hooked({ preStop: sh('exit 1') }, { of: { ...profile, exit: { after: '3s', code: 1, times: 1 } }, at: 20_000 })
    expect(said).toEqual([])
  })
})
