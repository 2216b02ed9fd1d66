/** A pod's resolver and hosts file (core/validation.go: validatePodDNSConfig, ValidateHostAliases). */
import { byteLength } from '../../k8s/go-text.ts'
import { dns1123Subdomain, dns1123SubdomainWithUnderscore } from '../../k8s/names.ts'
import type { Fields } from '../../k8s/object.ts'
import type { FieldError, Path } from '../field.ts'
import { invalid, invalidEach, required } from '../field.ts'
import { ipErrors } from './ip-address.ts'

const nameserversMax = 3
const searchesMax = 32
const searchBytesMax = 2048

export function validateDnsConfig(spec: Fields, at: Path, errors: FieldError[]): void {
  const config = spec.dnsConfig as Fields | undefined
  const nameservers = (config?.nameservers ?? []) as string[]
  if (spec.dnsPolicy === 'None') {
    if (!config) return void errors.push(required(at, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    if (nameservers.length === 0) return void errors.push(required(at.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
  }
  if (!config) return
  if (nameservers.length > nameserversMax) errors.push(invalid(at.child('nameservers'), nameservers, `must not have more than ${nameserversMax} nameservers`))
  nameservers.forEach((server, index) => errors.push(...ipErrors(server, at.child('nameservers').index(index))))
  const searches = (config.searches ?? []) as string[]
  if (searches.length > searchesMax) errors.push(invalid(at.child('searches'), searches, `must not have more than ${searchesMax} search paths`))
  if (byteLength(searches.join(' ')) > searchBytesMax) errors.push(invalid(at.child('searches'), searches, `must not have more than ${searchBytesMax} characters (including spaces) in the search list`))
  searches.forEach((search, index) => {
    if (search === '.') return
    const domain = search.endsWith('.') ? search.slice(0, -1) : search
    errors.push(...invalidEach(at.child('searches').index(index), domain, dns1123SubdomainWithUnderscore(domain)))
  })
  const options = (config.options ?? []) as Fields[]
  options.forEach((option, index) => {
    if (!option.name) errors.push(required(at.child('options').shown(`[${index}]`, index, 'name'), 'must not be empty'))
  })
}

export function validateHostAliases(aliases: readonly Fields[], list: Path, errors: FieldError[]): void {
  aliases.forEach((alias, index) => {
    const at = list.index(index)
    errors.push(...ipErrors((alias.ip ?? '') as string, at.child('ip')))
    const hostnames = (alias.hostnames ?? []) as string[]
    hostnames.forEach((hostname, position) => errors.push(...invalidEach(at.child('hostnames').index(position), hostname, dns1123Subdomain(hostname))))
  })
}
