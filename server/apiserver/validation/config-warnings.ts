/** What the server warns about Secrets and ServiceAccounts (registry/core/secret/strategy.go, registry/core/serviceaccount/strategy.go). */
import { decodeBase64 } from '../../k8s/base64.ts'
import type { K8sObject } from '../../k8s/object.ts'

const mountableAnnotation = 'kubernetes.io/enforce-mountable-secrets'

export function serviceAccountWarnings(account: K8sObject, old?: K8sObject): string[] {
  const isNew = account.metadata.annotations?.[mountableAnnotation] !== undefined && old?.metadata.annotations?.[mountableAnnotation] === undefined
  return isNew ? [`metadata.annotations[${mountableAnnotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`] : []
}

/** A TLS Secret without a certificate and a key in PEM form (crypto/tls:X509KeyPair). Whether the two fit each other is not looked at. */
export function secretWarnings(secret: K8sObject): string[] {
  if (secret.type !== 'kubernetes.io/tls') return []
  const problem = certificateProblem(pemTypes(secret.data?.['tls.crt'])) ?? keyProblem(pemTypes(secret.data?.['tls.key']))
  return problem === undefined ? [] : [`tls: ${problem}`]
}

function certificateProblem(types: readonly string[]): string | undefined {
  if (types.includes('CERTIFICATE')) return undefined
  if (types.length === 0) return 'failed to find any PEM data in certificate input'
  if (types.length === 1 && isKey(types[0]!)) return 'failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  return `failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]`
}

function keyProblem(types: readonly string[]): string | undefined {
  if (types.some(isKey)) return undefined
  if (types.length === 0) return 'failed to find any PEM data in key input'
  if (types.length === 1 && types[0] === 'CERTIFICATE') return 'found a certificate rather than a key in the PEM for the private key'
  return `failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${types.join(' ')}]`
}

function isKey(type: string): boolean {
  return type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')
}

/** The types of the PEM blocks in a value, in order; blocks that don't hold base64 are none. */
function pemTypes(value: string = ''): string[] {
  const decoded = decodeBase64(value)
  if (!('bytes' in decoded)) return []
  const text = Array.from(decoded.bytes, (byte) => String.fromCharCode(byte)).join('')
  const blocks = [...text.matchAll(/^-----BEGIN ([^\n]*?)-----[ \t\r]*\n((?:[^\n:]+:[^\n]*\n)*)([^-]*)-----END \1-----[ \t\r]*$/gm)]
  return blocks.filter((block) => 'bytes' in decodeBase64(block[3]!.replace(/[ \t]/g, ''))).map((block) => block[1]!)
}
