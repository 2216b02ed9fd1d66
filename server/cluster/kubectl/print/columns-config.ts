/** Tables of configuration, access and limits (pkg/printers/internalversion/printers.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { amountOf, printAmount } from '../../amounts.ts'
import type { Columns } from './column.ts'
import { age, column, name, wideColumn } from './column.ts'

const createdAt = column('Created At', (object) => object.metadata.creationTimestamp)

function subjects(binding: K8sObject, kind: string): string {
  return ((binding.subjects ?? []) as Fields[]).filter((subject) => subject.kind === kind).map((subject) => (kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name)).join(', ')
}

const bindingColumns = [
  name, column('Role', ({ roleRef }) => `${roleRef?.kind}/${roleRef?.name}`), age,
  wideColumn('Users', (binding) => subjects(binding, 'User')), wideColumn('Groups', (binding) => subjects(binding, 'Group')), wideColumn('ServiceAccounts', (binding) => subjects(binding, 'ServiceAccount')),
]

/** `pods: 2/4, requests.cpu: 1/2`: used over hard, limits apart. */
function quotaText(quota: K8sObject, limits: boolean): string {
  const hard = (quota.status?.hard ?? {}) as Record<string, string>
  const used = (quota.status?.used ?? {}) as Record<string, string>
  return Object.keys(hard).sort().filter((resource) => resource.startsWith('limits.') === limits).map((resource) => `${resource}: ${printAmount(amountOf(used[resource]))}/${printAmount(amountOf(hard[resource]))}`).join(', ')
}

export const configColumns: Columns = {
  ConfigMap: [name, column('Data', (object) => Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length), age],
  Secret: [name, column('Type', (object) => object.type ?? 'Opaque'), column('Data', (object) => new Set([...Object.keys(object.data ?? {}), ...Object.keys(object.stringData ?? {})]).size), age],
  ServiceAccount: [name, age],
  Role: [name, createdAt],
  ClusterRole: [name, createdAt],
  RoleBinding: bindingColumns,
  ClusterRoleBinding: bindingColumns,
  LimitRange: [name, createdAt],
  ResourceQuota: [name, column('Request', (quota) => quotaText(quota, false)), column('Limit', (quota) => quotaText(quota, true)), age],
}
