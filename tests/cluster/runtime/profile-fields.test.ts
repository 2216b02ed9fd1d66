/** Every field of an application profile does what its documentation says: one row for each, played through `simulate` and looked at from outside. */
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import { profileSchema } from '../../../server/cluster/profile.ts'
import type { NetworkRequest } from '../../../server/cluster/types.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { fileOf } from '../../support/exercise.ts'

type Setting = { container?: Fields; spec?: Fields; objects?: readonly Fields[]; steps?: readonly Fields[]; externals?: readonly Fields[]; traffic?: readonly Fields[] }

/** One pod `web` with the profile, played for so many seconds. */
function play(profile: Fields, seconds: number, { container = {}, spec = {}, objects = [], steps = [], externals = [], traffic = [] }: Setting = {}): Simulation {
  const scenario = scenarioSchema.parse({
    cluster: { nodes: [{ name: 'node-1', images: ['app:1'] }] }, images: [{ name: 'app:1', profile: 'app' }], externals,
    profiles: { app: { start: { time: '1s' }, listen: [{ port: 8080 }], ...profile, image: { entrypoint: ['/app'], ...(profile.image as Fields) } } },
    runs: [{ name: 'main', warmup: '30s', length: '2h', steps, traffic }], goals: [{ id: 'any', admitted: {} }],
  })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game', labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:1', ...container }], ...spec } }
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects, pod) }, until: seconds * 1000 })
}

const kubectl = ({ cluster }: Simulation, ...argv: string[]): string => {
  const { stdout, stderr } = runKubectl(cluster, argv, { namespace: 'game' })
  return `${stdout}${stderr}`.trimEnd()
}
const inside = (played: Simulation, command: string): string => kubectl(played, 'exec', 'web', '--', 'sh', '-c', command)
const log = (played: Simulation): string[] => kubectl(played, 'logs', 'web').split('\n')
const exits = ({ cluster }: Simulation): [number, number][] => cluster.timeline.filter(({ kind, ref }) => kind === 'container-exit' && ref?.name === 'web').map(({ at, data }) => [(at - 30_000) / 1000, data!.code as number])
const status = (played: Simulation): string => kubectl(played, 'get', 'pod', 'web', '--no-headers').split(/\s{2,}/)[2]!
const ask = ({ cluster }: Simulation, more: Partial<NetworkRequest> = {}): unknown => {
  const host = cluster.view.get('Pod', 'game', 'web')!.status!.podIP as string
  const verdict = cluster.network.request({ from: { kind: 'virtual', namespace: 'game', labels: {} }, host, port: 8080, protocol: 'TCP', kind: 'http', path: '/', ...more })
  return verdict.ok ? [verdict.status, verdict.latencyMs] : verdict.stage
}
const seen = ({ cluster }: Simulation, look: (container: NonNullable<ReturnType<typeof cluster.runtime.container>>) => unknown): unknown => look(cluster.runtime.container({ kind: 'Pod', namespace: 'game', name: 'web' }, 'app')!)
const mebibytes = (played: Simulation): unknown => seen(played, (one) => Math.round(one.memoryBytes() / 1024 ** 2))
const cores = (played: Simulation): unknown => seen(played, (one) => Math.round(one.cpuCores().wanted * 1000) / 1000)
const slowdown = (played: Simulation): unknown => seen(played, (one) => Math.round(one.slowdown() * 100) / 100)

const once: Setting = { spec: { restartPolicy: 'Never' } }
const env = (name: string, value: string): Setting => ({ container: { env: [{ name, value }] } })
const configMap = (data: Fields): Fields => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: 'game' }, data })
const mounted: Setting = { objects: [configMap({ 'app.yaml': 'rate: 20' })], container: { volumeMounts: [{ name: 'cfg', mountPath: '/etc/game' }] }, spec: { volumes: [{ name: 'cfg', configMap: { name: 'cfg' } }] } }
const changed: Setting = { ...mounted, steps: [{ at: 10, patch: { object: 'configmap/cfg', merge: { data: { 'app.yaml': 'rate: 60' } } } }] }
const deleted = (at: number, more: Setting = {}): Setting => ({ ...more, steps: [{ at, delete: 'pod/web' }] })
const hang = (at: number): Setting => ({ steps: [{ at, behave: { workload: 'pod/web', mode: 'hang' } }] })
const db = { name: 'db', host: 'db.example.com', address: '203.0.113.9', ports: [3306] }
const away: Setting = { externals: [{ ...db, state: 'refused' }] }
const there: Setting = { externals: [db] }
const upstream = (more: Fields = {}): Fields => ({ upstreams: [{ name: 'db', host: 'db.example.com', port: 3306, ...more }] })
const serviceAccount: Fields = { verb: 'list', resource: 'pods' }

