/**
 * The certificate an Ingress controller shows for a host: that of a Secret in the TLS section, else its own fake one, which nobody trusts
 * (ingress-nginx internal/ingress/controller/controller.go: extractTLSSecretName, createServers; controller/store: getPemCertificate).
 */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText, keyOf } from '../../k8s/object.ts'
import type { Cluster, View } from '../types.ts'
import { bitsOf } from './address.ts'
import { hostMatch, servedIngresses } from './ingress.ts'

/** `names`: what the certificate is for. Whether a real one is trusted is not looked into: it counts as issued by somebody clients know. */
export type Certificate = { fake: boolean; names: readonly string[] }

const fake: Certificate = { fake: true, names: ['ingress.local'] }

/** The certificate for the server name a client sends. A Secret that is missing, holds no certificate and key, or is for other hosts leaves the fake one. */
export function certificateFor(cluster: Cluster, view: View, host: string): Certificate {
  const servers = servedIngresses(cluster, view).flatMap((ingress) => ((ingress.spec?.rules ?? []) as Fields[]).flatMap((rule): { ingress: K8sObject; host: string; rank: number }[] => (rule.host ? [{ ingress, host: rule.host as string, rank: hostMatch(rule.host, host) }] : [])))
  const best = Math.max(0, ...servers.map((server) => server.rank))
  const matching = best === 0 ? [] : servers.filter((server) => server.rank === best).sort((a, b) => compareText(keyOf(a.ingress), keyOf(b.ingress)))
  for (const server of matching) {
    const entries = (server.ingress.spec?.tls ?? []) as Fields[]
    const named = entries.find((entry) => ((entry.hosts ?? []) as string[]).some((one) => one.toLowerCase() === server.host.toLowerCase()))
    const candidates = named ? [named] : entries
    for (const entry of candidates) {
      const names = entry.secretName ? namesIn(view, server.ingress.metadata.namespace ?? '', entry.secretName, (entry.hosts ?? []) as string[]) : undefined
      if (names?.some((name) => hostMatch(name, server.host) > 0)) return { fake: false, names }
    }
  }
  return fake
}

/** The hosts of a Secret's certificate; undefined: there is none to be had. One whose names cannot be read counts for the hosts of its entry. */
function namesIn(view: View, namespace: string, name: string, listed: readonly string[]): string[] | undefined {
  const data = (view.get('Secret', namespace, name)?.data ?? {}) as Record<string, string>
  if (!data['tls.crt'] || !data['tls.key']) return undefined
  const der = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(decoded(data['tls.crt']))?.[1]
  if (der === undefined) return undefined
  const names = dnsNames(decoded(der))
  return names.length > 0 ? names : [...listed]
}

function decoded(text: string): string {
  const bare = text.replaceAll(/\s/g, '')
  return /^[A-Za-z0-9+/]*={0,2}$/.test(bare) && bare.length % 4 === 0 ? atob(bare) : ''
}

/** The dNSName entries of the extension subjectAltName (2.5.29.17) in a certificate's bytes. */
function dnsNames(der: string): string[] {
  const start = der.indexOf('\u0006\u0003\u0055\u001d\u0011')
  const names: string[] = []
  if (start < 0) return names
  for (let at = der.indexOf('\u0082', start); at >= 0; at = der.indexOf('\u0082', at + 1)) {
    const name = der.slice(at + 2, at + 2 + der.charCodeAt(at + 1))
    if (!/^(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(name)) break
    names.push(name)
    at += name.length + 1
  }
  return names
}

/** What a Go client says of a certificate it does not accept for a host; undefined: it accepts it. */
export function objection(certificate: Certificate, host: string): string | undefined {
  if (certificate.names.some((name) => hostMatch(name, host) > 0)) return certificate.fake ? 'x509: certificate signed by unknown authority' : undefined
  return `x509: ${bitsOf(host) === undefined ? `certificate is valid for ${certificate.names.join(', ')}, not ${host}` : `cannot validate certificate for ${host} because it doesn't contain any IP SANs`}`
}
