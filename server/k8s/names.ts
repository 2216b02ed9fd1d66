/** Name syntaxes with the server's own messages (apimachinery/pkg/util/validation/validation.go and pkg/api/validate/content). Each returns what is wrong, or nothing. */
import { byteLength } from './go-text.ts'

const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`
const keyFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

const label1123 = new RegExp(`^${labelFormat}$`)
const subdomain1123 = new RegExp(`^${subdomainFormat}$`)
const wildcard1123 = new RegExp(`^\\*\\.${subdomainFormat}$`)
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const labelKey = new RegExp(`^${keyFormat}$`)
const labelValueFormat = new RegExp(`^(${keyFormat})?$`)
const none: string[] = []

/** RegexError: the sentence, the examples and the expression. */
export function regexMessage(message: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`
  return `${message} (e.g. ${examples.map((example, index) => `${index > 0 ? ' or ' : ''}'${example}', `).join('')}regex used for validation is '${format}')`
}

export function inclusiveRange(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`
}

export function maxLength(length: number): string {
  return `must be no more than ${length} characters`
}

const labelMessage = regexMessage("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", labelFormat, 'my-name', '123-abc')
const subdomainMessage = regexMessage("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", subdomainFormat, 'example.com')
const keyExamples = ['MyName', 'my.name', '123-abc']
const keyMessage = regexMessage("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", keyFormat, ...keyExamples)
const valueMessage = regexMessage("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", `(${keyFormat})?`, 'MyValue', 'my_value', '12345')

/** IsDNS1123Label: at most 63 characters, no dots. */
export function dns1123Label(value: string): string[] {
  if (value.length <= 63 && label1123.test(value)) return none
  const found: string[] = []
  if (byteLength(value) > 63) found.push(maxLength(63))
  if (!label1123.test(value)) found.push(subdomain1123.test(value) ? 'must not contain dots' : labelMessage)
  return found
}

/** IsDNS1123Subdomain: labels joined by dots, at most 253 characters. */
export function dns1123Subdomain(value: string): string[] {
  if (value.length <= 253 && subdomain1123.test(value)) return none
  const found: string[] = []
  if (byteLength(value) > 253) found.push(maxLength(253))
  if (!subdomain1123.test(value)) found.push(subdomainMessage)
  return found
}

/** IsDNS1123SubdomainWithUnderscore: as a subdomain, with underscores inside and one before each label. */
export function dns1123SubdomainWithUnderscore(value: string): string[] {
  const part = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
  const format = `${part}(\\.${part})*`
  const found: string[] = []
  if (byteLength(value) > 253) found.push(maxLength(253))
  if (!new RegExp(`^${format}$`).test(value)) found.push(regexMessage("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character", format, 'example.com'))
  return found
}

/** IsWildcardDNS1123Subdomain: `*.` and a subdomain. */
export function wildcardDns1123Subdomain(value: string): string[] {
  const found: string[] = []
  if (byteLength(value) > 253) found.push(maxLength(253))
  if (!wildcard1123.test(value)) found.push(regexMessage("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character", `\\*\\.${subdomainFormat}`, '*.example.com'))
  return found
}

/** IsDNS1035Label: as a label, starting with a letter. */
export function dns1035Label(value: string): string[] {
  const found: string[] = []
  if (byteLength(value) > 63) found.push(maxLength(63))
  if (!label1035.test(value)) found.push(regexMessage("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", '[a-z]([-a-z0-9]*[a-z0-9])?', 'my-name', 'abc-123'))
  return found
}

/** IsQualifiedName, which is IsLabelKey: `[prefix/]name`. */
export function qualifiedName(value: string): string[] {
  const slash = value.indexOf('/')
  if (slash < 0 && value.length <= 63 && labelKey.test(value)) return none
  const parts = value.split('/')
  if (parts.length > 2) return [`a valid label key ${keyMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const found: string[] = []
  if (parts.length === 2) {
    if (parts[0] === '') found.push('prefix part must be non-empty')
    else {
      if (byteLength(parts[0]!) > 253) found.push('prefix part must be no more than 253 bytes')
      if (!subdomain1123.test(parts[0]!)) found.push(`prefix part ${subdomainMessage}`)
    }
  }
  const name = parts[parts.length - 1]!
  if (name === '') found.push('name part must be non-empty')
  else if (byteLength(name) > 63) found.push('name part must be no more than 63 bytes')
  if (!labelKey.test(name)) found.push(`name part ${keyMessage}`)
  return found
}

/** IsValidLabelValue: empty, or at most 63 bytes of a name. */
export function labelValue(value: string): string[] {
  if (value.length <= 63 && labelValueFormat.test(value)) return none
  const found: string[] = []
  if (byteLength(value) > 63) found.push('must be no more than 63 bytes')
  if (!labelValueFormat.test(value)) found.push(valueMessage)
  return found
}

/** IsCIdentifier. */
export function cIdentifier(value: string): string[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return none
  return [regexMessage("a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'", '[A-Za-z_][A-Za-z0-9_]*', 'my_name', 'MY_NAME', 'MyName')]
}

/** IsValidPortName: an IANA service name of at most 15 characters. */
export function portName(value: string): string[] {
  const found: string[] = []
  if (byteLength(value) > 15) found.push(maxLength(15))
  if (!/^[-a-z0-9]+$/.test(value)) found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) found.push('must contain at least one letter (a-z)')
  if (value.includes('--')) found.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) found.push('must not begin or end with a hyphen')
  return found
}

/** IsValidPortNum. */
export function portNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? none : [inclusiveRange(1, 65535)]
}

/** IsInRange. */
export function inRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? none : [inclusiveRange(low, high)]
}

/** IsValidUserID and IsValidGroupID. */
export function userId(id: number): string[] {
  return inRange(id, 0, 2147483647)
}

/** IsValidPercent. */
export function percent(value: string): string[] {
  return /^[0-9]+%$/.test(value) ? none : [regexMessage("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')]
}

/** IsHTTPHeaderName. */
export function httpHeaderName(value: string): string[] {
  return /^[-A-Za-z0-9]+$/.test(value) ? none : [regexMessage("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name')]
}

/** IsRelaxedEnvVarName: printable ASCII without `=`. */
export function relaxedEnvironmentName(value: string): string[] {
  const found: string[] = []
  if (value === '') found.push('environment variable name must be non-empty')
  if (!/^[\x20-\x7e]*$/.test(value) || value.includes('=')) found.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  return found
}

/** IsConfigMapKey: a key of a ConfigMap or Secret. */
export function configMapKey(value: string): string[] {
  const found: string[] = []
  if (byteLength(value) > 253) found.push(maxLength(253))
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) found.push(regexMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name'))
  if (value === '.') found.push("must not be '.'")
  else if (value === '..') found.push("must not be '..'")
  else if (value.startsWith('..')) found.push("must not start with '..'")
  return found
}

/** IsPathSegmentName and its prefix form: what a URL path can carry (rbac names and others). */
export function pathSegment(value: string, isPrefix = false): string[] {
  if (!isPrefix && (value === '.' || value === '..')) return [`may not be '${value}'`]
  const found: string[] = []
  for (const forbidden of ['/', '%']) if (value.includes(forbidden)) found.push(`may not contain '${forbidden}'`)
  return found
}
