/** The cluster's network: names, Services, policies and what a client sees in the end. */
import type { Cluster, Network, View } from '../types.ts'
import { dnsAddress } from '../infrastructure.ts'
import { lookUp, resolverOf } from './dns.ts'
import type { Party } from './party.ts'
import { partyOf } from './party.ts'
import { permits } from './policy.ts'
import type { Context } from './request.ts'
import { connect, request } from './request.ts'
import { Balancer } from './services.ts'

/** A cluster that keeps its past, so that kube-proxy can follow endpoint changes with a delay. */
type WithHistory = Cluster & { readonly store?: { at(at: number): View } }

/** Makes the network of one cluster. */
export function createNetwork(cluster: Cluster): Network {
  const balancer = new Balancer()
  let seen: { at: number; view: View } | undefined
  const context: Context = {
    cluster,
    balancer,
    get programmed() {
      const { proxyLag } = cluster.scenario.cluster
      const store = (cluster as WithHistory).store
      if (proxyLag === 0 || !store) return cluster.view
      const at = cluster.now - proxyLag
      if (seen?.at !== at) seen = { at, view: store.at(at) }
      return seen.view
    },
    resolve: (party, host) => {
      const resolver = resolverOf(party, dnsAddress)
      return lookUp(cluster, cluster.view, host, resolver, () => (resolver.asks === 'node' ? true : resolver.asks === 'cluster' && reachesDns(context, party)))
    },
  }
  return {
    request: (input) => request(context, input),
    resolve: (from, host) => context.resolve(partyOf(cluster, from), host),
    allowed: (from, to, port, protocol, sourceIP) => permits(cluster, partyOf(cluster, from), partyOf(cluster, to), port, protocol, sourceIP),
  }
}

/** DNS packets are ordinary packets: they need a CoreDNS pod behind the Service and the sender's egress to that pod. */
function reachesDns(context: Context, party: Party): boolean {
  const route = connect(context, party, dnsAddress, 53, 'UDP')
  return 'ok' in route && route.ok
}
