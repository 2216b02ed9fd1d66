/** Addresses and identifiers the API server hands out, drawn from the object's identity so that other objects do not move them. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { hash } from '../seed.ts'
import type { View } from './types.ts'

const clusterPrefix = '10.96.'
const firstNodePort = 30000
const nodePortCount = 2768

/** A version 4 UUID drawn from a key. */
export function uidFor(seed: string, key: string): string {
  const hex = [0, 1, 2, 3].map((part) => hash(`${seed}\0uid\0${part}\0${key}`).toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${((parseInt(hex[16]!, 16) & 3) | 8).toString(16)}${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** A Service with its cluster IP and node ports filled in, or the validation error of a taken or impossible one. Headless and ExternalName services get no address. */
export function withAddresses(service: K8sObject, seed: string, view: View): { object: K8sObject } | { path: string; message: string } {
  const spec: Fields = { ...service.spec }
  if (spec.type === 'ExternalName') return { object: service }
  const others = view.list('Service').filter((other) => other.metadata.uid !== service.metadata.uid)
  // ipallocator/cidrallocator.go:getAllocator, ErrMismatchedNetwork: no ServiceCIDR holds the address.
  if (spec.clusterIP && spec.clusterIP !== 'None' && !isServiceAddress(spec.clusterIP)) return { path: 'spec.clusterIPs', message: `Invalid value: ["${spec.clusterIP}"]: failed to allocate IP ${spec.clusterIP}: the provided network does not match the current range` }
  if (spec.clusterIP && spec.clusterIP !== 'None' && others.some((other) => other.spec?.clusterIP === spec.clusterIP)) return { path: 'spec.clusterIPs', message: `Invalid value: ["${spec.clusterIP}"]: failed to allocate IP ${spec.clusterIP}: provided IP is already allocated` }
  if (!spec.clusterIP) spec.clusterIP = freeAddress(`${seed}\0${service.metadata.namespace}/${service.metadata.name}`, new Set(others.map((other) => other.spec?.clusterIP)))
  spec.clusterIPs = [spec.clusterIP]
  spec.ipFamilies ??= ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
  const wantsNodePorts = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  if (!wantsNodePorts) return { object: { ...service, spec } }
  const taken = new Set<string>(others.flatMap((other) => (other.spec?.ports ?? []).filter((port: Fields) => port.nodePort).map((port: Fields) => `${port.protocol ?? 'TCP'}/${port.nodePort}`)))
  // portallocator/allocator.go:ErrNotInRange, ErrAllocated
  for (const [i, port] of (spec.ports ?? []).entries()) if (port.nodePort && (port.nodePort < firstNodePort || port.nodePort >= firstNodePort + nodePortCount)) return { path: `spec.ports[${i}].nodePort`, message: `Invalid value: ${port.nodePort}: provided port is not in the valid range. The range of valid ports is ${firstNodePort}-${firstNodePort + nodePortCount - 1}` }
  for (const [i, port] of (spec.ports ?? []).entries()) if (port.nodePort && taken.has(`${port.protocol ?? 'TCP'}/${port.nodePort}`)) return { path: `spec.ports[${i}].nodePort`, message: `Invalid value: ${port.nodePort}: provided port is already allocated` }
  const own = new Map<string, number>()
  spec.ports = (spec.ports ?? []).map((port: Fields) => {
    if (port.nodePort) return port
    const shared = own.get(`${port.port}`)
    const nodePort = shared ?? freeNodePort(`${seed}\0${service.metadata.namespace}/${service.metadata.name}/${port.port}`, taken)
    own.set(`${port.port}`, nodePort)
    taken.add(`${port.protocol ?? 'TCP'}/${nodePort}`)
    return { ...port, nodePort }
  })
  if (spec.externalTrafficPolicy === 'Local' && spec.type === 'LoadBalancer' && !spec.healthCheckNodePort) spec.healthCheckNodePort = freeNodePort(`${seed}\0health\0${service.metadata.namespace}/${service.metadata.name}`, taken)
  return { object: { ...service, spec } }
}

/** Within 10.96.0.0/12, kubeadm's service subnet. */
function isServiceAddress(address: string): boolean {
  const [first, second] = address.split('.').map(Number)
  return first === 10 && second! >= 96 && second! < 112
}

function freeAddress(key: string, taken: ReadonlySet<string | undefined>): string {
  for (let i = hash(key) % 65000; ; i = (i + 1) % 65000) {
    const offset = i + 256
    const address = `${clusterPrefix}${Math.floor(offset / 256)}.${offset % 256}`
    if (offset % 256 !== 0 && offset % 256 !== 255 && !taken.has(address)) return address
  }
}

function freeNodePort(key: string, taken: ReadonlySet<string>): number {
  for (let i = hash(key) % nodePortCount; ; i = (i + 1) % nodePortCount) {
    const port = firstNodePort + i
    if (!taken.has(`TCP/${port}`) && !taken.has(`UDP/${port}`)) return port
  }
}
