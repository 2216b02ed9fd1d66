/** Role-based access: who may do what (plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go). Rules add up; nothing denies. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import type { ApiError, View } from './types.ts'
import { isNamespaced, resources } from './resources.ts'
import { selects } from './selection.ts'

/** A user with groups; `serviceAccountSubject` makes one. */
export type Subject = { user: string; groups: string[] }
/** `namespace` '' is the cluster scope (or all namespaces); `name` '' is the whole collection. */
export type AccessRequest = { verb: string; group: string; resource: string; subresource?: string; name?: string; namespace: string }
export type Decision = { allowed: boolean; /** Binding and role that allow it, or why a binding grants nothing. */ reason: string }

export function serviceAccountSubject(namespace: string, name: string): Subject {
  return { user: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] }
}

/** Is this subject of a binding the one who asks? `namespace` is the binding's own. */
function isSubject(entry: Fields, subject: Subject, namespace: string): boolean {
  if (entry.kind === 'User') return entry.name === subject.user
  if (entry.kind === 'Group') return subject.groups.includes(entry.name)
  return entry.kind === 'ServiceAccount' && subject.user === `system:serviceaccount:${entry.namespace || namespace}:${entry.name}`
}

/** Does one rule give all that a rule of one verb on one resource or URL asks for (ruleCovers)? */
export function isCovered(held: Fields, one: Fields): boolean {
  const all = (list: string[] | undefined, asked: string[] | undefined): boolean => (list ?? []).includes('*') || (asked ?? []).every((value) => (list ?? []).includes(value))
  if (!all(held.verbs, one.verbs)) return false
  if (one.nonResourceURLs) return one.nonResourceURLs.every((url: string) => ((held.nonResourceURLs ?? []) as string[]).some((given) => given === url || given === '*' || (given.endsWith('*') && url.startsWith(given.slice(0, -1)))))
  const [resource] = one.resources as [string]
  const slash = resource.indexOf('/')
  const resourceHeld = all(held.resources, one.resources) || (slash > 0 && ((held.resources ?? []) as string[]).includes(`*/${resource.slice(slash + 1)}`))
  const names = (held.resourceNames ?? []) as string[]
  return resourceHeld && all(held.apiGroups, one.apiGroups) && (names.length === 0 || (one.resourceNames !== undefined && all(names, one.resourceNames)))
}

