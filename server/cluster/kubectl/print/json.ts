/** JSON as Go's encoding/json writes maps: keys sorted, and <, > and & escaped. */

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const object = value as Record<string, unknown>
  return Object.fromEntries(Object.keys(object).filter((key) => object[key] !== undefined).sort().map((key) => [key, sorted(object[key])]))
}

const escapes: Record<string, string> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', '\u2028': '\\u2028', '\u2029': '\\u2029' }

/** Indented by four spaces, without a final line break. */
export function jsonText(value: unknown, indent = 4): string {
  return JSON.stringify(sorted(value), null, indent).replace(/[<>&\u2028\u2029]/g, (letter) => escapes[letter]!)
}
