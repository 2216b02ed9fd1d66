/** ResourceQuota status (pkg/controller/resourcequota). Admission counts for itself; this is what people read. */
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Controller } from '../types.ts'
import { printAmount } from '../amounts.ts'
import { equal, isPodTerminal } from '../pods.ts'
import { quotaUsed } from '../admission/quota.ts'
import { parseKey } from './keys.ts'

export const resourceQuotaController: Controller = {
  name: 'resourcequota',
  source: 'pkg/controller/resourcequota/resource_quota_controller.go:syncResourceQuota, pkg/quota/v1/evaluator/core',
  about: 'Writes what is used of each quota whenever something in its namespace comes, goes or finishes. Not modelled: quota on custom and extended API groups beyond object counts.',
  keys({ object, old, type }, cluster) {
    if (object.kind === 'ResourceQuota') return type === 'deleted' ? [] : [keyOf(object)]
    const counts = type !== 'modified' || (object.kind === 'Pod' && old !== undefined && isPodTerminal(object) !== isPodTerminal(old)) || object.kind === 'Service' || object.kind === 'PersistentVolumeClaim'
    return counts ? cluster.view.list('ResourceQuota', object.metadata.namespace ?? '').map(keyOf) : []
  },
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const quota = cluster.view.get('ResourceQuota', namespace, name)
    if (!quota) return
    const used = Object.fromEntries([...quotaUsed(quota, cluster.view)].map(([resource, amount]) => [resource, printAmount(amount)]))
    const status = { hard: quota.spec?.hard ?? {}, used }
    if (!equal(quota.status ?? {}, status)) cluster.api.setStatus(refOf(quota), status)
  },
}
