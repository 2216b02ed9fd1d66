/** --dry-run: what would be, without it happening (cmd/util/helpers.go:GetDryRunStrategy). */
import { unwritten } from '../../api.ts'
import type { LiveCluster } from '../../cluster.ts'
import type { Flags } from '../command-line.ts'
import type { Console } from '../console.ts'
import { Refusal } from '../console.ts'

/** `client`: the server is not asked to write; `server`: it answers as if it had written. */
export type DryRunStrategy = 'none' | 'client' | 'server'

export function dryRunStrategy(console: Console): DryRunStrategy {
  const value = console.flags.text('dry-run')
  if (value === '' || value === 'none') return 'none'
  if (value === 'unchanged') throw new Refusal('error: --dry-run flag without a value was specified. A value must be set: "none", "server", or "client".')
  if (value !== 'client' && value !== 'server') throw new Refusal(`error: Invalid dry-run value (${value}). Must be "none", "server", or "client".`)
  return value
}

/** --dry-run=client. */
export function dryRun(console: Console): boolean {
  return dryRunStrategy(console) === 'client'
}

/** What stands behind `created` and the like; --local says what --dry-run=client says. */
export function dryRunSuffix(console: Console, local = false): string {
  const strategy = dryRunStrategy(console)
  return strategy === 'server' ? ' (server dry run)' : strategy === 'client' || local ? ' (dry run)' : ''
}

/** The cluster as a command with --dry-run=server has it: whatever is sent is admitted and answered, nothing is kept. */
export function clusterFor(cluster: LiveCluster, flags: Flags): LiveCluster {
  if (!isServerDryRun(flags)) return cluster
  const api = cluster.api.dryRun()
  return unwritten(cluster, () => api)
}

export function isServerDryRun(flags: Flags): boolean {
  return flags.text('dry-run') === 'server'
}
