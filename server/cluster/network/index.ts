/** The cluster's network: names, Services, policies and what a client sees in the end. */
import { refOf } from '../../k8s/object.ts'
import type { Cluster, Network } from '../types.ts'
import { dnsAddress, nodeResolver } from '../infrastructure.ts'
import type { Resolver } from './dns.ts'
import { ask, candidates, lookUp, resolvConf, resolverComplaints, resolverOf } from './dns.ts'
import type { Party } from './party.ts'
import { partyOf, partyOfPod } from './party.ts'
import { permits } from './policy.ts'
import type { Watchable } from './programmed.ts'
import { Memory, ProgrammedSlices, touchesRouting } from './programmed.ts'
import type { Context } from './request.ts'
import { connect, request } from './request.ts'
import { Balancer } from './services.ts'

/** Makes the network of one cluster. */
export function createNetwork(cluster: Cluster): Network {
  const balancer = new Balancer()
  const { proxyLag } = cluster.scenario.cluster
  const { watch } = cluster as Watchable
  const memory = new Memory(watch !== undefined)
  const slices = watch && proxyLag > 0 ? new ProgrammedSlices(cluster, proxyLag, () => memory.forget()) : undefined
  watch?.((change) => {
    if (change.object.kind === 'EndpointSlice') slices?.take(change)
    if (touchesRouting(change)) memory.forget()
  })
  const context: Context = {
    cluster,
    balancer,
    recall: memory.recall,
    programmed: slices ?? cluster.view,
    resolve(party, host) {
      const musl = isMusl(cluster, party)
      return memory.recall(`name ${musl} ${party.namespace} ${party.pod?.metadata.name ?? party.address} ${host}`, () => {
        const resolver = { ...resolverOf(party, dnsAddress, nodeResolver(cluster)), musl }
        return lookUp(cluster, cluster.view, host, resolver, () => reaches(context, party, resolver))
      })
    },
  }
  return {
    request(input) {
      slices?.catchUp()
      return request(context, input)
    },
    resolve(from, host) {
      slices?.catchUp()
      return context.resolve(partyOf(cluster, from), host)
    },
    query(from, name, type, search) {
      slices?.catchUp()
      const party = partyOf(cluster, from)
      const resolver = resolverOf(party, dnsAddress, nodeResolver(cluster))
      const bare = name.toLowerCase()
      return ask(cluster, cluster.view, search ? candidates(bare, resolver) : [bare.replace(/\.$/, '')], type, resolver, () => reaches(context, party, resolver))
    },
    resolvConf(from) {
      const party = partyOf(cluster, from)
      return resolvConf(resolverOf(party, dnsAddress, nodeResolver(cluster)), party)
    },
    resolverComplaints: (pod) => resolverComplaints(partyOfPod(pod), dnsAddress, nodeResolver(cluster)),
    allowed: (from, to, port, protocol, sourceIP) => permits(cluster, partyOf(cluster, from), partyOf(cluster, to), port, protocol, sourceIP),
  }
}

function reaches(context: Context, party: Party, { asks }: Resolver): boolean {
  return asks === 'node' || (asks === 'cluster' && reachesDns(context, party))
}

/** The C library of the pod's first container that runs, where its profile says. */
function isMusl(cluster: Cluster, party: Party): boolean {
  return party.pod !== undefined && cluster.runtime.containers(refOf(party.pod))[0]?.spec.image?.image?.libc === 'musl'
}

/** DNS packets are ordinary packets: they need a CoreDNS pod behind the Service and the sender's egress to that pod. */
function reachesDns(context: Context, party: Party): boolean {
  const route = connect(context, party, dnsAddress, 53, 'UDP')
  return 'ok' in route && route.ok
}
