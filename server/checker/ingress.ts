/** Backends and hosts of an Ingress. */
import type { Fields, K8sObject } from '../k8s/object.ts'

export type Backend = { name: string; port: { number?: number; name?: string }; at: (string | number)[] }

/** Services that an Ingress sends to, each with the path of its reference. */
export function backendsOf(ingress: K8sObject): Backend[] {
  const found: Backend[] = []
  const add = (service: Fields | undefined, at: (string | number)[]): void => {
    if (typeof service?.name === 'string') found.push({ name: service.name, port: (service.port ?? {}) as Backend['port'], at: [...at, 'service'] })
  }
  add(ingress.spec?.defaultBackend?.service as Fields | undefined, ['spec', 'defaultBackend'])
  for (const { backend, at } of pathsOf(ingress)) add(backend.service as Fields | undefined, [...at, 'backend'])
  return found
}

/** All paths with their hosts, '' for every host. */
export function pathsOf(ingress: K8sObject): { host: string; path: string; type: string; backend: Fields; at: (string | number)[] }[] {
  return ((ingress.spec?.rules ?? []) as Fields[]).flatMap((rule, index) =>
    ((rule.http?.paths ?? []) as Fields[]).map((entry, position) => ({ host: (rule.host ?? '') as string, path: (entry.path ?? '') as string, type: (entry.pathType ?? '') as string, backend: (entry.backend ?? {}) as Fields, at: ['spec', 'rules', index, 'http', 'paths', position] })),
  )
}

/** The class an Ingress asks for, by field or by the older annotation; '' for the default one. */
export function classOf(ingress: K8sObject): string {
  return ((ingress.spec?.ingressClassName as string | undefined) ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class']) || ''
}

/** Does a name of a certificate stand for the host? `*` stands for exactly one label. */
export function coversHost(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith('*.') && host.slice(host.indexOf('.')) === pattern.slice(1) && host.indexOf('.') > 0)
}