/** [field, what it does, profile, seconds, setting, look, what is seen] */
type Row = [string, string, Fields, number, Setting, (played: Simulation) => unknown, unknown]

const image: readonly Row[] = [
  ['image.user', 'who the process is', { image: { user: 10001 } }, 5, {}, (p) => inside(p, 'id -u'), '10001'],
  ['image.group', 'its group', { image: { user: 10001, group: 3000 } }, 5, {}, (p) => inside(p, 'id -g'), '3000'],
  ['image.workingDir', 'where it runs', { image: { workingDir: '/srv/app' } }, 5, {}, (p) => inside(p, 'pwd'), '/srv/app'],
  ['image.entrypoint', 'what runs', { image: { entrypoint: ['sh', '-c', 'echo entered'] } }, 5, once, log, ['entered']],
  ['image.command', 'its arguments, unless the pod has others', { image: { entrypoint: ['sh'], command: ['-c', 'echo default'] } }, 5, once, log, ['default']],
  ['image.env', 'variables, which those of the pod override', { image: { env: { A: 'image', B: 'image' } } }, 5, env('B', 'pod'), (p) => inside(p, 'echo $A $B'), 'image pod'],
  ['image.shell', 'no shell in distroless', { image: { shell: false } }, 5, {}, (p) => inside(p, 'id').includes('executable file not found'), true],
  ['image.userland', 'debian has no wget', { image: { userland: 'debian' } }, 5, {}, (p) => inside(p, 'wget -qO- localhost:8080').includes('not found'), true],
  ['image.libc', 'musl asks for names with many dots as they are', { image: { libc: 'musl' } }, 5, {}, (p) => p.cluster.network.resolve({ kind: 'pod', pod: { kind: 'Pod', namespace: 'game', name: 'web' } }, 'a.b.c.d.e.f').queries.length, 1],
  ['image.tools', 'more than the usual tools', { image: { tools: ['curl'] } }, 5, {}, (p) => inside(p, 'curl -s localhost:8080'), 'ok'],
  ['image.shellExecs', 'the signal reaches the program', { image: { shellExecs: true } }, 12, deleted(10, { container: { command: ['sh', '-c', '/app'] } }), exits, [[10, 0]]],
  ['image.files', 'content, owner and mode', { image: { files: { '/opt/a': { content: 'hello', owner: 10001, mode: '600' } } } }, 5, {}, (p) => inside(p, 'cat /opt/a; ls -l /opt/a | cut -c1-10'), 'hello-rw-------'],
  ['image.files.owner', 'who may read it', { image: { user: 10002, files: { '/opt/a': { content: 'hello', owner: 10001, mode: '600' } } } }, 5, {}, (p) => inside(p, 'cat /opt/a').split('\n')[0], "cat: can't open '/opt/a': Permission denied"],
  ['image.files.group', 'a group that may read it', { image: { user: 10002, group: 50, files: { '/opt/a': { content: 'hello', owner: 10001, group: 50, mode: '640' } } } }, 5, {}, (p) => inside(p, 'cat /opt/a'), 'hello'],
  ['image.files.directory', 'a directory', { image: { files: { '/opt/d': { directory: true, mode: '755' } } } }, 5, {}, (p) => inside(p, 'test -d /opt/d && echo yes'), 'yes'],
  ['image.stopSignal', 'what ends it', { image: { stopSignal: 'SIGUSR2' }, stop: { sigterm: 'handled' } }, 12, deleted(10), exits, [[10, 0]]],
]

