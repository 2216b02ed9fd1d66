/** Lifecycle hooks (pkg/kubelet/lifecycle/handlers.go): exec, httpGet, sleep; tcpSocket does nothing. */
import type { Fields } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { RunningContainer } from '../types.ts'
import type { ContainerRecord } from './instance.ts'
import type { ProbeTarget } from './probes.ts'
import { notFoundText, runProbe } from './probes.ts'
import type { PodWorker } from './worker.ts'

const longestMs = 3_600_000

/** `failed`: why, as the state of the container says it. `fellBack`: the server that was asked again without TLS. */
type HookResult = { tookMs: Millis; failed?: string; fellBack?: string }

/** Runs a hook of a container now; the caller lets `tookMs` pass. */
export function runHook(worker: PodWorker, hook: Fields, running: RunningContainer, record: ContainerRecord): HookResult {
  const target = worker.targetOf(running, record)
  const of = `Container "${record.spec.name}" in Pod "${worker.ref.name}_${worker.ref.namespace}(${worker.pod.metadata.uid})"`
  if (hook.sleep) return { tookMs: (hook.sleep.seconds ?? 0) * 1000 }
  if (hook.exec) return execHook(hook.exec.command ?? [], target, of)
  if (!hook.httpGet) return { tookMs: 0 }
  const result = httpHook(hook.httpGet, target, of)
  if (result.fellBack !== undefined) worker.event('Warning', 'LifecycleHTTPFallback', `request to HTTPS lifecycle hook ${result.fellBack} got HTTP response, retry with HTTP succeeded`)
  return result
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
