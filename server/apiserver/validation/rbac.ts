/** Role, ClusterRole and their bindings (pkg/apis/rbac/validation/validation.go). */
import { dns1123Subdomain } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { fieldPath, invalid, invalidEach, notSupported, required, type FieldError, type Path } from '../field.ts'
import { isSame } from '../metadata.ts'
import { labelSelectorErrors } from './label-selector.ts'

const group = 'rbac.authorization.k8s.io'

export function roleErrors(role: K8sObject): FieldError[] {
  const rules: Fields[] = role.rules ?? []
  const errors = rules.flatMap((rule, index) => ruleErrors(rule, role.kind === 'Role', fieldPath('rules').index(index)))
  if (role.kind !== 'ClusterRole' || !role.aggregationRule) return errors
  const selectors: Fields[] = role.aggregationRule.clusterRoleSelectors ?? []
  const path = fieldPath('aggregationRule', 'clusterRoleSelectors')
  if (selectors.length === 0) errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  selectors.forEach((selector, index) => {
    const wrong = labelSelectorErrors(selector, path.index(index))
    if (wrong.length > 0) wrong.push(invalid(path.index(index), null, 'invalid label selector.'))
    errors.push(...wrong)
  })
  return errors
}

function ruleErrors(rule: Fields, namespaced: boolean, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const count = (name: string): number => (rule[name] ?? []).length
  if (count('verbs') === 0) errors.push(required(path.child('verbs'), 'verbs must contain at least one value'))
  if (count('nonResourceURLs') > 0) {
    const at = path.child('nonResourceURLs')
    if (namespaced) errors.push(invalid(at, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    if (count('apiGroups') + count('resources') + count('resourceNames') > 0) errors.push(invalid(at, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
    return errors
  }
  if (count('apiGroups') === 0) errors.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'))
  if (count('resources') === 0) errors.push(required(path.child('resources'), 'resource rules must supply at least one resource'))
  return errors
}

export function bindingErrors(binding: K8sObject, old?: K8sObject): FieldError[] {
  const errors: FieldError[] = []
  const namespaced = binding.kind === 'RoleBinding'
  const reference: Fields = binding.roleRef ?? {}
  const path = fieldPath('roleRef')
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if ((reference.apiGroup ?? '') !== group) errors.push(notSupported(path.child('apiGroup'), reference.apiGroup ?? '', [group]))
  if (!kinds.includes(reference.kind ?? '')) errors.push(notSupported(path.child('kind'), reference.kind ?? '', kinds))
  if (!reference.name) errors.push(required(path.child('name')))
  else errors.push(...invalidEach(path.child('name'), reference.name, segmentMessages(reference.name)))
  const subjects: Fields[] = binding.subjects ?? []
  subjects.forEach((subject, index) => errors.push(...subjectErrors(subject, namespaced, fieldPath('subjects').index(index))))
  if (old && !isSame(old.roleRef, binding.roleRef)) errors.push(invalid(path, { APIGroup: reference.apiGroup ?? '', Kind: reference.kind ?? '', Name: reference.name ?? '' }, 'cannot change roleRef'))
  return errors
}

function segmentMessages(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((bad) => name.includes(bad)).map((bad) => `may not contain '${bad}'`)
}

function subjectErrors(subject: Fields, namespaced: boolean, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const name: string = subject.name ?? ''
  if (name === '') errors.push(required(path.child('name')))
  const kind: string = subject.kind ?? ''
  const given: string = subject.apiGroup ?? ''
  if (kind === 'ServiceAccount') {
    if (name !== '') errors.push(...invalidEach(path.child('name'), name, dns1123Subdomain(name)))
    if (given !== '') errors.push(notSupported(path.child('apiGroup'), given, ['']))
    if (!namespaced && !subject.namespace) errors.push(required(path.child('namespace')))
  } else if (kind === 'User' || kind === 'Group') {
    if (given !== group) errors.push(notSupported(path.child('apiGroup'), given, [group]))
  } else errors.push(notSupported(path.child('kind'), kind, ['ServiceAccount', 'User', 'Group']))
  return errors
}

/** Subjects and references get the group they mean (rbac/v1/defaults.go); nothing for kinds that are unknown. */
export function defaultedBinding(binding: K8sObject): K8sObject {
  const reference: Fields | undefined = binding.roleRef
  const subjects: Fields[] | undefined = binding.subjects
  return {
    ...binding,
    roleRef: reference && !reference.apiGroup ? { ...reference, apiGroup: group } : (reference ?? { apiGroup: group, kind: '', name: '' }),
    ...(subjects ? { subjects: subjects.map((subject) => ((subject.kind === 'User' || subject.kind === 'Group') && !subject.apiGroup ? { ...subject, apiGroup: group } : subject)) } : {}),
  }
}
