/** What the environment tells a Go program about its limits (runtime: proc.go, string.go:parseByteCount, mgcpacer.go:readGOMEMLIMIT). */
import type { Fields } from '../k8s/object.ts'
import { milliValue, quantityOf } from '../k8s/quantity.ts'

/** An entry of `env` with its index; of several with one name the last counts. */
export function envOf(container: Fields, name: string): { entry: Fields; index: number } | undefined {
  const entries = (container['env'] ?? []) as Fields[]
  for (let index = entries.length - 1; index >= 0; index--) if (entries[index]!['name'] === name) return { entry: entries[index]!, index }
  return undefined
}

/** The value of an entry that is written out, without references to other variables. */
export function literal(entry: Fields): string | undefined {
  const value: unknown = entry['value']
  return typeof value === 'string' && value !== '' && !value.includes('$(') ? value : undefined
}

/** Bytes of a GOMEMLIMIT, as the runtime reads it: digits with B, KiB, MiB, GiB, TiB or nothing. Undefined where the program would stop with "malformed GOMEMLIMIT". */
export function parseByteCount(text: string): bigint | undefined {
  const match = /^(\d+)(?:(Ki|Mi|Gi|Ti)?B)?$/.exec(text)
  if (!match) return undefined
  const bytes = BigInt(match[1]!) << ({ Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n }[match[2] ?? ''] ?? 0n)
  return bytes < 1n << 63n ? bytes : undefined
}

/** The memory limit of a container in bytes; undefined without one. */
export function memoryLimitOf(container: Fields): bigint | undefined {
  const text = container['resources']?.limits?.memory as string | undefined
  return text === undefined ? undefined : quantityOf(text).nano / 1_000_000_000n
}

/** The cpu limit of a container in thousandths; undefined without one. */
export function cpuLimitOf(container: Fields): bigint | undefined {
  const text = container['resources']?.limits?.cpu as string | undefined
  return text === undefined ? undefined : milliValue(text)
}
