/** IP addresses and blocks in specs, strictly (apimachinery/pkg/util/validation/ip.go: IsValidIPForLegacyField, IsValidCIDRForLegacyField). */
import { cidrMessage, ipMessage, parseCidr, parseIp } from '../../k8s/ip.ts'
import type { FieldError, Path } from '../field.ts'
import { invalid } from '../field.ts'

/** What is wrong with an address: leading zeros and IPv4 inside IPv6 are parsed but refused. What the stored object already had (`kept`) may stay. */
export function ipErrors(value: string, at: Path, kept: readonly string[] = []): FieldError[] {
  if (kept.includes(value)) return []
  const ip = parseIp(value)
  if (!ip) return [invalid(at, value, ipMessage)]
  if (hasLeadingZeros(value)) return [invalid(at, value, 'must not have leading 0s')]
  return ip.mapped ? [invalid(at, value, 'must not be an IPv4-mapped IPv6 address')] : []
}

/** What is wrong with a block: as with addresses, and all bits after the prefix must be zero. */
export function cidrErrors(value: string, at: Path, kept: readonly string[] = []): FieldError[] {
  if (kept.includes(value)) return []
  const cidr = parseCidr(value)
  if (!cidr) return [invalid(at, value, cidrMessage)]
  const [address, size] = value.split('/') as [string, string]
  if (hasLeadingZeros(address) || /^0[0-9]/.test(size)) return [invalid(at, value, 'must not have leading 0s in IP or prefix length')]
  if (cidr.ip.mapped) return [invalid(at, value, 'must not have an IPv4-mapped IPv6 address')]
  return cidr.network.every((byte, index) => byte === cidr.ip.bytes[index]) ? [] : [invalid(at, value, 'must not have bits set beyond the prefix length')]
}

/** Only the decimal parts of an address can have any: those of IPv6 groups mean nothing. */
function hasLeadingZeros(address: string): boolean {
  return address.includes('.') && /(^|\.)0[0-9]/.test(address.slice(address.lastIndexOf(':') + 1))
}
