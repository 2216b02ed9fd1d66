/** Files: who may write where, what a mounted object shows and when it changes, what survives, which configuration is in effect. */
import { describe, expect, it } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { busybox, configMap, pod, web, world } from './world.ts'

describe('writing', () => {
  const asUser: Fields = { securityContext: { runAsUser: 10001 } }
  const claim: K8sObject = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard-rwo', resources: { requests: { storage: '1Gi' } } } }
  const volume = (source: Fields): Fields => ({ volumes: [{ name: 'v', ...source }] })
  const fsGroup = (group: number): Fields => ({ securityContext: { fsGroup: group } })
  const disk = { persistentVolumeClaim: { claimName: 'data' } }
  // [name, container, pod spec, result]
  const table: [string, Fields, Fields, string][] = [
    ['a new disk as root', {}, volume(disk), 'ok'],
    ['a new disk as another user', asUser, volume(disk), 'EACCES'],
    ['a new disk as another user with fsGroup', asUser, { ...volume(disk), ...fsGroup(2000) }, 'ok'],
    ['a new disk as root without its capabilities, owning the directory', { securityContext: { capabilities: { drop: ['ALL'] } } }, volume(disk), 'ok'],
    ['an emptyDir as any user', asUser, volume({ emptyDir: {} }), 'ok'],
    ['a hostPath as another user, where fsGroup does nothing', asUser, { ...volume({ hostPath: { path: '/srv/data' } }), ...fsGroup(2000) }, 'EACCES'],
    ['a ConfigMap', {}, volume({ configMap: { name: 'cfg' } }), 'EROFS'],
    ['an emptyDir mounted read-only', { mountReadOnly: true }, volume({ emptyDir: {} }), 'EROFS'],
  ]
  it.each(table)('%s', (_name, { mountReadOnly, ...container }, spec, expected) => {
    const w = world(web, [claim, configMap('cfg', { a: '1' }), pod({ ...container, volumeMounts: [{ name: 'v', mountPath: '/data', ...(mountReadOnly ? { readOnly: true } : {}) }] }, { nodeName: undefined, ...spec })])
    w.to(30_000)
    const allowed = w.container().canWrite('/data/save')
    expect(allowed.ok ? 'ok' : allowed.error).toBe(expected)
    expect(w.container().write('/data/save', 'x').ok).toBe(expected === 'ok')
  })

  it('goes to the image only where its owner allows, and nowhere under a read-only root', () => {
    const image = { entrypoint: ['/app'], files: { '/app-data/': { directory: true, owner: 10001, mode: '755' } } }
    const w = world({ ...web, image }, [pod(asUser), pod({ securityContext: { runAsUser: 10001, readOnlyRootFilesystem: true } }, {}, 'locked')])
    w.to(10_000)
    const result = (name: string, path: string): string => {
      const allowed = w.container(name).canWrite(path)
      return allowed.ok ? 'ok' : allowed.error
    }
    expect([result('web', '/app-data/x'), result('web', '/etc/x'), result('web', '/tmp/x'), result('locked', '/app-data/x'), result('locked', '/tmp/x')]).toEqual(['ok', 'EACCES', 'ok', 'EROFS', 'EROFS'])
  })

  it('lasts: on a claim beyond the pod, in an emptyDir beyond the container, in the container not at all', () => {
    const set: K8sObject = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'game' }, spec: { serviceName: 'db', replicas: 1, selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'app', image: 'app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'tmp', mountPath: '/cache' }] }], volumes: [{ name: 'tmp', emptyDir: {} }] } }, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard-rwo', resources: { requests: { storage: '1Gi' } } } }] } }
    const w = world(web, [set], { run: { steps: [{ at: 60, behave: { workload: 'statefulset/db', mode: 'crash' } }, { at: 120, delete: 'pod/db-0' }] } })
    const read = (): string[] => ['/data/a', '/cache/a', '/var/a'].map((path) => {
      const file = w.container('db-0').readFile(path)
      return file.ok ? file.content : file.error
    })
    w.to(50_000)
    for (const path of ['/data/a', '/cache/a', '/var/a']) expect(w.container('db-0').write(path, 'kept').ok).toBe(true)
    w.to(100_000)
    expect(read()).toEqual(['kept', 'kept', 'ENOENT'])
    w.to(200_000)
    expect(read()).toEqual(['kept', 'ENOENT', 'ENOENT'])
  })
})

