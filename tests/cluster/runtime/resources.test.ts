/** Memory and processor: the moment of a kill, what GOMEMLIMIT changes, what a CPU limit costs. */
import { describe, expect, it } from 'vitest'
import type { Fields } from '../../../server/k8s/object.ts'
import { busybox, pod, web, world } from './world.ts'

const limits = (memory?: string, cpu?: string): Fields => ({ resources: { limits: { ...(memory ? { memory } : {}), ...(cpu ? { cpu } : {}) } } })
const env = (name: string, value: string): Fields => ({ env: [{ name, value }] })

describe('memory', () => {
  // [name, profile.memory, container, first kill after the start in ms (undefined: never)]
  const table: [string, Fields, Fields, number | undefined][] = [
    ['a leak of 20Mi a minute meets 190Mi after three minutes', { live: '100Mi', garbage: '0', growPerHour: '1200Mi' }, limits('190Mi'), 180_000],
    ['the same leak under a limit it does not reach', { live: '100Mi', garbage: '0', growPerHour: '1200Mi' }, limits('400Mi'), undefined],
    ['the same leak without a limit', { live: '100Mi', garbage: '0', growPerHour: '1200Mi' }, {}, undefined],
    ['garbage that rises 400Mi a minute above 130Mi', { live: '100Mi', garbage: '400Mi', peakEvery: '60s' }, limits('300Mi'), 25_500],
    ['the same garbage held by GOMEMLIMIT', { live: '100Mi', garbage: '400Mi', peakEvery: '60s' }, { ...limits('300Mi'), ...env('GOMEMLIMIT', '250MiB') }, undefined],
    ['GOMEMLIMIT set to the limit leaves no room for what is not heap', { live: '100Mi', garbage: '400Mi', peakEvery: '60s' }, { ...limits('300Mi'), ...env('GOMEMLIMIT', '300MiB') }, 25_500],
    ['GOMEMLIMIT does not help against live data', { live: '300Mi', garbage: '0', rampTime: '60s' }, { ...limits('180Mi'), ...env('GOMEMLIMIT', '150MiB') }, 30_000],
    ['far too small from the start', { live: '300Mi' }, limits('64Mi'), 500],
  ]
  it.each(table)('%s', (_name, memory, container, expected) => {
    const w = world({ ...web, memory }, [pod(container)])
    w.to(590_000)
    const [first] = w.exits()
    if (expected === undefined) return expect(first).toBeUndefined()
    expect(first!.slice(1)).toEqual(['OOMKilled', 137])
    expect(Math.abs(first![0] - 500 - expected)).toBeLessThanOrEqual(5)
  })

  it('makes the program slower the less room the collector has, at most twofold', () => {
    const slowdown = (limit: string | undefined): number => {
      const w = world({ ...web, memory: { live: '100Mi', garbage: '400Mi' } }, [pod(limit === undefined ? {} : env('GOMEMLIMIT', limit))])
      w.to(60_000)
      return w.container().slowdown()
    }
    expect(slowdown(undefined)).toBe(1)
    expect(slowdown('600MiB')).toBe(1)
    expect(slowdown('200MiB')).toBeGreaterThan(1)
    expect(slowdown('120MiB')).toBeGreaterThan(slowdown('200MiB'))
    expect(slowdown('90MiB')).toBe(2)
  })

  it('counts what a container writes to a memory-backed volume, and not to one on disk', () => {
    const volume = (medium?: string): Fields => ({ volumes: [{ name: 'cache', emptyDir: medium ? { medium } : {} }] })
    const writer = (medium?: string) => {
      const w = world({ ...web, memory: { live: '20Mi', garbage: '0' }, writes: [{ path: '/cache/blob', bytesPerSecond: '1Mi' }] }, [pod({ ...limits('110Mi'), volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }, volume(medium))])
      w.to(100_000)
      return w.exits()[0]
    }
    expect(writer()).toBeUndefined()
    // 50Mi of its own and 60Mi of files; it starts at 0.5 s and writes from 2.5 s on.
    const killed = writer('Memory')!
    expect(killed[1]).toBe('OOMKilled')
    expect(Math.abs(killed[0] - 62_500)).toBeLessThanOrEqual(5)
  })

  it('stops a file at the size limit of its memory-backed volume', () => {
    const w = world({}, [pod({ ...busybox('dd if=/dev/zero of=/cache/a bs=1M count=40 && echo first; dd if=/dev/zero of=/cache/b bs=1M count=40 || echo full; sleep 3600'), name: 'app', volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }, { volumes: [{ name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }] })])
    w.to(5000)
    expect(w.log()).toEqual(['first', "dd: can't open '/cache/b': No space left on device", 'full'])
    expect(w.container().memoryBytes()).toBe(41 * 1024 ** 2)
  })

  it('follows the load, also in what is started again', () => {
    const w = world({ ...web, memory: { live: '50Mi', garbage: '40Mi' } }, [pod(limits('200Mi'))], { run: { steps: [{ at: 30, load: { workload: 'pod/web', factor: 2 } }, { at: 60, load: { workload: 'pod/web', factor: 4 } }] } })
    const mi = (at: number): number => {
      w.to(at)
      return Math.round(w.container().memoryBytes() / 1024 ** 2)
    }
    expect([mi(20_000), mi(40_000)]).toEqual([120, 160])
    w.to(60_100)
    expect(w.exits()).toEqual([[60_000, 'OOMKilled', 137]])
    w.to(70_000)
    expect(w.exits().length).toBeGreaterThan(1)
  })
})

