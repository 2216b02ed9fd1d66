/** kill(1), for pids of this container. */
import { signalName } from '../host.ts'
import type { Interpreter } from './run.ts'
import type { Streams } from './session.ts'
import { shellPrefix } from './session.ts'

/** Sends a signal now; from an exec that has waited, at the instant it would be sent. `-0` only asks whether the process is there. */
export function sendSignal(shell: Interpreter, args: readonly string[], streams: Streams): number {
  const { host } = shell.session
  let name = 'SIGTERM'
  const pids: number[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '-s' || arg === '-n') name = signalName(args[++i] ?? 'TERM')
    else if (arg === '--') continue
    else if (/^-./.test(arg) && pids.length === 0) name = arg === '-0' ? '0' : signalName(arg.slice(1))
    else pids.push(Number(arg.replace(/^%/, '')))
  }
  let status = pids.length === 0 ? 2 : 0
  for (const pid of pids) {
    const exists = pid === shell.session.pid || [...host.processes].some((task) => task.pid === pid && !task.ended)
    if (!exists) {
      streams.err(`${shellPrefix(shell.session)}can't kill pid ${pid}: No such process\n`)
      status = 1
    } else if (name !== '0') {
      const at = shell.session.now()
      if (at > host.cluster.now) host.schedule(at, () => void host.signalTo(pid, name))
      else host.signalTo(pid, name)
    }
  }
  return status
}
