/** The text of FailedScheduling (scheduler/framework/types.go:FitError.Error). */

/** `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.`: reasons counted, then sorted as strings. */
export function fitError(nodeCount: number, reasons: readonly (readonly string[])[]): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const list of reasons) for (const reason of list) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${nodeCount} nodes are available: ${parts.join(', ')}.`
}

/** The whole message: FitError, then what the post-filter plugins said. 1.34 to 1.36 name the claim plugin too. */
export function failedScheduling(fit: string, preemption: string | undefined): string {
  return preemption === undefined ? fit : `${fit} no new claims to deallocate, ${preemption}`
}

/** A PreFilter plugin gave up before any node was looked at; 1.34 to 1.36 end such messages with ` not found`. */
export function abortedScheduling(nodeCount: number, why: string): string {
  return `0/${nodeCount} nodes are available: ${why}. not found`
}

const noteMax = 1024

/** An event says no more than 1024 characters; the condition says all (schedule_one.go:truncateMessage). */
export function truncated(message: string): string {
  const suffix = ' ...'
  return message.length <= noteMax ? message : message.slice(0, noteMax - suffix.length) + suffix
}
