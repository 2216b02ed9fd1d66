/** `kubectl describe node` (describe.go:describeNode, describeNodeResource). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import type { Amount } from '../../amounts.ts'
import { addResources, amountOf, milliOf, printAmount } from '../../amounts.ts'
import { podTotals } from '../../pod-resources.ts'
import type { Console } from '../console.ts'
import { nodeRoles, quantity } from '../print/columns-cluster.ts'
import { ageOf, rfc1123 } from '../print/time.ts'
import { served } from '../served.ts'
import { begin, end } from './workload.ts'
import type { Page } from './writer.ts'

export function describeNode(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object, false)
  page.line(0, `Roles:\t${nodeRoles(object)}`)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  taints(page, spec.taints ?? [])
  page.line(0, `Unschedulable:\t${spec.unschedulable ?? false}`)
  lease(page, console, object.metadata.name)
  conditions(page, status.conditions ?? [])
  page.line(0, 'Addresses:')
  for (const address of (status.addresses ?? []) as Fields[]) page.line(1, `${address.type}:\t${address.address}`)
  for (const [title, list] of [['Capacity', status.capacity], ['Allocatable', status.allocatable]] as const) {
    const names = Object.keys(list ?? {}).sort()
    if (names.length > 0) page.line(0, `${title}:`)
    for (const name of names) page.line(1, `${name}:\t${quantity(list[name])}`)
  }
  systemInfo(page, status.nodeInfo ?? {})
  if (spec.podCIDR) page.line(0, `PodCIDR:\t${spec.podCIDR}`)
  if ((spec.podCIDRs ?? []).length > 0) page.line(0, `PodCIDRs:\t${spec.podCIDRs.join(',')}`)
  if (spec.providerID) page.line(0, `ProviderID:\t${spec.providerID}`)
  pods(page, console, object)
  return end(page, console, object, showEvents)
}

function taints(page: Page, list: readonly Fields[]): void {
  const texts = [...list].sort((a, b) => compareText(`${a.effect},${a.key}`, `${b.effect},${b.key}`)).map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}\n`)
  page.raw(`Taints:\t${texts.length === 0 ? '<none>\n' : texts.join('\t')}`)
}

function lease(page: Page, console: Console, name: string): void {
  const found = served(console, 'Lease', 'kube-node-lease').find((item) => item.metadata.name === name)
  if (!found) {
    page.line(0, `Lease:\tFailed to get lease: leases.coordination.k8s.io "${name}" not found`)
    return
  }
  page.line(0, 'Lease:')
  page.line(1, `HolderIdentity:\t${found.spec?.holderIdentity ?? '<unset>'}`)
  page.line(1, `AcquireTime:\t${found.spec?.acquireTime ? rfc1123(found.spec.acquireTime) : '<unset>'}`)
  page.line(1, `RenewTime:\t${found.spec?.renewTime ? rfc1123(found.spec.renewTime) : '<unset>'}`)
}

function conditions(page: Page, list: readonly Fields[]): void {
  if (list.length === 0) return
  page.raw('Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n')
  page.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
  for (const condition of list) page.line(1, `${condition.type} \t${condition.status} \t${rfc1123(condition.lastHeartbeatTime)} \t${rfc1123(condition.lastTransitionTime)} \t${condition.reason ?? ''} \t${condition.message ?? ''}`)
}

function systemInfo(page: Page, info: Fields): void {
  page.line(0, 'System Info:')
  const rows: [string, string][] = [['Machine ID', 'machineID'], ['System UUID', 'systemUUID'], ['Boot ID', 'bootID'], ['Kernel Version', 'kernelVersion'], ['OS Image', 'osImage'], ['Operating System', 'operatingSystem'], ['Architecture', 'architecture'], ['Container Runtime Version', 'containerRuntimeVersion'], ['Kubelet Version', 'kubeletVersion']]
  for (const [title, field] of rows) page.line(1, `${title}:\t${info[field] ?? ''}`)
}

const none: Amount = { milli: 0, format: 'decimal' }

function pods(page: Page, console: Console, node: K8sObject): void {
  const allocatable = (node.status?.allocatable ?? node.status?.capacity ?? {}) as Record<string, string>
  const list = console.view.list('Pod').filter((pod) => pod.spec?.nodeName === node.metadata.name && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
  const share = (amount: Amount, resource: string): string => {
    const total = milliOf(allocatable[resource])
    return `${printAmount(amount)} (${total === 0 ? 0 : Math.trunc((amount.milli / total) * 100)}%)`
  }
  page.line(0, `Non-terminated Pods:\t(${list.length} in total)`)
  page.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  page.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  const requests = new Map<string, Amount>()
  const limits = new Map<string, Amount>()
  for (const pod of list) {
    const [request, limit] = [podTotals(pod, 'requests'), podTotals(pod, 'limits')]
    for (const [into, from] of [[requests, request], [limits, limit]] as const) for (const [name, amount] of from) addResources(into, { [name]: printAmount(amount) })
    page.line(1, `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${share(request.get('cpu') ?? none, 'cpu')}\t${share(limit.get('cpu') ?? none, 'cpu')}\t${share(request.get('memory') ?? none, 'memory')}\t${share(limit.get('memory') ?? none, 'memory')}\t${ageOf(pod.metadata.creationTimestamp, console.nowMs)}`)
  }
  page.raw('Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n')
  page.line(1, 'Resource\tRequests\tLimits')
  page.line(1, '--------\t--------\t------')
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) page.line(1, `${name}\t${share(requests.get(name) ?? none, name)}\t${share(limits.get(name) ?? none, name)}`)
  const others = Object.keys(allocatable).filter((name) => !['cpu', 'memory', 'ephemeral-storage', 'storage', 'pods'].includes(name)).sort()
  for (const name of others.filter((item) => item.startsWith('hugepages-'))) page.line(1, `${name}\t${share(requests.get(name) ?? none, name)}\t${share(limits.get(name) ?? none, name)}`)
  for (const name of others.filter((item) => !item.startsWith('hugepages-'))) page.line(1, `${name}\t${printAmount(requests.get(name) ?? amountOf('0'))}\t${printAmount(limits.get(name) ?? amountOf('0'))}`)
}
