/** Names for versions of a pod template. */
import { hash } from '../../seed.ts'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** JSON with sorted keys, so that the same template always gives the same text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const fields = value as Record<string, unknown>
  return `{${Object.keys(fields).filter((key) => fields[key] !== undefined).sort().map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(',')}}`
}

/**
 * 8 to 10 characters for a template: SafeEncodeString over the decimal digits of a 32-bit hash (apimachinery/util/rand). Kubernetes hashes a Go dump
 * of the struct; this is a hash of the canonical JSON, so suffixes look right but differ from a real cluster's.
 * Example: the number 4102 becomes `8546`.
 */
export function templateHash(template: unknown): string {
  return encodeDigits(String(hash(canonical(template))))
}

export function encodeDigits(digits: string): string {
  return [...digits].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}
