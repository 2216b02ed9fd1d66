/** Processes and what the node shows of them: one namespace for a pod, /proc, the control group, and the files that the kubelet writes. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { pod, web, world } from './world.ts'

const busybox = 'busybox:1.37'
const configured = { ...web, config: [{ name: 'rate', file: '/conf/rate', reload: 'signal' }] }

/** The described program and a busybox beside it, which mount one folder. */
function pair(shared: boolean, sidecar: Fields = {}, main: Fields = {}) {
  const mounts = { volumeMounts: [{ name: 'conf', mountPath: '/conf' }] }
  const spec = { shareProcessNamespace: shared, volumes: [{ name: 'conf', emptyDir: {} }], initContainers: [{ name: 'seed', image: busybox, command: ['sh', '-c', 'echo 1 > /conf/rate'], ...mounts }] }
  const made = pod({ ...mounts, ...main }, spec, 'box') as K8sObject & { spec: Fields }
  made.spec.containers.push({ name: 'side', image: busybox, command: ['sleep', 'infinity'], ...mounts, ...sidecar })
  const w = world(configured, [made])
  w.to(20_000)
  return { w, run: (script: string) => w.container('box', 'side').exec(['sh', '-c', script]) }
}

describe('one process namespace for a pod', () => {
  it('shows the pause container as process 1 and everybody else after it', () => {
    const { run } = pair(true)
    const lines = run('ps').stdout.trimEnd().split('\n').map((line) => line.trim().split(/\s+/))
    expect(lines.map(([, user, , ...command]) => [user, command.join(' ')])).toEqual([['USER', 'COMMAND'], ['65535', '/pause'], [expect.any(String), '/app'], ['root', 'sleep infinity']])
    expect(lines[1]![0]).toBe('1')
    expect(run('pidof app').stdout.trim()).toBe(lines[2]![0])
    expect(run('cat /proc/1/comm').stdout).toBe('pause\n')
  })

  it('lets a sidecar make the program read its configuration again', () => {
    const { w, run } = pair(true)
    expect(w.container('box').config('rate')).toBe('1')
    run('echo 2 > /conf/rate; pkill -HUP app')
    w.to(21_000)
    expect(w.container('box').config('rate')).toBe('2')
  })

  it('does not let another user do so', () => {
    const { w, run } = pair(true, { securityContext: { runAsUser: 4000 } }, { securityContext: { runAsUser: 3000 } })
    expect(run('pkill -HUP app')).toMatchObject({ stderr: expect.stringContaining('Operation not permitted') })
    expect(run('kill $(pidof app)')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Operation not permitted') })
    w.to(21_000)
    expect(w.container('box').exited).toBeUndefined()
  })

  it('ends a shell that handles no signal, which process 1 of a container would survive', () => {
    const command = ['sh', '-c', 'while true; do sleep 1; done']
    const ends = (shared: boolean): unknown => {
      const { w } = pair(shared, { command })
      w.container('box', 'side').signal('SIGTERM')
      w.to(20_500)
      return w.exits('box', 'side').map(([, reason, code]) => [reason, code])
    }
    expect(ends(true)).toEqual([['Error', 143]])
    expect(ends(false)).toEqual([])
  })

  it('is not there unless asked for', () => {
    const { run } = pair(false)
    expect(run('ps').stdout.trimEnd().split('\n').map((line) => line.trim().split(/\s+/).slice(3).join(' '))).toEqual(['COMMAND', 'sleep infinity'])
    expect(run('pidof app').exitCode).toBe(1)
    expect(run('kill 99')).toMatchObject({ exitCode: 1, stderr: "sh: can't kill pid 99: No such process\n" })
  })

  it('leaves open what a signal to the pause container does', () => {
    const { w, run } = pair(true)
    run('kill 1')
    expect(w.cluster.notes.map((note) => [note.text, note.decisive])).toContainEqual([expect.stringContaining('a signal to the pause container'), true])
  })
})

describe('what the node shows inside a container', () => {
  it('gives limits and use of the control group', () => {
    const { run } = pair(false, { resources: { limits: { memory: '64Mi', cpu: '250m' } } })
    expect(run('cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max').stdout).toBe('67108864\n25000 100000\n')
    expect(Number(run('cat /sys/fs/cgroup/memory.current').stdout)).toBeGreaterThan(0)
    expect(pair(false).run('cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max').stdout).toBe('max\nmax 100000\n')
  })

  it('gives the command line of a process, and none of a process that is not there', () => {
    const { w, run } = pair(false)
    expect(run('tr "\\0" " " < /proc/1/cmdline').stdout).toBe('sleep infinity ')
    expect(run('test -d /proc/77').exitCode).toBe(1)
    expect(w.cluster.notes.filter((note) => note.decisive)).toEqual([])
  })

  it('notes what it does not model instead of denying it', () => {
    const { w, run } = pair(false)
    run('cat /proc/meminfo')
    expect(w.cluster.notes.map((note) => [note.text, note.decisive])).toContainEqual(['What /proc/meminfo shows is not modelled.', true])
  })

  it('writes /etc/hosts with the name of the pod and its aliases', () => {
    const w = world(web, [pod({ image: busybox, command: ['sleep', 'infinity'] }, { hostname: 'one', subdomain: 'peers', hostAliases: [{ ip: '10.1.2.3', hostnames: ['db', 'db.local'] }] }, 'box')])
    w.to(20_000)
    const { podIP } = w.cluster.view.get('Pod', 'game', 'box')!.status as Fields
    expect(w.container('box').exec(['cat', '/etc/hosts']).stdout).toBe(`# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${podIP}\tone.peers.game.svc.cluster.local\tone\n\n# Entries added by HostAliases.\n10.1.2.3\tdb\tdb.local\n`)
    expect(w.container('box').exec(['cat', '/etc/hostname']).stdout).toBe('one\n')
  })

  it("has the node's own /etc/hosts on the host network", () => {
    const w = world(web, [pod({ image: busybox, command: ['sleep', 'infinity'] }, { hostNetwork: true }, 'box')])
    w.to(20_000)
    expect(w.container('box').exec(['cat', '/etc/hosts']).stdout).toBe('# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n')
  })
})
