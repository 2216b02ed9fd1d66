import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { simulateWith } from '../../server/cluster/simulate.ts'
import type { Script } from '../support/pod-cluster.ts'
import { podText, scenarioOf, scriptedParts } from '../support/pod-cluster.ts'

type Case = { name: string; script: Script; container?: Record<string, unknown>; spec?: Record<string, unknown>; scenario?: Record<string, unknown> }
const http = (more: object = {}) => ({ httpGet: { path: '/ready', port: 8080 }, ...more })

const cases: Case[] = [
  { name: 'g01-ready-after-next-tick', script: { listensAfterMs: 5000 }, container: { readinessProbe: http() } },
  { name: 'g02-instant-crash', script: { exitAfterMs: 500 } },
  { name: 'g03-exit-zero-always', script: { exitAfterMs: 500, exit: { code: 0, reason: 'Completed' } } },
  { name: 'g04-out-of-memory', script: { exitAfterMs: 8000, exit: { code: 137, reason: 'OOMKilled', signal: 9 } } },
  { name: 'g05-liveness-too-early', script: { listensAfterMs: 60_000, stopMs: 500 }, container: { livenessProbe: http({ initialDelaySeconds: 5 }) } },
  { name: 'g06-wrong-path', script: { status: 404 }, container: { readinessProbe: http() } },
  { name: 'g07-missing-configmap', script: {}, container: { envFrom: [{ configMapRef: { name: 'app-config' } }] } },
  { name: 'g08-missing-secret-volume', script: {}, spec: { volumes: [{ name: 'tls', secret: { secretName: 'web-tls' } }] } },
  { name: 'g09-bad-tag', script: {}, container: { image: 'app:nope' } },
  { name: 'g13-binds-loopback', script: { address: '127.0.0.1' }, container: { readinessProbe: http() } },
  { name: 'g15-init-fails', script: { exitAfterMs: 500 }, spec: { initContainers: [{ name: 'wait', image: 'app:1' }] } },
  { name: 'g18-root-image', script: { user: 0 }, container: { securityContext: { runAsNonRoot: true } } },
]

function play(one: Case) {
  return simulateWith(scriptedParts(one.script), { scenario: scenarioOf(one.scenario), given: {}, files: { 'pod.yaml': podText(one.container, one.spec) } })
}

function printed(one: Case): string {
  const { result } = play(one)
  return result.timeline.map((entry) => `${(entry.at / 1000).toFixed(3).padStart(8)} ${entry.kind}${entry.container ? ` ${entry.container}` : ''}: ${entry.text}${entry.kind === 'container-state' ? ` restarts=${entry.data?.restarts}` : ''}`).join('\n') + '\n'
}

describe('the pod lifecycle on the canonical clock', () => {
  it.each(cases)('$name follows its golden timeline, twice the same', (one) => {
    const text = printed(one)
    expect(printed(one)).toBe(text)
    const file = new URL(`scenarios/${one.name}.timeline.txt`, import.meta.url)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text)
    expect(existsSync(file)).toBe(true)
    expect(text).toBe(readFileSync(file, 'utf8'))
  })

  const starts = (name: string): number[] => play(cases.find((one) => one.name === name)!).result.timeline.filter((entry) => entry.kind === 'container-start').map((entry) => Math.round(entry.at / 100) / 10)

  it('starts an instant crasher at the times of the back-off', () => {
    expect(starts('g02-instant-crash')).toEqual([0.5, 1, 13.4, 37.9, 86.3, 168.3, 332, 634.8])
  })

  it('starts an out-of-memory container again at 9, 29, 61, 117 and 206 s', () => {
    expect(starts('g04-out-of-memory').slice(0, 6).map((at) => Math.floor(at))).toEqual([0, 9, 29, 61, 117, 206])
  })

  it('kills at 30, 60, 90, 120 for liveness, then backs off until about 198', () => {
    expect(starts('g05-liveness-too-early').slice(0, 6).map((at) => Math.floor(at))).toEqual([0, 30, 60, 90, 120, 198])
  })

  it('asks one question at a time when an answer takes longer than the period', () => {
    const { result } = play({ name: 'slow', script: { latencyMs: 60_000, stopMs: 500 }, container: { livenessProbe: http({ periodSeconds: 10, timeoutSeconds: 30 }) } })
    const at = (reason: string): number[] => result.timeline.filter((entry) => entry.kind === 'event' && entry.data?.reason === reason).map((entry) => entry.at / 1000)
    expect(at('Unhealthy').slice(0, 4)).toEqual([40, 70, 100, 140])
    expect(at('Killing')[0]).toBe(100)
  })

  it('pulls a bad tag at p, p+13, p+37, p+85, p+169, p+337, p+637', () => {
    const pulls = play(cases.find((one) => one.name === 'g09-bad-tag')!).result.timeline.filter((entry) => entry.kind === 'image-pull').map((entry) => entry.at / 1000 - 0.5)
    expect(pulls).toEqual([0, 13, 37, 85, 169, 337, 637])
  })

  it('stops on deletion by signal, and by force when the grace ends', () => {
    const kinds = (stopMs: number) => simulateWith(scriptedParts({ stopMs }), { scenario: scenarioOf({ runs: [{ name: 'main', warmup: 0, length: '2m', steps: [{ at: '10s', delete: 'pod/web' }] }] }), given: {}, files: { 'pod.yaml': podText() } }).result.timeline.filter((entry) => ['pod-terminating', 'container-exit', 'pod-deleted'].includes(entry.kind)).map((entry) => [entry.at, entry.kind, entry.text])
    expect(kinds(3000)).toEqual([[10_000, 'pod-terminating', 'terminating'], [13_000, 'container-exit', 'Error 143'], [13_000, 'pod-deleted', 'deleted']])
    expect(kinds(90_000)).toEqual([[10_000, 'pod-terminating', 'terminating'], [40_000, 'container-exit', 'Error 137'], [40_000, 'pod-deleted', 'deleted']])
  })

  it('writes nothing for a quiet pod whose probes pass', () => {
    const { cluster } = play({ name: 'quiet', script: {}, container: { readinessProbe: http(), livenessProbe: http() } })
    expect(cluster.store.history({ kind: 'Pod', namespace: 'game', name: 'web' }).filter((version) => version.at > 1000)).toEqual([])
  })
})
