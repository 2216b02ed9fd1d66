/** The Ingress controller's part in the API: it publishes its address on the Ingresses of its class. What it does with requests is in network/ingress.ts. */
import { keyOf, refOf } from '../../k8s/object.ts'
import { ingressAddress, servedIngresses } from '../network/ingress.ts'
import type { Controller } from '../types.ts'
import { parseKey } from './keys.ts'

const publishingMs = 5000

export function createIngressController(): Controller {
  const due = new Map<string, number>()
  return {
    name: 'ingress',
    source: 'k8s.io/ingress-nginx/internal/ingress/status/status.go:Sync, controller/controller.go:getBackendServers',
    about: 'Serves Ingresses of the scenario\'s ingressClass: the most special host, the longest path (Exact, Prefix by elements, ImplementationSpecific by letters), default backends; the address appears after five seconds. It answers 404 without a rule, 503 without Service, port or ready endpoint, 502 when the backend refuses or resets, 504 when it does not answer or a NetworkPolicy is in between (the controller is a pod of namespace ingress-nginx). Names of served rules resolve to it. With https it shows the certificate of the TLS entry\'s Secret (as ingress-nginx does, whatever the type, when it holds a certificate for the host and a key; it counts as trusted), else its own fake one, which curl without -k and a goal with `tls: true` refuse. Plain http for a host whose Ingress has a TLS section is answered with 308 to https, unless ssl-redirect is "false"; force-ssl-redirect does so without TLS too. rewrite-target and use-regex make expressions of all paths of a host. Not modelled: other annotations, expressions beyond `(/|$)(.*)` and the like, resource backends, other controllers\' codes.',
    keys: (change) => (change.object.kind === 'Ingress' && change.type !== 'deleted' ? [keyOf(change.object)] : []),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const ingress = servedIngresses(cluster, cluster.view).find((one) => one.metadata.namespace === namespace && one.metadata.name === name)
      if (!ingress || (ingress.status?.loadBalancer?.ingress ?? []).length > 0) {
        due.delete(key)
        return
      }
      const at = due.get(key)
      if (at === undefined) {
        due.set(key, cluster.now + publishingMs)
        cluster.event(ingress, { type: 'Normal', reason: 'Sync', component: 'nginx-ingress-controller', message: 'Scheduled for sync' })
        cluster.wake('ingress', key, cluster.now + publishingMs)
      } else if (at <= cluster.now) cluster.api.setStatus(refOf(ingress), { ...ingress.status, loadBalancer: { ingress: [{ ip: ingressAddress }] } })
    },
  }
}
