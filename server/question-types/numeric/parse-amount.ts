/** Reads amounts as people write them, in the unit the question asks for: `120 s`, `2m`, `2 分钟`, `800Mi`, `1.5 cores`, `60 %`, `6 pods`. */

/** How many of the dimension's smallest unit one of these is. */
const durations: Record<string, number> = {
  ms: 1, 毫秒: 1, s: 1000, sec: 1000, secs: 1000, second: 1000, seconds: 1000, 秒: 1000, 秒钟: 1000,
  m: 60_000, min: 60_000, mins: 60_000, minute: 60_000, minutes: 60_000, 分: 60_000, 分钟: 60_000, h: 3_600_000, hour: 3_600_000, hours: 3_600_000, 小时: 3_600_000,
}
const sizes: Record<string, number> = {
  b: 1, byte: 1, bytes: 1, 字节: 1, k: 1e3, m: 1e6, g: 1e9, kb: 1e3, mb: 1e6, gb: 1e9,
  ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3, ti: 1024 ** 4, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4,
}
const cores: Record<string, number> = { m: 1, millicore: 1, millicores: 1, 毫核: 1, core: 1000, cores: 1000, cpu: 1000, cpus: 1000, 核: 1000 }

/** The dimension of a question's unit, with its factors; undefined for plain words such as `pods` and for `%`. */
function dimensionOf(unit: string): { factors: Record<string, number>; one: number } | undefined {
  if (unit === 'm') return { factors: cores, one: 1 }
  if (unit === 'core' || unit === 'cores') return { factors: cores, one: 1000 }
  const key = unit.toLowerCase()
  if (key === 's' || key === 'ms' || key === 'min' || key === 'h') return { factors: durations, one: durations[key]! }
  if (key in sizes && /i$|^b$|^[kmg]b$/.test(key)) return { factors: sizes, one: sizes[key]! }
  return undefined
}

/**
 * Returns the amount in `unit`, or undefined when the text is not one. A bare number is in `unit`. Several parts add up (`1m30s`).
 * Full-width digits and signs are understood. Never throws.
 */
export function parseAmount(text: string, unit: string): number | undefined {
  const plain = text.normalize('NFKC').trim().replaceAll(',', '').toLowerCase()
  if (plain.length === 0 || plain.length > 60) return undefined
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)$/.test(plain)) return Number(plain)
  const dimension = dimensionOf(unit)
  if (!dimension) {
    const match = /^([-+]?(?:\d+(?:\.\d*)?|\.\d+))\s*(\S+)$/.exec(plain)
    if (!match) return undefined
    const word = match[2]!
    const wanted = unit.normalize('NFKC').toLowerCase()
    const same = word === wanted || word === `${wanted}s` || `${word}s` === wanted || (wanted === 'pods' && word === '个') || (wanted === '%' && word === 'percent')
    return same ? Number(match[1]) : undefined
  }
  if (!/^(\d+(\.\d*)?|\.\d+)\s*[^\d\s.]+(\s*(\d+(\.\d*)?|\.\d+)\s*[^\d\s.]+)*$/.test(plain)) return undefined
  let total = 0
  for (const [, amount, name] of plain.matchAll(/(\d+(?:\.\d*)?|\.\d+)\s*([^\d\s.]+)/g)) {
    if (!Object.hasOwn(dimension.factors, name!)) return undefined
    total += Number(amount) * dimension.factors[name!]!
  }
  return total / dimension.one
}