const starting: readonly Row[] = [
  ['about', 'a word for the next author', { about: 'a server' }, 5, {}, status, 'Running'],
  ['binary', 'the command that is the program', { binary: '/usr/bin/game', image: { entrypoint: ['/usr/bin/game'] } }, 5, {}, (p) => ask(p), [200, 1]],
  ['alsoNamed', 'and another one', { alsoNamed: ['/usr/bin/gamed'] }, 5, { container: { command: ['/usr/bin/gamed'] } }, (p) => ask(p), [200, 1]],
  ['start.time', 'until then nothing listens', { start: { time: '6s' } }, 5, {}, (p) => ask(p), 'refused'],
  ['start.cpu', 'stretched by the limit: 2 core-seconds at half a core', { start: { time: '1s', cpu: 2 } }, 4, { container: { resources: { limits: { cpu: '500m' } } } }, (p) => ask(p), 'refused'],
  ['start.afterCrash', 'longer after an unclean end', { start: { time: '1s', afterCrash: '10s' } }, 18, { steps: [{ at: 5, behave: { workload: 'pod/web', mode: 'crash' } }] }, (p) => [log(p)[0], ask(p)], ['level=WARN msg="unclean shutdown detected, recovering"', [200, 1]]],
  ['start.writes', 'a file that marks the end of the start', { start: { time: '1s', writes: '/tmp/started' } }, 5, {}, (p) => inside(p, 'ls /tmp'), 'started'],
  ['env', 'a variable that must be set', { env: [{ name: 'DB_HOST' }] }, 2, once, (p) => [exits(p), log(p)], [[[1, 2]], ['level=ERROR msg="DB_HOST not set"']]],
  ['env.name', 'its name', { env: [{ name: 'DB_HOST' }] }, 5, env('DB_HOST', 'db'), exits, []],
  ['env.pattern', 'its form', { env: [{ name: 'DB_PORT', pattern: '^\\d+$' }] }, 2, { ...once, ...env('DB_PORT', 'x') }, (p) => log(p)[0]!.includes('DB_PORT: invalid value'), true],
  ['env.fileVariant', 'a file in its place', { env: [{ name: 'RATE', fileVariant: true }] }, 5, { ...mounted, container: { ...mounted.container, env: [{ name: 'RATE_FILE', value: '/etc/game/app.yaml' }] } }, exits, []],
  ['env.exitCode', 'how it ends', { env: [{ name: 'DB_HOST', exitCode: 78 }] }, 2, once, exits, [[1, 78]]],
  ['env.log', 'what it says', { env: [{ name: 'DB_HOST', log: 'no database' }] }, 2, once, log, ['no database']],
  ['files', 'a file that must be there', { files: [{ path: '/etc/game/app.yaml' }] }, 5, mounted, exits, []],
  ['files.path', 'may refer to a variable', { files: [{ path: '${CONFIG:-/etc/none}' }] }, 2, once, (p) => log(p)[0]!.includes('open /etc/none: no such file or directory'), true],
  ['files.contains', 'what must be in it', { files: [{ path: '/etc/game/app.yaml', contains: 'players' }] }, 2, { ...mounted, spec: { ...mounted.spec, restartPolicy: 'Never' } }, (p) => log(p)[0]!.includes('players not found'), true],
  ['files.exitCode', 'how it ends', { files: [{ path: '/none', exitCode: 66 }] }, 2, once, exits, [[1, 66]]],
  ['files.log', 'what it says', { files: [{ path: '/none', log: 'no file' }] }, 2, once, log, ['no file']],
  ['flags', 'others end it', { flags: ['listen'] }, 2, { ...once, container: { args: ['--lisen=1'] } }, exits, [[1, 2]]],
  ['creates', 'files made when the start is through', { creates: [{ path: '/tmp/ready' }] }, 5, {}, (p) => inside(p, 'ls /tmp'), 'ready'],
  ['creates.path', 'where', { creates: [{ path: '${PLACE:-/tmp/here}' }] }, 5, {}, (p) => inside(p, 'ls /tmp'), 'here'],
  ['creates.content', 'what is in it', { creates: [{ path: '/tmp/a', content: 'hello' }] }, 5, {}, (p) => inside(p, 'cat /tmp/a'), 'hello'],
  ['creates.size', 'in memory where the volume is', { creates: [{ path: '/cache/a', size: '100Mi' }], memory: { live: '0', garbage: '0', nonHeap: '10Mi' } }, 5, { container: { volumeMounts: [{ name: 'c', mountPath: '/cache' }] }, spec: { volumes: [{ name: 'c', emptyDir: { medium: 'Memory' } }] } }, mebibytes, 110],
  ['creates.onFailure', 'goes on where it cannot', { creates: [{ path: '/tmp/a', onFailure: 'log' }] }, 5, { container: { securityContext: { readOnlyRootFilesystem: true } } }, (p) => [exits(p), log(p)[0]], [[], 'level=ERROR msg="open /tmp/a: read-only file system"']],
  ['exit', 'ends by itself', { exit: { after: '3s' } }, 5, once, exits, [[3.5, 0]]],
  ['exit.after', 'after its start', { exit: { after: '2s', code: 1 } }, 5, once, exits, [[2.5, 1]]],
  ['exit.code', 'with a code', { exit: { after: '3s', code: 7 } }, 5, once, exits, [[3.5, 7]]],
  ['exit.log', 'and a word', { exit: { after: '3s', log: 'done' } }, 5, once, (p) => log(p).at(-1), 'done'],
  ['exit.times', 'only the first time', { exit: { after: '3s', code: 1, times: 1 } }, 60, {}, exits, [[3.5, 1]]],
]

