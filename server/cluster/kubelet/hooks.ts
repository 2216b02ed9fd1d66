/** Lifecycle hooks (pkg/kubelet/lifecycle/handlers.go): exec, httpGet, sleep; tcpSocket does nothing. */
import type { Fields } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { ProbeTarget } from './probes.ts'
import { notFoundText, runProbe } from './probes.ts'

const longestMs = 3_600_000

/** `failed`: why, as the state of the container says it. `fellBack`: the server that was asked again without TLS. */
export type HookResult = { tookMs: Millis; failed?: string; fellBack?: string }

/** Runs a hook now; the caller lets `tookMs` pass. `of`: the container and pod, as failures name them. */
export function runHook(hook: Fields, target: ProbeTarget, of: string): HookResult {
  if (hook.sleep) return { tookMs: (hook.sleep.seconds ?? 0) * 1000 }
  if (hook.exec) return execHook(hook.exec.command ?? [], target, of)
  return hook.httpGet ? httpHook(hook.httpGet, target, of) : { tookMs: 0 }
}

function execHook(command: string[], target: ProbeTarget, of: string): HookResult {
  const { missing, exitCode, stdout, stderr, durationMs: tookMs } = target.running.exec(command, longestMs)
  if (missing === undefined && exitCode === 0) return { tookMs }
  const error = missing === undefined ? `command '${command.join(' ')}' exited with ${exitCode}: ${stderr}` : notFoundText(missing)
  return { tookMs, failed: `Exec lifecycle hook ([${command.join(' ')}]) for ${of} failed - error: ${error}, message: ${JSON.stringify(missing === undefined ? stdout + stderr : '')}` }
}

/** Any answer will do, whatever its status. A server without TLS that is asked with it is asked again without. */
function httpHook(action: Fields, target: ProbeTarget, of: string): HookResult {
  const { answered, result, text, tookMs } = runProbe({ httpGet: action, timeoutSeconds: longestMs / 1000 }, target)
  if (answered || result === 'success' || result === 'warning') return { tookMs }
  const failed = `HTTP lifecycle hook (${action.path ?? '/'}) for ${of} failed - error: ${text}`
  if (!text.endsWith(': http: server gave HTTP response to HTTPS client')) return { tookMs, failed }
  const again = httpHook({ ...action, scheme: 'HTTP' }, target, of)
  return again.failed === undefined ? { tookMs: tookMs + again.tookMs, fellBack: /^Get "https:\/\/([^/]+)/.exec(text)![1]! } : { tookMs, failed }
}
