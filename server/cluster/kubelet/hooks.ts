/** Lifecycle hooks (pkg/kubelet/lifecycle/handlers.go): exec, httpGet, sleep; tcpSocket does nothing. */
import type { Fields } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { ProbeTarget } from './probes.ts'
import { runProbe } from './probes.ts'

const longestMs = 3_600_000

/** Runs a hook now; the caller lets `tookMs` pass. */
export function runHook(hook: Fields, target: ProbeTarget): { ok: boolean; tookMs: Millis } {
  if (hook.sleep) return { ok: true, tookMs: (hook.sleep.seconds ?? 0) * 1000 }
  if (hook.exec) {
    const done = target.running.exec(hook.exec.command ?? [], longestMs)
    return { ok: !done.missing && done.exitCode === 0, tookMs: done.durationMs }
  }
  if (!hook.httpGet) return { ok: true, tookMs: 0 }
  const outcome = runProbe({ httpGet: { ...hook.httpGet, port: hook.httpGet.port ?? 80 }, timeoutSeconds: longestMs / 1000 }, target)
  return { ok: outcome.result === 'success', tookMs: outcome.tookMs }
}