const serving: readonly Row[] = [
  ['listen.port', 'a port', { listen: [{ port: '${PORT:-8080}' }] }, 5, env('PORT', '9090'), (p) => [ask(p), ask(p, { port: 9090 })], ['refused', [200, 1]]],
  ['listen.address', 'loopback is for its own pod', { listen: [{ port: 8080, address: '127.0.0.1' }] }, 5, {}, (p) => [ask(p), inside(p, 'wget -qO- localhost:8080')], ['refused', 'ok']],
  ['listen.protocol', 'UDP is not TCP', { listen: [{ port: 8080, protocol: 'UDP', kind: 'udp' }] }, 5, {}, (p) => [ask(p, { kind: 'connect' }), ask(p, { protocol: 'UDP', kind: 'data' })], ['refused', [200, 1]]],
  ['listen.kind', 'a TCP server does not speak HTTP', { listen: [{ port: 8080, kind: 'tcp' }] }, 5, {}, (p) => [ask(p), ask(p, { kind: 'connect' })], ['reset', [0, 0]]],
  ['listen.tls', 'HTTP to HTTPS is a bad request', { listen: [{ port: 8080, tls: true }] }, 5, {}, (p) => [ask(p, { tls: 'none' }), ask(p, { tls: 'any' })], [[400, 1], [200, 1]]],
  ['listen.after', 'opens later', { listen: [{ port: 8080, after: '10s' }] }, 5, {}, (p) => ask(p), 'refused'],
  ['listen.maxConnectionAge', 'a duration or a reference', { listen: [{ port: 8080, kind: 'grpc', maxConnectionAge: '${AGE:-}' }] }, 5, env('AGE', '30s'), (p) => seen(p, (one) => one.listening()[0]!.maxAgeMs), 30_000],
  ['listen.maxConnectionAgeGrace', 'when streams are cut after that', { listen: [{ port: 8080, kind: 'grpc', maxConnectionAge: '20s', maxConnectionAgeGrace: '${GRACE:-10s}' }], grpc: { 'game.Match/Watch': {} } }, 100, { traffic: [{ name: 'watchers', from: { namespace: 'game' }, to: { workload: 'pod/web', port: 8080, grpc: 'game.Match/Watch' }, connection: 'long', lasts: '5m', perSecond: 0.01, starts: 5 }] }, ({ cluster }) => cluster.timeline.filter(({ kind }) => kind === 'request-lost').map(({ data }) => data!.first as number)[0], 35_000],
  ['http', 'only the paths it has', { http: { '/a': {} } }, 5, {}, (p) => [ask(p, { path: '/a' }), ask(p)], [[200, 5], [404, 1]]],
  ['http.status', 'a status', { http: { '/': { status: 418 } } }, 5, {}, (p) => ask(p), [418, 5]],
  ['http.latency', 'a time', { http: { '/': { latency: '300ms' } } }, 5, {}, (p) => ask(p), [200, 300]],
  ['http.depends', 'fails with what it needs', { http: { '/': { depends: ['db'] } }, ...upstream() }, 5, away, (p) => ask(p), [503, 6]],
  ['http.failStatus', 'in its own way', { http: { '/': { depends: ['db'], failStatus: 500 } }, ...upstream() }, 5, away, (p) => ask(p), [500, 6]],
  ['http.answersWhenHung', 'although it hangs', { http: { '/': {}, '/metrics': { answersWhenHung: true } } }, 5, hang(3), (p) => [ask(p), ask(p, { path: '/metrics' })], ['silent', [200, 5]]],
  ['http.slowUntil', 'slow at first', { http: { '/': { slowUntil: { until: '20s', latency: '2s' } } } }, 5, {}, (p) => ask(p), [200, 2000]],
  ['http.redirect', 'elsewhere', { http: { '/': { redirect: '/other' } } }, 5, {}, (p) => ask(p), [302, 5]],
  ['http.body', 'what a client reads', { http: { '/': { body: 'pong' } } }, 5, {}, (p) => inside(p, 'wget -qO- localhost:8080'), 'pong'],
  ['http.stall', 'now and then', { http: { '/': { stall: { every: '10s', lasts: '4s', latency: '3s' } } } }, 12, {}, (p) => ask(p), [200, 3000]],
  ['grpc', 'methods and health', { listen: [{ port: 8080, kind: 'grpc' }], grpc: { '': {}, 'game.Match/Find': { status: 503 } } }, 5, {}, (p) => [ask(p, { kind: 'grpc', service: '' }), ask(p, { kind: 'grpc', service: 'game.Match/Find' }), ask(p, { kind: 'grpc', service: 'game.Match/Leave' })], [[200, 5], [14, 5], [12, 1]]],
  ['commands', 'programs of the image', { commands: { 'game-ctl ping': { output: 'pong\n' } } }, 5, {}, (p) => kubectl(p, 'exec', 'web', '--', 'game-ctl', 'ping'), 'pong'],
  ['commands.output', 'a star stands for the rest', { commands: { 'game-ctl *': { output: 'any\n' } } }, 5, {}, (p) => kubectl(p, 'exec', 'web', '--', 'game-ctl', 'a', 'b'), 'any'],
  ['commands.exitCode', 'their code', { commands: { check: { exitCode: 3 } } }, 5, {}, (p) => kubectl(p, 'exec', 'web', '--', 'check'), 'command terminated with exit code 3'],
  ['commands.latency', 'how long they take', { commands: { check: { latency: '3s' } } }, 20, { container: { livenessProbe: { exec: { command: ['check'] }, periodSeconds: 5, failureThreshold: 2 } } }, (p) => exits(p).length > 0, true],
  ['commands.depends', 'what they need', { commands: { check: { depends: ['db'] } }, ...upstream() }, 5, away, (p) => kubectl(p, 'exec', 'web', '--', 'check').includes('exit code'), true],
  ['commands.failsWhenHung', 'fine although it hangs', { commands: { check: { failsWhenHung: false, output: 'ok\n' } } }, 5, hang(3), (p) => kubectl(p, 'exec', 'web', '--', 'check'), 'ok'],
  ['commands.readyOnly', 'not before the start is through', { start: { time: '9s' }, commands: { check: { readyOnly: true } } }, 5, {}, (p) => kubectl(p, 'exec', 'web', '--', 'check').includes('exit code 1'), true],
]

