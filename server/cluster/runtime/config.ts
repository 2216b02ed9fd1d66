/** The configuration a program has in effect, which is not always what the file says now. */
import type { Millis } from '../../k8s/duration.ts'
import type { Timer } from '../types.ts'
import type { Profile } from '../profile.ts'
import { absolutePath } from './files.ts'
import type { Host } from './host.ts'
import type { Lookup } from './values.ts'
import { resolveValue } from './values.ts'

type Entry = Profile['config'][number]

/** Value of a key in `key: value`, `key = value` or `"key": "value"` lines (the last part of a dotted key); the whole text without a key. */
export function configValue(text: string, key: string | undefined): string | undefined {
  if (key === undefined) return text.trim()
  const name = key.split('.').at(-1)!.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const match = new RegExp(`^[\\s{,]*["']?${name}["']?\\s*[:=]\\s*(.*?)\\s*,?\\s*}?$`, 'm').exec(text)
  return match?.[1]?.replace(/^(["'])(.*)\1$/, '$2')
}

/** Reads at start, and again as each entry says: when its file changes, on a grid, on SIGHUP, or never. */
export class Configuration {
  private readonly host: Host
  private readonly lookup: Lookup
  private readonly cwd: string
  private readonly entries: readonly Entry[]
  private readonly values = new Map<string, string | undefined>()
  private readonly stops: (() => void)[] = []
  private readonly startedAt: Millis

  constructor(host: Host, entries: readonly Entry[], lookup: Lookup, cwd: string) {
    this.host = host
    this.entries = entries
    this.lookup = lookup
    this.cwd = cwd
    this.startedAt = host.cluster.now
    for (const entry of entries) {
      this.values.set(entry.name, this.read(entry))
      if (entry.reload === 'watch' || entry.reload === 'interval') this.follow(entry)
    }
  }

  get(name: string): string | undefined {
    return this.values.get(name)
  }

  /** SIGHUP. */
  reread(): void {
    for (const entry of this.entries) if (entry.reload === 'signal') this.refresh(entry)
  }

  /** Does any entry listen to SIGHUP? */
  get hearsHangup(): boolean {
    return this.entries.some((entry) => entry.reload === 'signal')
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop()
  }

  private pathOf(entry: Entry): string | undefined {
    const path = entry.file === undefined ? '' : resolveValue(entry.file, this.lookup)
    return path === '' ? undefined : absolutePath(path, this.cwd)
  }

  private read(entry: Entry): string | undefined {
    const fromEnv = entry.env === undefined ? undefined : this.lookup.env.get(entry.env)
    if (fromEnv !== undefined) return fromEnv
    const path = this.pathOf(entry)
    const file = path === undefined ? undefined : this.host.files.read(path, this.host.spec.user)
    return file?.ok ? configValue(file.content, entry.key) : undefined
  }

  private refresh(entry: Entry): void {
    const value = this.read(entry)
    if (value === undefined || value === this.values.get(entry.name)) return
    this.values.set(entry.name, value)
    this.host.print(`level=INFO msg="configuration reloaded" name=${entry.name} value=${JSON.stringify(value)}`)
    this.host.cluster.record({ kind: 'config-reloaded', ref: this.host.spec.pod, container: this.host.spec.name, text: `${entry.name}=${value}`, data: { name: entry.name, value } })
  }

  private follow(entry: Entry): void {
    const path = this.pathOf(entry)
    if (path === undefined) return
    let pending: Timer | undefined
    const changed = (): void => {
      if (pending) return
      const { now } = this.host.cluster
      const at = entry.reload === 'watch' ? now : this.startedAt + (Math.floor((now - this.startedAt) / entry.every) + 1) * entry.every
      pending = this.host.schedule(at, () => {
        pending = undefined
        this.refresh(entry)
      })
    }
    this.stops.push(this.host.files.watch(path, changed), () => pending?.cancel())
  }
}