describe('processor', () => {
  const listensAfter = (cpu?: string, profile: Fields = {}): number => {
    const w = world({ ...web, start: { time: '2s', cpu: 8 }, ...profile }, [pod(limits(undefined, cpu))])
    for (let at = 500; at < 120_000; at += 500) {
      w.to(at)
      if (w.container().listening().length > 0) return at - 500
    }
    return Infinity
  }
  it('starts as slowly as its limit lets it', () => {
    expect([listensAfter(), listensAfter('8'), listensAfter('2'), listensAfter('1'), listensAfter('500m')]).toEqual([2000, 2000, 4000, 8000, 16_000])
  })

  it('throttles what wants more than the limit, and threads of a whole node under a small limit', () => {
    const slowdown = (profile: Fields, container: Fields): number => {
      const w = world({ ...web, start: { time: '1s' }, ...profile }, [pod(container)])
      w.to(60_000)
      return w.container().slowdown()
    }
    expect(slowdown({ cpu: { load: 1 } }, {})).toBe(1)
    expect(slowdown({ cpu: { load: 1 } }, limits(undefined, '2'))).toBe(1)
    expect(slowdown({ cpu: { load: 1 } }, limits(undefined, '500m'))).toBeCloseTo(2.04, 1)
    const old = slowdown({ cpu: { load: 0.8, followsLimit: false } }, limits(undefined, '1'))
    expect(old).toBeGreaterThan(1)
    expect(slowdown({ cpu: { load: 0.8, followsLimit: false } }, { ...limits(undefined, '1'), ...env('GOMAXPROCS', '1') })).toBe(1)
  })

  it('says how many cores it wants and gets', () => {
    const w = world({ ...web, cpu: { idle: 0.1, load: 0.5 } }, [pod(limits(undefined, '400m'))])
    w.to(30_000)
    expect(w.container().cpuCores()).toEqual({ wanted: 0.6, used: 0.4 })
  })
})

describe('disk', () => {
  const storage = (limit: string): Fields => ({ resources: { limits: { 'ephemeral-storage': limit } } })
  const volume = (emptyDir: Fields): Fields => ({ volumes: [{ name: 'cache', emptyDir }] })
  const mounted = { volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }
  const written = (path: string): Fields => ({ writes: [{ path, bytesPerSecond: '1Mi' }] })
  // Writing begins at 2.5 s; the kubelet looks at every tenth second of the cluster, which is 5 s, 15 s, ... after the apply instant.
  const table: [string, Fields, Fields, Fields, number | undefined, string][] = [
    ['its own layer over the container limit', written('/var/blob'), storage('100Mi'), {}, 105_000, 'Pod ephemeral local storage usage exceeds the total limit of containers 100Mi. '],
    ['its own layer below the limit', written('/var/blob'), storage('1Gi'), {}, undefined, ''],
    ['an emptyDir over its size', written('/cache/blob'), mounted, volume({ sizeLimit: '64Mi' }), 75_000, 'Usage of EmptyDir volume "cache" exceeds the limit "64Mi". '],
    ['an emptyDir counts for the pod', written('/cache/blob'), { ...mounted, ...storage('100Mi') }, volume({}), 105_000, 'Pod ephemeral local storage usage exceeds the total limit of containers 100Mi. '],
    ['no limit at all', written('/cache/blob'), mounted, volume({}), undefined, ''],
    ['a file that is cut off in time', { writes: [{ path: '/cache/blob', bytesPerSecond: '1Mi', keepBytes: '50Mi' }] }, mounted, volume({ sizeLimit: '64Mi' }), undefined, ''],
    ['a file that is cut off by a flag', { writes: [{ path: '/cache/blob', bytesPerSecond: '1Mi', keepBytes: '${--keep}' }] }, { ...mounted, args: ['--keep=50Mi'] }, volume({ sizeLimit: '64Mi' }), undefined, ''],
    ['a file that a flag does not cut off', { writes: [{ path: '/cache/blob', bytesPerSecond: '1Mi', keepBytes: '${--keep}' }] }, mounted, volume({ sizeLimit: '64Mi' }), 75_000, 'Usage of EmptyDir volume "cache" exceeds the limit "64Mi". '],
    ['no file, but standard output', { writes: [{ path: '${--log:-/cache/blob}', bytesPerSecond: '1Mi' }] }, { ...mounted, args: ['--log=stdout'] }, volume({ sizeLimit: '64Mi' }), undefined, ''],
    ['a log of many lines', { log: { every: { every: '10ms', line: 'x'.repeat(954) } } }, storage('10Mi'), {}, 115_000, 'Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. '],
  ]
  it.each(table)('%s', (_name, profile, container, spec, at, message) => {
    const w = world({ ...web, ...profile }, [pod(container, spec)])
    w.to(590_000)
    const evicted = w.cluster.timeline.filter((entry) => entry.kind === 'event' && entry.data!.reason === 'Evicted').map((entry) => [entry.at - 15_000, entry.data!.message])
    expect(evicted).toEqual(at === undefined ? [] : [[at, message]])
    expect(w.cluster.view.get('Pod', 'game', 'web')!.status!.phase).toBe(at === undefined ? 'Running' : 'Failed')
  })

  it('names the container when only one of two is limited and the pod is not over in total', () => {
    const w = world({ ...web, writes: [{ path: '/var/blob', bytesPerSecond: '1Mi' }] }, [pod({}, { containers: [{ name: 'app', image: 'app:1', ...storage('50Mi') }, { ...busybox('sleep 3600'), ...storage('200Mi') }] })])
    w.to(200_000)
    expect(w.cluster.view.get('Pod', 'game', 'web')!.status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'Container app exceeded its local ephemeral storage limit "50Mi". ' })
  })
})
