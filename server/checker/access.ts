/** What rules about RBAC share: which requests a role allows, and who has it everywhere. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import type { Inventory } from './inventory.ts'

/** The rules of a Role or ClusterRole. */
export function policyRules(role: K8sObject): Fields[] {
  return (role['rules'] ?? []) as Fields[]
}

/** Names with which Kubernetes and its add-ons call their own roles and bindings. */
export function isSystemName(name: string | undefined): boolean {
  return (name ?? '').startsWith('system:')
}

/** The verbs of these that a rule allows on a resource of a group, without being bound to names. A subresource is written `pods/exec`. */
export function allows(rule: Fields, group: string, resource: string, verbs: readonly string[]): string[] {
  const groups = (rule['apiGroups'] ?? []) as string[]
  const resources = (rule['resources'] ?? []) as string[]
  if ((rule['resourceNames'] ?? []).length > 0) return []
  const [, sub] = resource.split('/')
  const matches = resources.includes(resource) || resources.includes('*') || (sub !== undefined && resources.includes(`*/${sub}`))
  if (!matches || !(groups.includes(group) || groups.includes('*'))) return []
  const allowed = (rule['verbs'] ?? []) as string[]
  return verbs.filter((verb) => allowed.includes(verb) || allowed.includes('*'))
}

/** ClusterRoleBindings among the inputs that give this ClusterRole in every namespace. */
export function boundClusterWide(role: K8sObject, all: Inventory): readonly K8sObject[] {
  return role.kind === 'ClusterRole' ? all.list('ClusterRoleBinding').filter((binding) => binding['roleRef']?.kind === 'ClusterRole' && binding['roleRef']?.name === role.metadata.name) : []
}