const calling: readonly Row[] = [
  ['upstreams.name', 'by which paths depend on it', { http: { '/': { depends: ['db'] } }, ...upstream() }, 5, there, (p) => ask(p), [200, 25]],
  ['upstreams.host', 'may refer to a variable', { ...upstream({ host: '$DB_HOST', mode: 'startup', onFailure: 'exit' }) }, 5, { ...there, ...env('DB_HOST', 'db.example.com') }, exits, []],
  ['upstreams.port', 'a port', { ...upstream({ port: 1234, mode: 'startup', onFailure: 'exit' }) }, 2, { ...there, ...once }, (p) => log(p)[0]!.includes('203.0.113.9:1234: connect: connection refused'), true],
  ['upstreams.protocol', 'UDP is not TCP', { ...upstream({ protocol: 'UDP', mode: 'startup', onFailure: 'exit' }) }, 2, { ...there, ...once }, (p) => exits(p).length, 1],
  ['upstreams.mode', 'runtime: not before it serves', { ...upstream({ mode: 'runtime', onFailure: 'exit' }) }, 5, away, exits, []],
  ['upstreams.onFailure', 'exit', { ...upstream({ mode: 'startup', onFailure: 'exit' }) }, 3, { ...away, ...once }, (p) => exits(p).map(([, code]) => code), [1]],
  ['upstreams.exitCode', 'its code', { ...upstream({ mode: 'startup', onFailure: 'exit', exitCode: 69 }) }, 3, { ...away, ...once }, (p) => exits(p).map(([, code]) => code), [69]],
  ['upstreams.log', 'its word', { ...upstream({ mode: 'startup', onFailure: 'exit', log: 'no database' }) }, 3, { ...away, ...once }, log, ['no database']],
  ['upstreams.timeout', 'how long a call may take', { http: { '/': { depends: ['db'] } }, ...upstream({ timeout: '700ms' }) }, 5, { externals: [{ ...db, state: 'timeout' }] }, (p) => ask(p), [503, 705]],
  ['upstreams.retryEvery', 'the pause between tries', { ...upstream({ mode: 'startup', onFailure: 'retry', retryEvery: '3s', log: 'again' }) }, 8, away, (p) => log(p).length, 3],
  ['upstreams.answers', 'accepting is enough', { http: { '/': { depends: ['db'] } }, ...upstream({ answers: false }) }, 5, { externals: [{ ...db, state: 'stall' }] }, (p) => (ask(p) as number[])[0], 200],
  ['api', 'what it asks the API server', { api: [serviceAccount] }, 5, {}, (p) => log(p)[0]!.includes('pods is forbidden: User \\"system:serviceaccount:game:default\\" cannot list resource \\"pods\\" in API group \\"\\" in the namespace \\"game\\"'), true],
  ['api.verb', 'the verb', { api: [{ ...serviceAccount, verb: 'watch' }] }, 5, {}, (p) => log(p)[0]!.includes('cannot watch'), true],
  ['api.resource', 'the resource', { api: [{ ...serviceAccount, resource: 'secrets' }] }, 5, {}, (p) => log(p)[0]!.includes('secrets is forbidden'), true],
  ['api.group', 'its group', { api: [{ ...serviceAccount, resource: 'leases', group: 'coordination.k8s.io' }] }, 5, {}, (p) => log(p)[0]!.includes('in API group \\"coordination.k8s.io\\"'), true],
  ['api.name', 'one object', { api: [{ verb: 'get', resource: 'secrets', name: 'db' }] }, 5, {}, (p) => log(p)[0]!.includes('secrets \\"db\\" is forbidden'), true],
  ['api.namespace', 'all namespaces', { api: [{ ...serviceAccount, namespace: '' }] }, 5, {}, (p) => log(p)[0]!.includes('at the cluster scope'), true],
  ['api.onFailure', 'exit', { api: [{ ...serviceAccount, onFailure: 'exit' }] }, 2, once, (p) => exits(p), [[1, 1]]],
  ['api.exitCode', 'its code', { api: [{ ...serviceAccount, onFailure: 'exit', exitCode: 77 }] }, 2, once, (p) => exits(p), [[1, 77]]],
]

