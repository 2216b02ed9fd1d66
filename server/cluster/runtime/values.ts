/** Values of a profile that refer to the container they run in: environment variables and command-line flags. */
import type { Millis } from '../../k8s/duration.ts'
import { parseDuration } from '../../k8s/duration.ts'

/** Where references are looked up: variables of the environment, and the arguments after argv[0]. */
export type Lookup = { env: ReadonlyMap<string, string>; args: readonly string[] }

/** Value of `--name=value`, `--name value` or their one-dash forms; `true` for a flag without a value, undefined when absent. */
export function flagValue(args: readonly string[], name: string): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const match = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(args[i]!)
    if (!match || match[1] !== name) continue
    if (match[2] !== undefined) return match[2]
    const next = args[i + 1]
    return next !== undefined && !next.startsWith('-') ? next : 'true'
  }
  return undefined
}

/** Names of the flags on a command line. */
export function flagNames(args: readonly string[]): string[] {
  return args.flatMap((arg) => /^--?([A-Za-z][^=]*)/.exec(arg)?.[1] ?? [])
}

/** Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${--flag:-default}`; what is unset and has no default becomes empty. */
export function resolveValue(text: string | number, lookup: Lookup): string {
  return String(text).replace(/\$\{(--?)?([\w.-]+?)(?::-([^}]*))?\}|\$(\w+)/g, (_all, dash: string | undefined, name: string | undefined, fallback: string | undefined, plain: string | undefined) => {
    const value = dash ? flagValue(lookup.args, name!) : lookup.env.get(plain ?? name!)
    return value === undefined || (value === '' && fallback !== undefined) ? (fallback ?? '') : value
  })
}

/** Does the name of a file to write to mean the standard output? */
export function isStandardOutput(path: string): boolean {
  return path === '' || path === 'stdout' || path === '-' || path === '/dev/stdout'
}

/** A duration value; undefined when it is none. `0` stays 0. */
export function resolveDuration(text: string, lookup: Lookup): Millis | undefined {
  return parseDuration(resolveValue(text, lookup))
}

/** Splits `host:port`, `[::]:port`, `:port`, a bare host or a bare port. Unset parts are undefined; a URL loses its scheme and path. */
export function splitAddress(text: string): { host?: string; port?: number } {
  const bare = text.replace(/^[a-z][a-z0-9+.-]*:\/\/+/i, '').replace(/\/.*$/, '')
  if (/^\d+$/.test(bare)) return { port: Number(bare) }
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(bare)
  if (!match) return bare === '' ? {} : { host: bare.replace(/^\[|\]$/g, '') }
  const host = match[1]!.replace(/^\[|\]$/g, '')
  return { ...(host === '' ? {} : { host }), port: Number(match[2]) }
}

const goUnits: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 }

/** Bytes of a GOMEMLIMIT value: Infinity for unset or `off`, undefined for what the Go runtime refuses (runtime/mgcpacer.go:readGOMEMLIMIT). */
export function goMemoryLimit(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text === 'off') return Infinity
  const match = /^(\d+)(B|KiB|MiB|GiB|TiB)?$/.exec(text)
  return match ? Number(match[1]) * goUnits[match[2] ?? 'B']! : undefined
}
