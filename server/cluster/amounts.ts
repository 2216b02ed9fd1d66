/** Resource amounts as integers of a thousandth, added and printed as the API server prints them (apimachinery/pkg/api/resource). */

const binary: Record<string, number> = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4, Pi: 1024 ** 5, Ei: 1024 ** 6 }
const decimal: Record<string, number> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 }

export type Amount = { readonly milli: number; readonly format: 'binary' | 'decimal' }

/** Amounts read before: a run asks for the same few, thousands of times. */
const read = new Map<string | number | undefined, Amount>()
const readMax = 10_000

/** Reads `500m`, `1Gi`, `2`; a text that is no quantity is 0 (validation has refused it before). */
export function amountOf(text: string | number | undefined): Amount {
  let amount = read.get(text)
  if (!amount) {
    if (read.size >= readMax) read.clear()
    read.set(text, (amount = Object.freeze(parseAmount(text))))
  }
  return amount
}

function parseAmount(text: string | number | undefined): Amount {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(String(text ?? ''))
  if (!match) return { milli: 0, format: 'decimal' }
  const suffix = match[2]!
  const factor = binary[suffix] ?? decimal[suffix]
  if (factor === undefined) return { milli: 0, format: 'decimal' }
  return { milli: Math.ceil(Number((Number(match[1]) * factor * 1000).toPrecision(15))), format: suffix in binary ? 'binary' : 'decimal' }
}

export function milliOf(text: string | number | undefined): number {
  return amountOf(text).milli
}

/** Canonical text: `2000m` → `2`, 1.5 Gi → `1536Mi`, 1000 → `1k`. */
export function printAmount({ milli, format }: Amount): string {
  if (milli % 1000 !== 0) return `${milli}m`
  let value = milli / 1000
  if (value === 0) return '0'
  const steps = format === 'binary' ? ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] : ['', 'k', 'M', 'G', 'T', 'P', 'E']
  const base = format === 'binary' ? 1024 : 1000
  let step = 0
  while (value % base === 0 && step < steps.length - 1) {
    value /= base
    step++
  }
  return `${value}${steps[step]}`
}

/** Sums lists of resources by name. A sum has the format of its first part. */
export function addResources(into: Map<string, Amount>, list: Record<string, string | number> | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) {
    const amount = amountOf(text)
    const old = into.get(name)
    into.set(name, old ? { milli: old.milli + amount.milli, format: old.format } : amount)
  }
}
