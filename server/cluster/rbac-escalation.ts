/**
 * Nobody grants what they do not hold: the check when roles and bindings are written (pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go,
 * registry/rbac/validation/rule.go:ConfirmNoEscalation, component-helpers/auth/rbac/validation/policy_comparator.go:Covers).
 */
import type { Fields, K8sObject, Ref } from '../k8s/object.ts'
import { applyThrough } from './api.ts'
import { forbidden, notFound } from './admission/refusal.ts'
import { mergePatch } from './merge.ts'
import { equal } from './pods.ts'
import { quoted } from './kubectl/print/labels.ts'
import type { Subject } from './rbac.ts'
import { evaluate, isCovered, rulesFor, rulesOf } from './rbac.ts'
import type { Api, ApiError, Cluster, View } from './types.ts'

const group = 'rbac.authorization.k8s.io'
const everything: readonly Fields[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { nonResourceURLs: ['*'], verbs: ['*'] }]

/** Why this subject may not write this role or binding; undefined: it may, as far as this check goes. */
export function escalation(subject: Subject, object: K8sObject, old: K8sObject | undefined, view: View): ApiError | undefined {
  if (subject.groups.includes('system:masters')) return undefined
  if (old && equal({ ...old, metadata: undefined }, { ...object, metadata: undefined }) && onlyForCollection(object, old)) return undefined
  if (object.kind === 'Role' || object.kind === 'ClusterRole') return roleEscalation(subject, object, old, view)
  return object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding' ? bindingEscalation(subject, object, view) : undefined
}

/** Only owner references and finalizers differ (IsOnlyMutatingGCFields). */
function onlyForCollection(object: K8sObject, old: K8sObject): boolean {
  const rest = ({ metadata: { ownerReferences: _owners, finalizers: _finalizers, resourceVersion: _version, ...metadata } }: K8sObject): unknown => metadata
  return equal(rest(object), rest(old)) && !equal(object.metadata, old.metadata)
}

function roleEscalation(subject: Subject, role: K8sObject, old: K8sObject | undefined, view: View): ApiError | undefined {
  const namespace = role.kind === 'Role' ? (role.metadata.namespace ?? '') : ''
  const resource = role.kind === 'Role' ? 'roles' : 'clusterroles'
  // A create has no name in its request, so resourceNames do not help there.
  if (evaluate(subject, { verb: 'escalate', group, resource, namespace, ...(old ? { name: role.metadata.name } : {}) }, view).allowed) return undefined
  const missing = confirm(subject, (role.rules ?? []) as Fields[], namespace, view)
  if (missing !== undefined) return forbidden(role, missing)
  const gathers = role.aggregationRule !== undefined || old?.aggregationRule !== undefined
  return gathers && confirm(subject, everything, namespace, view) !== undefined ? forbidden(role, 'must have cluster-admin privileges to use an aggregationRule') : undefined
}

function bindingEscalation(subject: Subject, binding: K8sObject, view: View): ApiError | undefined {
  const namespace = binding.kind === 'RoleBinding' ? (binding.metadata.namespace ?? '') : ''
  const { kind, name } = binding.roleRef as { kind: string; name: string }
  if (evaluate(subject, { verb: 'bind', group, resource: kind === 'Role' ? 'roles' : 'clusterroles', name, namespace }, view).allowed) return undefined
  const role = view.get(kind, kind === 'Role' ? namespace : '', name)
  if (!role) return { ...notFound(kind, name), message: `${kind.toLowerCase()}.${group} "${name}" not found` }
  const missing = confirm(subject, rulesOf(role, view), namespace, view)
  return missing === undefined ? undefined : forbidden(binding, missing)
}

/** The complaint about rules that the subject does not hold there, or undefined. */
function confirm(subject: Subject, rules: readonly Fields[], namespace: string, view: View): string | undefined {
  const { rules: held, errors } = rulesFor(subject, namespace, view)
  const missing = rules.flatMap(breakDown).filter((one) => !held.some((rule) => isCovered(rule, one)))
  if (missing.length === 0) return undefined
  const lines = [...new Set(compact(missing).map(ruleText))].sort()
  const resolution = errors.length > 0 ? `; resolution errors: [${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}]` : ''
  return `user ${quoted(subject.user)} (groups=${quotedList(subject.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${resolution}`
}

/** A rule as rules of one verb on one resource or URL each (BreakdownRule). */
function breakDown(rule: Fields): Fields[] {
  const names = (rule.resourceNames ?? []) as string[]
  const resources = ((rule.apiGroups ?? []) as string[]).flatMap((apiGroup) => ((rule.resources ?? []) as string[]).flatMap((resource) => ((rule.verbs ?? []) as string[]).flatMap((verb): Fields[] => {
    const one = { apiGroups: [apiGroup], resources: [resource], verbs: [verb] }
    return names.length === 0 ? [one] : names.map((name) => ({ ...one, resourceNames: [name] }))
  })))
  const urls = ((rule.nonResourceURLs ?? []) as string[]).flatMap((url) => ((rule.verbs ?? []) as string[]).map((verb): Fields => ({ nonResourceURLs: [url], verbs: [verb] })))
  return [...resources, ...urls]
}

/** Rules about one and the same resource become one with all their verbs (CompactRules). */
function compact(rules: readonly Fields[]): Fields[] {
  const found = new Map<string, Fields>()
  const others: Fields[] = []
  for (const rule of rules) {
    if (rule.nonResourceURLs) {
      others.push(rule)
      continue
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames ?? []])
    const same = found.get(key)
    found.set(key, same ? { ...same, verbs: [...new Set([...same.verbs, ...rule.verbs])] } : rule)
  }
  return [...found.values(), ...others]
}

function quotedList(values: readonly string[]): string {
  return `[${values.map(quoted).join(' ')}]`
}

/** `{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}` (rbac/v1 helpers: CompactString). */
function ruleText(rule: Fields): string {
  const parts: [string, string[] | undefined][] = [['APIGroups', rule.apiGroups], ['Resources', rule.resources], ['NonResourceURLs', rule.nonResourceURLs], ['ResourceNames', rule.resourceNames], ['Verbs', rule.verbs]]
  return `{${parts.filter(([, values]) => values !== undefined && values.length > 0).map(([name, values]) => `${name}:${quotedList(values!)}`).join(', ')}}`
}

/** The API as somebody uses it: what they write passes the check first. Whether they may write at all is for the caller to ask. */
export function apiAs(cluster: Cluster, subject: Subject): Api {
  const inner = cluster.api
  const live = (ref: Ref): K8sObject | undefined => cluster.view.get(ref.kind, ref.namespace, ref.name)
  const placed = (object: K8sObject): K8sObject => (object.kind === 'Role' || object.kind === 'RoleBinding' ? { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? 'default' } } : object)
  const guarded: Api = {
    ...inner,
    create(object) {
      const error = escalation(subject, placed(object), undefined, cluster.view)
      return error ? { error } : inner.create(object)
    },
    update(object) {
      const error = escalation(subject, placed(object), live({ kind: object.kind, namespace: placed(object).metadata.namespace ?? '', name: object.metadata.name }), cluster.view)
      return error ? { error } : inner.update(object)
    },
    apply: (object) => applyThrough(cluster, guarded, object),
    patch(ref, merge) {
      const old = live(ref)
      return old ? guarded.update(mergePatch(old, merge) as K8sObject) : inner.patch(ref, merge)
    },
  }
  return guarded
}