describe('configuration', () => {
  const config = [
    { name: 'watched', file: '/etc/game/app.yaml', key: 'players', reload: 'watch' },
    { name: 'polled', file: '/etc/game/app.yaml', key: 'players', reload: 'interval', every: '30s' },
    { name: 'once', file: '/etc/game/app.yaml', key: 'players' },
    { name: 'sub', file: '/etc/sub.yaml', key: 'players', reload: 'watch' },
    { name: 'env', env: 'PLAYERS', reload: 'watch' },
  ]
  const container = { volumeMounts: [{ name: 'cfg', mountPath: '/etc/game' }, { name: 'cfg', mountPath: '/etc/sub.yaml', subPath: 'app.yaml' }], env: [{ name: 'PLAYERS', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'players' } } }] }
  const spec = { volumes: [{ name: 'cfg', configMap: { name: 'cfg' } }] }
  const changed = { at: 100, patch: { object: 'configmap/cfg', merge: { data: { 'app.yaml': 'players: 20', players: '20' } } } }
  const values = (w: ReturnType<typeof world>): (string | undefined)[] => config.map((entry) => w.container().config(entry.name))

  it('reaches a mounted directory within the kubelet sync, and never a subPath, a variable or a program that does not look', () => {
    const w = world({ ...web, config }, [configMap('cfg', { 'app.yaml': 'players: 10', players: '10' }), pod(container, spec)], { run: { steps: [changed] } })
    w.to(110_000)
    expect(values(w)).toEqual(['10', '10', '10', '10', '10'])
    w.to(500_000)
    expect(values(w)).toEqual(['20', '20', '10', '10', '10'])
    const times = w.cluster.timeline.filter((entry) => entry.kind === 'config-reloaded').map((entry) => [entry.data!.name, entry.at - 15_000])
    // The pod's resync comes every 72 s from its birth; the polling program looks on its own grid afterwards.
    expect(times).toEqual([['watched', 144_000], ['polled', 150_500]])
    expect(w.container().readFile('/etc/sub.yaml')).toMatchObject({ ok: true, content: 'players: 10' })
    expect(w.container().exec(['printenv', 'PLAYERS']).stdout).toBe('10\n')
  })

  it('reaches everything in a container that is started again', () => {
    const w = world({ ...web, config }, [configMap('cfg', { 'app.yaml': 'players: 10', players: '10' }), pod(container, spec)], { run: { steps: [changed, { at: 300, behave: { workload: 'pod/web', mode: 'crash' } }] } })
    w.to(330_000)
    expect(values(w)).toEqual(['20', '20', '20', '20', '20'])
  })

  it('is read again on a signal', () => {
    const w = world({ ...web, config: [{ name: 'players', file: '/etc/game/app.yaml', key: 'players', reload: 'signal' }] }, [configMap('cfg', { 'app.yaml': 'players: 10', players: '10' }), pod(container, spec)], { run: { steps: [changed] } })
    w.to(250_000)
    expect(w.container().config('players')).toBe('10')
    expect(w.container().exec(['sh', '-c', 'kill -HUP 1']).exitCode).toBe(0)
    expect(w.container().config('players')).toBe('20')
    expect(w.container().exited).toBeUndefined()
  })

  it('of an immutable ConfigMap stays', () => {
    const w = world({ ...web, config }, [{ ...configMap('cfg', { 'app.yaml': 'players: 10', players: '10' }), immutable: true }, pod(container, spec)], { run: { steps: [changed] } })
    w.to(500_000)
    expect(values(w)).toEqual(['10', '10', '10', '10', '10'])
  })

  it('hides what the image has in that directory', () => {
    const w = world({ ...web, image: { entrypoint: ['/app'], files: { '/etc/game/default.yaml': 'x', '/etc/other.yaml': 'y' } } }, [configMap('cfg', { 'app.yaml': 'players: 10', players: '1' }), pod(container, spec)])
    w.to(10_000)
    expect([w.container().readFile('/etc/game/default.yaml').ok, w.container().readFile('/etc/game/app.yaml').ok, w.container().readFile('/etc/other.yaml').ok]).toEqual([false, true, true])
  })
})

describe('a single writer', () => {
  const profile = { ...web, writer: { single: true, leaseEnv: 'LEADER_ELECT', lease: 'shard' } }
  const rights: K8sObject[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'shard', namespace: 'game' } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'shard', namespace: 'game' }, rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] }] },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'shard', namespace: 'game' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'shard' }, subjects: [{ kind: 'ServiceAccount', name: 'shard', namespace: 'game' }] },
  ]
  const elect = (value: string, account = 'shard'): [Fields, Fields] => [{ env: [{ name: 'LEADER_ELECT', value }] }, { serviceAccountName: account, nodeName: 'node-1' }]
  const active = (w: ReturnType<typeof world>): string[] => ['a', 'b'].filter((name) => w.cluster.runtime.container({ kind: 'Pod', namespace: 'game', name }, 'app')?.isActiveWriter())

  it('is one with a lease, and another soon after it is gone', () => {
    const w = world(profile, [...rights, pod(...elect('true'), 'a'), pod(...elect('true'), 'b')], { run: { steps: [{ at: 60, delete: 'pod/a' }] } })
    w.to(30_000)
    expect(active(w)).toEqual(['a'])
    expect(w.cluster.view.get('Lease', 'game', 'shard')!.spec).toMatchObject({ holderIdentity: 'a' })
    w.to(70_000)
    expect(active(w)).toEqual(['b'])
  })

  it('keeps its lease for 15 s when it dies', () => {
    const w = world({ ...profile, start: { time: '40s' } }, [...rights, pod(...elect('true'), 'a'), pod(...elect('true'), 'b')], { run: { steps: [{ at: 60, behave: { workload: 'pod/a', mode: 'crash' } }] } })
    const at = (ms: number): string[] => {
      w.to(ms)
      return active(w)
    }
    expect([at(59_000), at(70_000), at(80_000)]).toEqual([['a'], [], ['b']])
  })

  it.each([['without election', elect('false')], ['without the right to use leases', elect('true', 'default')]])('is two %s', (_name, [container, spec]) => {
    const w = world(profile, [...rights, pod(container, spec, 'a'), pod(container, spec, 'b')])
    w.to(30_000)
    expect(active(w)).toEqual(['a', 'b'])
  })
})

it('runs a script of a ConfigMap only through a shell, as its mode says', () => {
  const volumes = { volumes: [{ name: 'cfg', configMap: { name: 'cfg' } }] }
  const mounts = { volumeMounts: [{ name: 'cfg', mountPath: '/scripts' }] }
  const w = world(web, [configMap('cfg', { 'run.sh': '#!/bin/sh\necho "hello $1"\n' }), pod({ ...busybox('/scripts/run.sh a; echo $?; sh /scripts/run.sh b; sleep 3600'), name: 'app', ...mounts }, volumes)])
  w.to(5000)
  expect(w.log()).toEqual(['sh: /scripts/run.sh: Permission denied', '126', 'hello b'])
})
