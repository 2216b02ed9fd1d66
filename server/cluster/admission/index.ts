/** Admission of creates and updates, in kube-apiserver's order: defaulting, mutating plugins, validation, validating plugins, quota last (kubeapiserver/options/plugins.go). */
import type { K8sObject } from '../../k8s/object.ts'
import type { ApiError, Cluster } from '../types.ts'
import { isNamespaced } from '../resources.ts'
import { limitRangeErrors } from './limit-range.ts'
import { mutated } from './mutation.ts'
import { isSignificant, namespaceWarnings, podSecurity, policyErrors } from './pod-security.ts'
import { quotaRefusal } from './quota.ts'
import { forbidden, invalid } from './refusal.ts'
import { resizeRefusal } from './claim-resize.ts'

/** Decoding, defaulting and validation: apiserver/'s door. Errors carry the path and the rest of the message. */
export type Admit = (object: K8sObject, options?: { old?: K8sObject }) => { stage: string; object: K8sObject; errors: readonly { path: string; message: string; segments?: readonly (string | number)[] }[]; /** Unknown fields: with kubectl's strict validation the server answers with them before it validates. */ strict?: readonly { path: string; message: string; segments?: readonly (string | number)[] }[]; warnings: readonly string[] }

export type Admitted = { object: K8sObject; warnings: string[] } | { error: ApiError }

/** A new object: defaulted and completed, or the first refusal. Warnings are what kubectl prints after `Warning: `. */
export function admitted(object: K8sObject, cluster: Cluster, admit: Admit): Admitted {
  const checked = admit(object)
  const decoded = decodeRefusal(object, checked)
  if (decoded) return { error: decoded }
  const added = mutated(checked.object, cluster)
  if ('error' in added) return added
  // Validation judges what the plugins made of the pod; without errors before, only what LimitRanger set can add some.
  const containersChanged = added.object.metadata.annotations?.['kubernetes.io/limit-ranger'] !== checked.object.metadata.annotations?.['kubernetes.io/limit-ranger']
  const errors = object.kind === 'Pod' && (containersChanged || checked.errors.length > 0) ? admit(added.object).errors : checked.errors
  if (errors.length > 0) return { error: invalid(object, errors) }
  const policy = object.kind === 'Namespace' ? policyErrors(added.object) : []
  if (policy.length > 0) return { error: invalid(object, policy) }
  const refusal = validatingRefusal(added.object, undefined, cluster)
  if ('error' in refusal) return refusal
  return { object: added.object, warnings: [...checked.warnings, ...refusal.warnings] }
}

/** A changed object against the stored one. */
export function admittedUpdate(object: K8sObject, old: K8sObject, cluster: Cluster, admit: Admit): Admitted {
  const checked = admit(object, { old })
  const decoded = decodeRefusal(object, checked)
  if (decoded) return { error: decoded }
  if (checked.errors.length > 0) return { error: invalid(object, checked.errors) }
  // Labels that were wrong before do not stand in the way of other changes.
  const policy = object.kind === 'Namespace' && policyErrors(old).length === 0 ? policyErrors(checked.object) : []
  if (policy.length > 0) return { error: invalid(object, policy) }
  const resize = resizeRefusal(checked.object, old, cluster)
  if (resize) return { error: forbidden(object, resize) }
  const refusal = validatingRefusal(checked.object, old, cluster)
  if ('error' in refusal) return refusal
  const warned = object.kind === 'Namespace' ? namespaceWarnings(checked.object, old, cluster) : refusal.warnings
  return { object: checked.object, warnings: [...checked.warnings, ...warned] }
}

function decodeRefusal(object: K8sObject, checked: ReturnType<Admit>): ApiError | undefined {
  if (checked.stage === 'unknown') return { code: 404, reason: 'NotFound', message: `no matches for kind "${object.kind}" in version "${object.apiVersion}"` }
  const strict = checked.strict ?? []
  const isDecode = checked.stage === 'decode' && checked.errors.length > 0
  if (!isDecode && strict.length === 0) return undefined
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)
  const errors = isDecode ? checked.errors : strict
  return { code: 400, reason: 'BadRequest', message: `${object.kind} in version "${version}" cannot be handled as a ${object.kind}: ${isDecode ? '' : 'strict decoding error: '}${errors.map((error) => error.message).join(', ')}`, causes: errors.map(({ path, message, segments }) => ({ field: path, message, ...(segments ? { steps: segments } : {}) })) }
}

function validatingRefusal(object: K8sObject, old: K8sObject | undefined, cluster: Cluster): { warnings: string[] } | { error: ApiError } {
  if (!isNamespaced(object.kind)) return { warnings: [] }
  if (!old || object.kind === 'PersistentVolumeClaim') {
    const bounds = limitRangeErrors(object, cluster)
    if (bounds.length > 0) return { error: forbidden(object, bounds.length === 1 ? bounds[0]! : `[${bounds.join(', ')}]`) }
  }
  const security = object.kind === 'Pod' && old && !isSignificant(object, old) ? { warnings: [] } : podSecurity(object, cluster)
  if (security.refusal) return { error: forbidden(object, security.refusal) }
  const exceeded = object.kind === 'Pod' && old ? undefined : quotaRefusal(object, old, cluster)
  if (exceeded) return { error: forbidden(object, exceeded) }
  return { warnings: security.warnings }
}
