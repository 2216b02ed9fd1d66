/** IP addresses in specs, strictly (apimachinery/pkg/util/validation: IsValidIP). */
import { ipMessage, parseIp } from '../../k8s/ip.ts'
import type { FieldError, Path } from '../field.ts'
import { invalid } from '../field.ts'

const leadingZero = /(^|\.)0[0-9]/

/** What is wrong with an address: leading zeros and IPv4 inside IPv6 are parsed but refused. */
export function ipErrors(value: string, at: Path): FieldError[] {
  const ip = parseIp(value)
  if (!ip) return [invalid(at, value, ipMessage)]
  if (leadingZero.test(value.slice(value.lastIndexOf(':') + 1)) && value.includes('.')) return [invalid(at, value, 'must not have leading 0s')]
  return ip.mapped ? [invalid(at, value, 'must not be an IPv4-mapped IPv6 address')] : []
}