const plain = { live: '0', garbage: '0', nonHeap: '10Mi' }
const using: readonly Row[] = [
  ['memory.live', 'cannot be collected', { memory: { ...plain, live: '90Mi' } }, 5, env('GOMEMLIMIT', '20MiB'), mebibytes, 100],
  ['memory.garbage', 'shrinks to fit', { memory: { ...plain, garbage: '90Mi' } }, 5, env('GOMEMLIMIT', '20MiB'), mebibytes, 30],
  ['memory.nonHeap', 'beside the limit of Go', { memory: { ...plain, nonHeap: '50Mi' } }, 5, env('GOMEMLIMIT', '20MiB'), mebibytes, 50],
  ['memory.growPerHour', 'leaks', { memory: { ...plain, growPerHour: '3600Mi' } }, 60.5, {}, mebibytes, 70],
  ['memory.peakEvery', 'rises between collections', { memory: { ...plain, garbage: '100Mi', peakEvery: '20s' } }, 10.5, {}, mebibytes, 60],
  ['memory.rampTime', 'rises at first', { memory: { ...plain, live: '100Mi', rampTime: '20s' } }, 10.5, {}, mebibytes, 60],
  ['cpu.idle', 'cores without work', { cpu: { idle: 0.3 } }, 5, {}, cores, 0.3],
  ['cpu.load', 'cores per load', { cpu: { idle: 0, load: 0.5 } }, 5, { steps: [{ at: 3, load: { workload: 'pod/web', factor: 3 } }] }, cores, 1.5],
  ['cpu.perRequest', 'core-seconds per request', { cpu: { idle: 0, perRequest: 0.01 } }, 100, { traffic: [{ name: 'players', from: { namespace: 'game' }, to: { workload: 'pod/web', port: 8080, path: '/' }, perSecond: 20 }] }, cores, 0.2],
  ['cpu.perMessage', 'core-seconds per message of what is held open', { cpu: { idle: 0, perMessage: 0.01 }, listen: [{ port: 8080, kind: 'ws' }] }, 100, { traffic: [{ name: 'players', from: { namespace: 'game' }, to: { workload: 'pod/web', port: 8080, websocket: '/' }, perSecond: 1, lasts: '20500ms', messages: '1s' }] }, cores, 0.2],
  ['cpu.followsLimit', 'threads of the whole node are throttled', { cpu: { idle: 0.4, followsLimit: false } }, 5, { container: { resources: { limits: { cpu: '500m' } } } }, slowdown, 1.7],
  ['writes', 'files that it writes', { writes: [{ path: '/tmp/journal' }] }, 5, {}, (p) => inside(p, 'ls /tmp'), 'journal'],
  ['writes.path', 'may be the standard output', { writes: [{ path: '${OUT:-stdout}' }] }, 5, { container: { securityContext: { readOnlyRootFilesystem: true } } }, (p) => log(p).filter((line) => line.includes('ERROR')), []],
  ['writes.every', 'the pause between failing attempts', { writes: [{ path: '/tmp/a', every: '5s' }] }, 17, { container: { securityContext: { readOnlyRootFilesystem: true } } }, (p) => log(p).filter((line) => line.includes('read-only file system')).length, 3],
  ['writes.bytesPerSecond', 'how it grows, from its first line of 15 bytes', { writes: [{ path: '/tmp/a', bytesPerSecond: '1000' }] }, 11.5, {}, (p) => inside(p, 'stat -c %s /tmp/a'), '10015'],
  ['writes.keepBytes', 'where it is cut off', { writes: [{ path: '/tmp/a', bytesPerSecond: '1000', keepBytes: '${KEEP:-2000}' }] }, 20, {}, (p) => inside(p, 'stat -c %s /tmp/a'), '2000'],
  ['writes.onFailure', 'ends where it cannot', { writes: [{ path: '/tmp/a', onFailure: 'exit' }] }, 2, { ...once, container: { securityContext: { readOnlyRootFilesystem: true } } }, exits, [[1, 1]]],
  ['tails', 'prints new lines of files', { tails: ['/tmp/game.log'] }, 20, { container: { lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo fought >> /tmp/game.log'] } } } } }, (p) => log(p).includes('fought'), true],
  ['log.to', 'to a file', { log: { to: '/tmp/game.log', ready: ['up'] } }, 5, {}, (p) => [log(p), inside(p, 'cat /tmp/game.log')], [[''], 'up']],
  ['log.start', 'at the start', { start: { time: '9s' }, log: { start: ['hello ${WHO:-all}'] } }, 5, {}, log, ['hello all']],
  ['log.ready', 'once it listens', { log: { ready: ['up'] } }, 5, {}, log, ['up']],
  ['log.every', 'again and again', { log: { ready: ['up'], every: { every: '2s', line: 'tick' } } }, 8, {}, (p) => log(p).filter((line) => line === 'tick').length, 3],
]

const ending: readonly Row[] = [
  ['stop.sigterm', 'ignored: until it is killed', { stop: { sigterm: 'ignored' } }, 60, deleted(10, { spec: { terminationGracePeriodSeconds: 7 } }), exits, [[17, 137]]],
  ['stop.drain', 'finishes what is under way', { stop: { drain: '4s' } }, 60, deleted(10), exits, [[14, 0]]],
  ['stop.shutdownDelayEnv', 'waits first', { stop: { drain: '1s', shutdownDelayEnv: 'DELAY' } }, 60, deleted(10, env('DELAY', '5s')), exits, [[16, 0]]],
  ['stop.keepsListeningWhileDraining', 'answers meanwhile', { stop: { drain: '9s', keepsListeningWhileDraining: true } }, 15, deleted(10), (p) => ask(p), [200, 1]],
  ['stop.exitCode', 'its code', { stop: { exitCode: 3 } }, 60, deleted(10), exits, [[10, 3]]],
  ['stop.whenHung', 'drains although it hangs', { stop: { whenHung: 'drains', drain: '2s' } }, 60, { steps: [{ at: 5, behave: { workload: 'pod/web', mode: 'hang' } }, { at: 10, delete: 'pod/web' }] }, exits, [[12, 0]]],
  ['deadlock', 'hangs by itself', { deadlock: { after: '5s' } }, 8, {}, (p) => ask(p), 'silent'],
  ['deadlock.after', 'after it listens', { deadlock: { after: '5s' } }, 6, {}, (p) => ask(p), [200, 1]],
  ['deadlock.times', 'only the first time', { deadlock: { after: '5s', times: 1 } }, 60, { container: { livenessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 3 } }, spec: { terminationGracePeriodSeconds: 1 } }, (p) => [exits(p).length, ask(p)], [1, [200, 1]]],
  ['config.name', 'what a goal asks for', { config: [{ name: 'rate', file: '/etc/game/app.yaml', key: 'rate' }] }, 5, mounted, (p) => seen(p, (one) => [one.config('rate'), one.config('other')]), ['20', undefined]],
  ['config.file', 'a whole file', { config: [{ name: 'all', file: '/etc/game/app.yaml' }] }, 5, mounted, (p) => seen(p, (one) => one.config('all')), 'rate: 20'],
  ['config.key', 'a key of it', { config: [{ name: 'rate', file: '/etc/game/app.yaml', key: 'rate' }] }, 5, mounted, (p) => seen(p, (one) => one.config('rate')), '20'],
  ['config.env', 'a variable', { config: [{ name: 'rate', env: 'RATE' }] }, 5, env('RATE', '30'), (p) => seen(p, (one) => one.config('rate')), '30'],
  ['config.reload', 'never: the old value stays', { config: [{ name: 'rate', file: '/etc/game/app.yaml', key: 'rate' }] }, 200, changed, (p) => [seen(p, (one) => one.config('rate')), inside(p, 'cat /etc/game/app.yaml')], ['20', 'rate: 60']],
  ['config.every', 'looks again that often', { config: [{ name: 'rate', file: '/etc/game/app.yaml', key: 'rate', reload: 'interval', every: '100s' }] }, 210, changed, (p) => seen(p, (one) => one.config('rate')), '60'],
  ['writer.single', 'is the writer', { writer: { single: true } }, 5, {}, (p) => seen(p, (one) => one.isActiveWriter()), true],
  ['writer.leaseEnv', 'only with a lease when told so, for which it has no right', { writer: { single: true, leaseEnv: 'ELECT', lease: 'game' } }, 30, env('ELECT', 'true'), (p) => [seen(p, (one) => one.isActiveWriter()), log(p).some((line) => line.includes('leases.coordination.k8s.io'))], [true, true]],
  ['writer.lease', 'the name of it', { writer: { single: true, leaseEnv: 'ELECT', lease: 'battle' } }, 30, env('ELECT', 'true'), (p) => log(p).some((line) => line.includes('battle')), true],
]

const rows = [...image, ...starting, ...serving, ...calling, ...using, ...ending]

describe('a field of a profile', () => {
  it.each(rows)('%s: %s', (_field, _says, profile, seconds, setting, look, expected) => expect(look(play(profile, seconds, setting))).toEqual(expected))

  it('has a row, each of them', () => {
    const tested = new Set(rows.map(([field]) => field))
    const known = [...fieldsOf(z.toJSONSchema(profileSchema, { io: 'input', unrepresentable: 'any' }) as Schema, '')]
    // What a row says of a whole holds for its parts where they make no sense alone.
    const parts = /^(http|grpc)\.(slowUntil|stall)\.|^grpc\.|^log\.every\.|^image\.files\.(content|mode)$/
    expect(known.length).toBeGreaterThan(100)
    expect(known.filter((field) => !tested.has(field) && !parts.test(field))).toEqual([])
  })
})

type Schema = { properties?: Record<string, Schema>; additionalProperties?: Schema | boolean; items?: Schema; anyOf?: Schema[] }

/** The paths of all fields that hold something; names of maps and lists are left out. */
function* fieldsOf(schema: Schema, at: string): Iterable<string> {
  const inner = [schema, ...(schema.anyOf ?? [])].flatMap((one) => [one, one.items, typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined]).flatMap((one) => (one ? [one, ...(one.anyOf ?? [])] : []))
  const named = inner.flatMap((one) => Object.entries(one.properties ?? {}))
  if (named.length === 0 && at !== '') yield at
  for (const [name, one] of new Map(named)) yield* fieldsOf(one, at === '' ? name : `${at}.${name}`)
}