/** Every rule that applies to a subject in a namespace ('' leaves out namespaced bindings), and the roles that bindings name in vain (VisitRulesFor). */
export function rulesFor(subject: Subject, namespace: string, view: View): { rules: Fields[]; errors: string[] } {
  const errors: string[] = []
  const bindings = [...view.list('ClusterRoleBinding'), ...(namespace === '' ? [] : view.list('RoleBinding', namespace))]
  const rules = bindings.filter((binding) => ((binding.subjects ?? []) as Fields[]).some((entry) => isSubject(entry, subject, binding.metadata.namespace ?? ''))).flatMap((binding) => {
    const { kind, name } = binding.roleRef as { kind: string; name: string }
    const role = view.get(kind, kind === 'ClusterRole' ? '' : namespace, name)
    if (!role) errors.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`)
    return role ? rulesOf(role, view) : []
  })
  return { rules, errors }
}

/** One rule against one request: verb, group, resource with subresource, and name (RuleAllows). `pods` does not include `pods/log`. */
export function ruleAllows(rule: Fields, request: AccessRequest): boolean {
  const has = (list: string[] | undefined, value: string): boolean => (list ?? []).includes('*') || (list ?? []).includes(value)
  const full = request.subresource ? `${request.resource}/${request.subresource}` : request.resource
  const resourceMatches = has(rule.resources, full) || (request.subresource !== undefined && request.subresource !== '' && ((rule.resources ?? []) as string[]).includes(`*/${request.subresource}`))
  const names = (rule.resourceNames ?? []) as string[]
  return has(rule.verbs, request.verb) && has(rule.apiGroups, request.group) && resourceMatches && (names.length === 0 || (Boolean(request.name) && names.includes(request.name!)))
}

/** Rules of a role; an aggregated ClusterRole takes in those its selectors match, once each. */
export function rulesOf(role: K8sObject, view: View, seen = new Set<string>()): Fields[] {
  if (seen.has(role.metadata.name)) return []
  seen.add(role.metadata.name)
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []) as Fields[]
  const gathered = selectors.length === 0 ? [] : view.list('ClusterRole').filter((other) => selectors.some((selector) => selects(selector, other.metadata.labels))).flatMap((other) => rulesOf(other, view, seen))
  return [...((role.rules ?? []) as Fields[]), ...gathered]
}

/** Cluster bindings first, then those of the namespace; the first rule that allows decides. */
export function evaluate(subject: Subject, request: AccessRequest, view: View): Decision {
  const missing: string[] = []
  const grants = (binding: K8sObject, role: K8sObject | undefined): Decision | undefined => {
    const reference = binding.roleRef
    const full = `${binding.kind} "${binding.metadata.name}${binding.metadata.namespace ? `/${binding.metadata.namespace}` : ''}"`
    if (!role) {
      missing.push(`${reference.kind.toLowerCase()}.rbac.authorization.k8s.io "${reference.name}" not found`)
      return undefined
    }
    if (!rulesOf(role, view).some((rule) => ruleAllows(rule, request))) return undefined
    const who = ((binding.subjects ?? []) as Fields[]).find((entry) => isSubject(entry, subject, binding.metadata.namespace ?? ''))!
    return { allowed: true, reason: `RBAC: allowed by ${full} of ${reference.kind} "${reference.name}" to ${who.kind} "${who.kind === 'ServiceAccount' ? `${who.name}/${who.namespace ?? binding.metadata.namespace}` : who.name}"` }
  }
  for (const binding of view.list('ClusterRoleBinding')) {
    if (!((binding.subjects ?? []) as Fields[]).some((entry) => isSubject(entry, subject, ''))) continue
    const decision = grants(binding, view.get('ClusterRole', '', binding.roleRef.name))
    if (decision) return decision
  }
  if (request.namespace !== '') {
    for (const binding of view.list('RoleBinding', request.namespace)) {
      if (!((binding.subjects ?? []) as Fields[]).some((entry) => isSubject(entry, subject, request.namespace))) continue
      const role = binding.roleRef.kind === 'ClusterRole' ? view.get('ClusterRole', '', binding.roleRef.name) : view.get('Role', request.namespace, binding.roleRef.name)
      const decision = grants(binding, role)
      if (decision) return decision
    }
  }
  return { allowed: false, reason: missing.length === 0 ? '' : `RBAC: ${missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`}` }
}

/** The 403 as the API server words it (responsewriters/errors.go:forbiddenMessage). */
export function forbiddenError(subject: Subject, request: AccessRequest): ApiError {
  const target = request.group === '' ? request.resource : `${request.resource}.${request.group}`
  const full = request.subresource ? `${request.resource}/${request.subresource}` : request.resource
  const scope = request.namespace === '' ? 'at the cluster scope' : `in the namespace "${request.namespace}"`
  const named = request.name ? `${target} "${request.name}" is forbidden` : `${target} is forbidden`
  return { code: 403, reason: 'Forbidden', message: `${named}: User "${subject.user}" cannot ${request.verb} resource "${full}" in API group "${request.group}" ${scope}` }
}

/** Verbs that kubectl does not warn of (cmd/auth/cani.go: resourceVerbs). */
const knownVerbs = new Set(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'use', 'bind', 'impersonate', '*', 'approve', 'sign', 'escalate', 'attest'])

export type CanI = { answer: 'yes' | 'no'; warnings: string[]; reason: string }

/** `kubectl auth can-i verb resource`: resource as typed (short names, `deployments.apps`, `pods/log`), with the warnings kubectl prints. */
export function canI(subject: Subject, verb: string, typed: string, namespace: string, view: View, name?: string): CanI {
  const [first = '', subresource] = typed.split('/')
  const [word = '', ...groupParts] = first.split('.')
  const wantedGroup = groupParts.join('.')
  const found = resources.find((item) => (item.plural === word || item.kind.toLowerCase() === word || item.short.includes(word)) && (wantedGroup === '' || item.group === wantedGroup))
  const warnings: string[] = []
  if (!found && word !== '*') warnings.push(`the server doesn't have a resource type '${word}'${wantedGroup ? ` in group '${wantedGroup}'` : ''}`)
  if (found && !isNamespaced(found.kind) && namespace !== '') warnings.push(`resource '${found.plural}' is not namespace scoped${found.group ? ` in group '${found.group}'` : ''}`)
  if (namespace !== '' && !knownVerbs.has(verb)) warnings.push(`verb '${verb}' is not a known verb`)
  const scope = found && !isNamespaced(found.kind) ? '' : namespace
  const decision = evaluate(subject, { verb, group: found?.group ?? wantedGroup, resource: found?.plural ?? word, ...(subresource ? { subresource } : {}), ...(name ? { name } : {}), namespace: scope }, view)
  return { answer: decision.allowed ? 'yes' : 'no', warnings, reason: decision.reason }
}
