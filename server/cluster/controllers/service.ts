/** Cloud load balancers for Services of type LoadBalancer (cloud-provider/controllers/service). */
import { hash } from '../../seed.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Cluster, Controller } from '../types.ts'
import { parseKey } from './keys.ts'

const provisioningMs = 5000
const component = 'service-controller'

export function createServiceController(): Controller {
  const due = new Map<string, number>()
  return {
    name: 'service',
    source: 'k8s.io/cloud-provider/controllers/service/controller.go:syncLoadBalancerIfNeeded',
    about: 'Gives Services of type LoadBalancer an address of 198.18.0.0/24 five seconds after they appear, when the scenario has a load balancer; else they stay pending. Not modelled: health checks of the load balancer, loadBalancerClass.',
    keys: (change) => (change.object.kind === 'Service' && change.type !== 'deleted' ? [keyOf(change.object)] : []),
    reconcile(key, cluster) {
      const { namespace, name } = parseKey(key)
      const service = cluster.view.get('Service', namespace, name)
      if (!service || service.spec?.type !== 'LoadBalancer' || !cluster.scenario.cluster.loadBalancer || service.status?.loadBalancer?.ingress) {
        due.delete(key)
        return
      }
      const at = due.get(key)
      if (at === undefined) {
        due.set(key, cluster.now + provisioningMs)
        cluster.event(service, { type: 'Normal', reason: 'EnsuringLoadBalancer', component, message: 'Ensuring load balancer' })
        cluster.wake('service', key, cluster.now + provisioningMs)
      } else if (at <= cluster.now) {
        cluster.api.setStatus(refOf(service), { ...service.status, loadBalancer: { ingress: [{ ip: service.spec.loadBalancerIP ?? freeAddress(key, cluster), ipMode: 'VIP' }] } })
        cluster.event(service, { type: 'Normal', reason: 'EnsuredLoadBalancer', component, message: 'Ensured load balancer' })
      }
    },
  }
}

function freeAddress(key: string, cluster: Cluster): string {
  const taken = new Set(cluster.view.list('Service').flatMap((service) => (service.status?.loadBalancer?.ingress ?? []).map((item: { ip?: string }) => item.ip)))
  for (let i = hash(`${cluster.scenario.seed}\0lb\0${key}`) % 250; ; i = (i + 1) % 250) if (!taken.has(`198.18.0.${i + 2}`) || taken.size >= 250) return `198.18.0.${i + 2}`
}
