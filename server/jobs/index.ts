/** What happens without being asked: overdue attempts close, waiting gradings are tried again, ended sessions go. */
import { deleteExpiredSessions } from '../accounts/index.ts'
import { finishOverdue, gradePending } from '../attempts/index.ts'
import type { Deps } from '../deps.ts'

type Job = { name: string; everyMs: number; run: (deps: Deps) => Promise<number> }

/** Each may run at any time, also twice at once: the database decides who was first. */
export const jobs: readonly Job[] = [
  { name: 'finish-overdue', everyMs: 15_000, run: (deps) => finishOverdue(deps) },
  { name: 'regrade-pending', everyMs: 15_000, run: (deps) => gradePending(deps, { due: true }) },
  { name: 'delete-expired-sessions', everyMs: 3_600_000, run: (deps) => deleteExpiredSessions(deps) },
]

export type RunningJobs = { stop: () => Promise<void> }

/** Runs every job now and then at its interval, counted from the end of the last run. `stop` waits for what is running. */
export function startJobs(deps: Deps, list: readonly Job[] = jobs): RunningJobs {
  const timers = new Map<string, NodeJS.Timeout>()
  const running = new Set<Promise<void>>()
  let stopped = false
  const runOnce = async (job: Job): Promise<void> => {
    try {
      const count = await job.run(deps)
      if (count > 0) deps.log.info({ job: job.name, count })
    } catch (error) {
      deps.log.error({ err: error, job: job.name }, 'a job failed')
    }
  }
  const loop = (job: Job): void => {
    const run = runOnce(job).finally(() => {
      running.delete(run)
      if (stopped) return
      const timer = setTimeout(() => loop(job), job.everyMs)
      timer.unref()
      timers.set(job.name, timer)
    })
    running.add(run)
  }
  for (const job of list) loop(job)
  return {
    async stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
