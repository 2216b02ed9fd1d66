/** Starting: what containerd refuses, what a program looks for before it listens, and who it waits for. */
import { describe, expect, it } from 'vitest'
import type { Fields } from '../../../server/k8s/object.ts'
import { busybox, configMap, pod, service, web, world } from './world.ts'

const runc = 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
const statusOf = (w: ReturnType<typeof world>): Fields => w.cluster.view.get('Pod', 'game', 'web')!.status!.containerStatuses[0]

describe('a container that cannot be started', () => {
  const files = { '/opt/run.sh': { content: '#!/bin/sh\necho run\n', mode: '644' }, '/etc/site.conf': 'a' }
  const mount = (subPath: string, mountPath: string): [Fields, Fields] => [{ volumeMounts: [{ name: 'cfg', mountPath, subPath }] }, { volumes: [{ name: 'cfg', configMap: { name: 'cfg' } }] }]
  const table: [string, Fields, Fields, string, string][] = [
    ['a command that is on no path', { command: ['foo'] }, {}, 'RunContainerError', `${runc}error during container init: exec: "foo": executable file not found in $PATH`],
    ['a file without its execute bit', { command: ['/opt/run.sh'] }, {}, 'RunContainerError', `${runc}error during container init: exec: "/opt/run.sh": permission denied`],
    ['a path that is not there', { command: ['/app/x'] }, {}, 'RunContainerError', `${runc}error during container init: exec: "/app/x": stat /app/x: no such file or directory`],
    ['a relative path in the wrong directory', { command: ['./app'], workingDir: '/srv' }, {}, 'RunContainerError', `${runc}error during container init: exec: "./app": stat ./app: no such file or directory`],
    ['too little memory to begin', { resources: { limits: { memory: '4Mi' } } }, {}, 'RunContainerError', `${runc}container init was OOM-killed (memory limit too low?)`],
    ['a missing key as subPath over a file of the image', ...mount('absent.conf', '/etc/site.conf'), 'RunContainerError', 'not a directory: Are you trying to mount a directory onto a file (or vice-versa)?'],
    ['a directory nobody but root may enter', { command: ['/app'], workingDir: '/root', securityContext: { runAsUser: 1000 } }, {}, 'RunContainerError', 'chdir to cwd ("/root") set in config.json failed: permission denied'],
    ['a file as working directory', { workingDir: '/etc/site.conf' }, {}, 'RunContainerError', 'mkdir /etc/site.conf: not a directory'],
  ]
  it.each(table)('%s', (_name, container, spec, reason, message) => {
    const w = world({ ...web, image: { entrypoint: ['/app'], files } }, [configMap('cfg', { 'site.conf': 'x' }), pod(container, spec)])
    w.to(3000)
    expect(statusOf(w).state.waiting).toMatchObject({ reason, message: expect.stringContaining(message) })
    expect(statusOf(w).lastState.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' })
  })

  it('does not know the user its image names', () => {
    const w = world({ ...web, image: { entrypoint: ['/app'], user: 'game', files: { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n' } } }, [pod()])
    w.to(3000)
    expect(statusOf(w).state.waiting).toMatchObject({ reason: 'CreateContainerError', message: expect.stringContaining('unable to find user game: no matching entries in passwd file') })
  })

  it.each<[string, string | number, Fields, Fields, string]>([
    ['an image of root', 0, {}, {}, 'container has runAsNonRoot and image will run as root'],
    ['an image whose user is root by number as text', '0', {}, {}, 'container has runAsNonRoot and image will run as root'],
    ['an image whose user is a name', 'game', {}, {}, 'container has runAsNonRoot and image has non-numeric user (game), cannot verify user is non-root'],
    ['root asked for by the container', 1000, { runAsUser: 0 }, {}, "container's runAsUser breaks non-root policy"],
    ['root asked for by the pod', 1000, {}, { runAsUser: 0 }, "container's runAsUser breaks non-root policy"],
  ])('must not run as root: %s', (_name, user, own, shared, text) => {
    const w = world({ ...web, image: { entrypoint: ['/app'], user } }, [pod({ securityContext: own }, { securityContext: { runAsNonRoot: true, ...shared } })])
    w.to(3000)
    const message = `${text} (pod: "web_game(${w.cluster.view.get('Pod', 'game', 'web')!.metadata.uid})", container: app)`
    expect(statusOf(w)).toMatchObject({ state: { waiting: { reason: 'CreateContainerConfigError', message } }, lastState: {}, restartCount: 0 })
    expect(w.cluster.timeline.some((entry) => entry.kind === 'event' && entry.data?.reason === 'Failed' && entry.data.message === `Error: ${message}`)).toBe(true)
  })
  it.each<[string, string | number, Fields, Fields]>([
    ['an image of another user', 1000, {}, {}], ['one whose user is a number as text', '1000', {}, {}], ['another user asked for', 0, { runAsUser: 1000 }, {}], ['a named user that is told apart', 'game', { runAsUser: 1000 }, {}],
    ['the container lifts it', 0, { runAsNonRoot: false }, {}], ['the container overrules the user of the pod', 0, { runAsUser: 1000 }, { runAsUser: 0 }],
  ])('may run: %s', (_name, user, own, shared) => {
    const w = world({ ...web, image: { entrypoint: ['/app'], user } }, [pod({ securityContext: own }, { securityContext: { runAsNonRoot: true, ...shared } })])
    w.to(3000)
    expect(statusOf(w).state).toHaveProperty('running')
  })

  it.each<[string, Fields, boolean]>([['no command', {}, false], ['arguments only', { args: ['--listen=:8080'] }, true], ['a command', { command: ['sh', '-c', 'sleep 60'] }, true]])('of an image that has no command needs one: %s', (_name, container, hasOne) => {
    const w = world({ ...web, image: { entrypoint: [], command: [] } }, [pod(container)])
    w.to(3000)
    const message = expect.stringMatching(/^failed to generate container "[0-9a-f]+" spec: failed to generate spec: no command specified$/)
    if (hasOne) expect(statusOf(w).state.waiting?.reason).not.toBe('CreateContainerError')
    else expect(statusOf(w)).toMatchObject({ state: { waiting: { reason: 'CreateContainerError', message } }, lastState: {} })
  })

  it('is not pulled for another machine', () => {
    const w = world(web, [pod({ image: 'r.example/app:1' })], { scenario: { registries: { 'r.example': {} }, images: [{ name: 'r.example/app:1', profile: 'app', arch: ['amd64'] }], cluster: { nodes: [{ name: 'node-1', arch: 'arm64' }] } } })
    w.to(3000)
    expect(statusOf(w).state.waiting).toEqual({ reason: 'ErrImagePull', message: 'rpc error: code = NotFound desc = failed to pull and unpack image "r.example/app:1": no match for platform in manifest: not found' })
  })

  it('makes a working directory that is missing', () => {
    const w = world(web, [pod({ workingDir: '/srv/game' })])
    w.to(5000)
    expect(w.container().exec(['sh', '-c', 'pwd; test -d /srv/game && echo there']).stdout).toBe('/srv/game\nthere\n')
  })

  it('has no shell in a distroless image', () => {
    const w = world({ ...web, image: { entrypoint: ['/app'], shell: false } }, [pod()])
    w.to(5000)
    expect(w.container().exec(['sh', '-c', 'true'])).toMatchObject({ missing: 'sh' })
  })

  it('is built for another machine', () => {
    const w = world({ ...web }, [pod()], { scenario: { images: [{ name: 'app:1', profile: 'app', arch: ['amd64'] }], cluster: { nodes: [{ name: 'node-1', arch: 'arm64', images: ['app:1'] }] } } })
    w.to(3000)
    expect(statusOf(w).lastState.terminated).toMatchObject({ exitCode: 128, reason: 'StartError', message: expect.stringContaining('exec /app: exec format error') })
  })
})

describe('what a program looks for at its start', () => {
  const table: [string, Fields, Fields, Fields, number, string][] = [
    ['a variable that is not set', { env: [{ name: 'DB_HOST' }] }, {}, {}, 2, 'level=ERROR msg="DB_HOST not set"'],
    ['a variable of the wrong form', { env: [{ name: 'DB_PORT', pattern: '^\\d+$', exitCode: 3 }] }, { env: [{ name: 'DB_PORT', value: 'tcp://10.0.0.1:3306' }] }, {}, 3, 'DB_PORT: invalid value'],
    ['a file that is not mounted', { files: [{ path: '/etc/game/app.yaml' }] }, {}, {}, 1, 'open /etc/game/app.yaml: no such file or directory'],
    ['a directory in place of a file', { files: [{ path: '/etc/game/app.yaml' }] }, { volumeMounts: [{ name: 'cfg', mountPath: '/etc/game/app.yaml' }] }, { volumes: [{ name: 'cfg', configMap: { name: 'cfg' } }] }, 1, 'read /etc/game/app.yaml: is a directory'],
    ['a file without what it needs', { files: [{ path: '/etc/game/app.yaml', contains: 'tickRate' }] }, { volumeMounts: [{ name: 'cfg', mountPath: '/etc/game' }] }, { volumes: [{ name: 'cfg', configMap: { name: 'cfg' } }] }, 1, 'tickRate not found'],
    ['an unknown flag', { flags: ['listen'] }, { args: ['--lisen=:80'] }, {}, 2, 'flag provided but not defined: -lisen'],
    ['a malformed GOMEMLIMIT', {}, { env: [{ name: 'GOMEMLIMIT', value: '250Mi' }] }, {}, 2, 'malformed GOMEMLIMIT'],
    ['a directory it may not write to', { writes: [{ path: '/data/journal', onFailure: 'exit' }] }, { securityContext: { runAsUser: 10001 }, volumeMounts: [{ name: 'data', mountPath: '/data' }] }, { volumes: [{ name: 'data', hostPath: { path: '/srv/data' } }] }, 1, 'open /data/journal: permission denied'],
    ['a read-only root', { writes: [{ path: '/tmp/cache/', onFailure: 'exit' }] }, { securityContext: { readOnlyRootFilesystem: true } }, {}, 1, 'read-only file system'],
  ]
  it.each(table)('%s', (_name, profile, container, spec, code, line) => {
    const w = world({ ...web, ...profile }, [configMap('cfg', { 'app.yaml': 'players: 10' }), pod(container, { restartPolicy: 'Never', ...spec })])
    w.to(5000)
    expect(w.exits()).toEqual([[1000, 'Error', code]])
    expect(w.log().join('\n')).toContain(line)
  })

  it('takes a secret from the file a _FILE variable names', () => {
    const w = world({ ...web, env: [{ name: 'DB_PASSWORD', fileVariant: true }] }, [configMap('cfg', { pass: 's3cret' }), pod({ env: [{ name: 'DB_PASSWORD_FILE', value: '/run/pass' }], volumeMounts: [{ name: 'cfg', mountPath: '/run' }] }, { volumes: [{ name: 'cfg', configMap: { name: 'cfg' } }] })])
    w.to(5000)
    expect(w.exits()).toEqual([])
  })

  it('cannot have a port that a container beside it has', () => {
    const w = world(web, [pod({}, { containers: [{ name: 'app', image: 'app:1' }, { name: 'twin', image: 'app:1' }] })])
    w.to(3000)
    expect([w.exits().length, w.exits('web', 'twin')[0]!.slice(1)]).toEqual([0, ['Error', 1]])
    expect(w.log('web', 'twin')).toEqual(['level=ERROR msg="listen tcp :8080: bind: address already in use"'])
  })

  const listening: [string, Fields, Fields, { port: number; address: string }][] = [
    ['a variable with host and port', { port: '$LISTEN_ADDR' }, { env: [{ name: 'LISTEN_ADDR', value: '127.0.0.1:9000' }] }, { port: 9000, address: '127.0.0.1' }],
    ['a default', { port: '${PORT:-8080}', address: '${BIND:-127.0.0.1}' }, {}, { port: 8080, address: '127.0.0.1' }],
    ['a flag', { port: '${--listen:-:8080}' }, { args: ['--listen', ':7000'] }, { port: 7000, address: '0.0.0.0' }],
    ['localhost by name', { port: 8080, address: 'localhost' }, {}, { port: 8080, address: '127.0.0.1' }],
  ]
  it.each(listening)('listens as told by %s', (_name, listener, container, expected) => {
    const w = world({ ...web, listen: [listener] }, [pod(container)])
    w.to(5000)
    expect(w.container().listening()).toMatchObject([expected])
  })
})

describe('waiting for others', () => {
  const external = { name: 'db', host: 'db.example.com', address: '203.0.113.5', ports: [3306], state: 'refused' }
  const up = { run: { steps: [{ at: 20, external: { name: 'db', state: 'up' } }] }, scenario: { externals: [external] } }
  const upstream = (more: Fields): Fields => ({ ...web, upstreams: [{ name: 'db', host: '$DB_HOST', port: 3306, mode: 'startup', ...more }] })
  const app = pod({ env: [{ name: 'DB_HOST', value: 'db.example.com' }] })

  it('tries again until the dependency is there', () => {
    const w = world(upstream({ onFailure: 'retry' }), [app], up)
    w.to(19_000)
    expect(w.container().listening()).toEqual([])
    expect(w.log()[0]).toContain('dial tcp 203.0.113.5:3306: connect: connection refused')
    w.to(26_000)
    expect(w.container().listening()).toHaveLength(1)
    expect(w.exits()).toEqual([])
  })

  it('crashes until the dependency is there', () => {
    const w = world(upstream({ onFailure: 'exit', exitCode: 7 }), [app], up)
    w.to(100_000)
    expect(w.exits()[0]!.slice(1)).toEqual(['Error', 7])
    expect(w.container().listening()).toHaveLength(1)
  })

  it('hangs for ever in a call without a time-out to a host that does not answer', () => {
    const w = world(upstream({ onFailure: 'exit', timeout: '0' }), [app], { scenario: { externals: [{ ...external, state: 'timeout' }] } })
    w.to(500_000)
    expect([w.exits(), w.container().listening()]).toEqual([[], []])
  })

  it('fails readiness while a dependency is away, and liveness only when that depends on it too', () => {
    const profile = { ...web, http: { '/livez': {}, '/readyz': { depends: ['db'] } }, upstreams: [{ name: 'db', host: 'db.example.com', port: 3306 }] }
    const w = world(profile, [pod({ readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 5 }, livenessProbe: { httpGet: { path: '/livez', port: 8080 } } })], { scenario: { externals: [{ ...external, state: 'up' }] }, run: { steps: [{ at: 60, external: { name: 'db', state: 'stall' } }, { at: 120, external: { name: 'db', state: 'up' } }] } })
    const ready = (at: number): string => {
      w.to(at)
      return w.cluster.view.get('Pod', 'game', 'web')!.status!.conditions.find((one: Fields) => one.type === 'Ready').status
    }
    expect([ready(50_000), ready(85_000), ready(135_000)]).toEqual(['True', 'False', 'True'])
    expect(w.exits()).toEqual([])
  })

  // The names a busybox loop waits for: [name, is it found once the Service is there].
  it.each([['web.game.svc.cluster.local', true], ['web', true], ['web.other.svc.cluster.local', false], ['wed', false]] as const)('an init container that waits for %s ends: %s', (name, ends) => {
    const w = world(web, [pod({}, { initContainers: [busybox(`until nslookup ${name}; do echo waiting; sleep 2; done`)] }), pod({ ...busybox('sleep 20'), name: 'app' }, {}, 'other')], { run: { steps: [] } })
    w.cluster.schedule(15_000 + 30_000, 'step', 'late service', () => void w.cluster.api.apply(service('web')))
    w.to(29_000)
    expect(w.cluster.view.get('Pod', 'game', 'web')!.status!.phase).toBe('Pending')
    w.to(300_000)
    expect(w.exits('web', 'box').length > 0).toBe(ends)
    expect(w.cluster.view.get('Pod', 'game', 'web')!.status!.phase).toBe(ends ? 'Running' : 'Pending')
    if (ends) expect(w.exits('web', 'box')[0]![0]).toBeLessThanOrEqual(33_000)
    else expect(w.log('web', 'box').filter((line) => line === 'waiting').length).toBeGreaterThan(100)
  })

  it('waits for an open port with nc, not for the name alone', () => {
    const w = world(web, [pod({}, { initContainers: [busybox('until nc -z -w 1 db 80; do sleep 1; done')] }), service('db'), pod({}, {}, 'db')])
    w.to(60_000)
    expect(w.exits('web', 'box')[0]![0]).toBeGreaterThan(2500)
    expect(w.container().listening()).toHaveLength(1)
  })
})
