/** kill(1), for the processes that the container sees. */
import { signalName } from '../host.ts'
import type { Interpreter } from './run.ts'
import type { Streams } from './session.ts'
import type { User } from '../../types.ts'
import { shellPrefix, Undecided } from './session.ts'

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
    const target = host.visible().find((seen) => seen.pid === pid)
    if (!target && pid !== shell.session.pid) {
      streams.err(`${shellPrefix(shell.session)}can't kill pid ${pid}: No such process\n`)
      status = 1
    } else if (target && !maySignal(host.spec.user, target.uid)) {
      streams.err(`${shellPrefix(shell.session)}can't kill pid ${pid}: Operation not permitted\n`)
      status = 1
    } else if (name !== '0') {
      if (target && !target.task) throw new Undecided('a signal to the pause container')
      const at = shell.session.now()
      if (at > host.cluster.now) host.schedule(at, () => void host.signalTo(pid, name))
      else host.signalTo(pid, name)
    }
  }
  return status
}

/** kill(2): one's own, or anybody's with CAP_KILL, which root has unless all capabilities are dropped. */
function maySignal(user: User, target: number): boolean {
  return user.uid === target || (user.uid === 0 && !user.dropAll)
}
