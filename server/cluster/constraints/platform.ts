/** K9 and K10: what belongs to the platform, rights included, and ways to hide a fault instead of mending it. */
import type { Fields } from '../../k8s/object.ts'
import type { Breach, Constraint, Item } from './items.ts'
import { containersIn, fieldsOf, listOf, nameOf, pairs, podIn } from './items.ts'
import { formerNames } from './partners.ts'

const platformKinds = new Set(['Namespace', 'Node', 'StorageClass', 'ResourceQuota', 'LimitRange', 'CSIDriver', 'IngressClass', 'RuntimeClass', 'PriorityClass', 'CustomResourceDefinition', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'APIService'])

type Grant = { what: string; path: string; en: string; zh: string }

const wholesale = new Set(['cluster-admin', 'admin', 'edit'])
const handingOn = ['escalate', 'bind', 'impersonate']

/** What an RBAC object gives wholesale: everything of some sort, all Secrets, the right to hand rights on, a built-in role that may read Secrets. `what` names it apart from the object. */
function* grantsOf({ object, ref }: Item): Iterable<Grant> {
  const name = nameOf(ref)
  const where = ref.namespace
  if (['Role', 'ClusterRole'].includes(ref.kind))
    for (const [i, rule] of listOf(object.rules).entries()) {
      const words = (field: string): unknown[] => (Array.isArray(rule[field]) ? rule[field] : [])
      const at = `rules[${i}]`
      for (const field of ['verbs', 'resources', 'apiGroups', 'nonResourceURLs']) if (words(field).includes('*')) yield { what: `${where} ${field} *`, path: `${at}.${field}`, en: `${name} grants all ${field} ("*").`, zh: `${name} 放开了所有 ${field}（"*"）。` }
      if (words('resources').includes('secrets') && words('apiGroups').includes('') && words('resourceNames').length === 0) yield { what: `${where} secrets`, path: `${at}.resources`, en: `${name} grants access to all Secrets.`, zh: `${name} 授予了对所有 Secret 的访问权限。` }
      for (const verb of handingOn) if (words('verbs').includes(verb)) yield { what: `${where} ${verb}`, path: `${at}.verbs`, en: `${name} grants the verb ${verb}.`, zh: `${name} 授予了 ${verb}。` }
    }
  const role: unknown = fieldsOf(object.roleRef).name
  if (!['RoleBinding', 'ClusterRoleBinding'].includes(ref.kind) || fieldsOf(object.roleRef).kind !== 'ClusterRole' || !wholesale.has(String(role))) return
  for (const [i, subject] of listOf(object.subjects).entries()) yield { what: `${where} ${String(role)} ${String(subject.kind)} ${String(subject.namespace ?? '')} ${String(subject.name)}`, path: `subjects[${i}]`, en: `${name} binds ${String(subject.name)} to ${String(role)}.`, zh: `${name} 把 ${String(subject.name)} 绑定到了 ${String(role)}。` }
}

/** A PriorityClass that outranks more than before. */
function* raised(before: Item, after: Item): Iterable<Breach> {
  if (after.ref.kind !== 'PriorityClass') return
  if (Number(fieldsOf(after.object).value) > Number(fieldsOf(before.object).value) || (fieldsOf(after.object).globalDefault === true && fieldsOf(before.object).globalDefault !== true)) yield { item: after, path: 'value', en: `${nameOf(after.ref)} was raised.`, zh: `${nameOf(after.ref)} 被调高了。` }
}

function systemClassOf(item: Item | undefined): string | undefined {
  const name: unknown = item && podIn(item.object)?.spec.priorityClassName
  return typeof name === 'string' && name.startsWith('system-') ? name : undefined
}

export const platformKept: Constraint = {
  id: 'K9',
  title: { en: "The platform's objects are not touched, and no rights widened", 'zh-CN': '不改动平台的对象，也不扩大权限' },
  *check(comparison) {
    const granted = new Set(comparison.broken.flatMap((item) => [...grantsOf(item)].map(({ what }) => what)))
    for (const item of comparison.answer) for (const { what, path, en, zh } of grantsOf(item)) if (!granted.has(what)) yield { item, path, en, zh }
    const given = new Set(comparison.given.map(({ key }) => key))
    for (const { before, after } of pairs(comparison)) {
      const systemClass = systemClassOf(after)
      if (systemClass !== undefined && systemClassOf(before) === undefined) yield { item: after, path: `${podIn(after.object)!.path}.priorityClassName`, en: `${systemClass} belongs to the platform.`, zh: `${systemClass} 属于平台。` }
      if (before) {
        yield* raised(before, after)
        continue
      }
      if (given.has(after.key)) yield { item: after, en: `${nameOf(after.ref)} belongs to the platform.`, zh: `${nameOf(after.ref)} 属于平台。` }
      else if (platformKinds.has(after.ref.kind)) yield { item: after, en: `Objects of kind ${after.ref.kind} belong to the platform.`, zh: `${after.ref.kind} 类对象属于平台。` }
      else if (['kube-system', 'kube-public', 'kube-node-lease'].includes(after.ref.namespace)) yield { item: after, en: `Namespace ${after.ref.namespace} belongs to the platform.`, zh: `namespace ${after.ref.namespace} 属于平台。` }
    }
  },
}

type Optional = { path: string; what: string }

/** Every reference to a ConfigMap or Secret that may be missing, named apart from its place, with the former names of containers. */
function* optionalsOf({ object }: Item, called: (name: string) => string = (name) => name): Iterable<Optional> {
  const pod = podIn(object)
  if (!pod) return
  for (const { container, name, path } of containersIn(pod)) {
    for (const [i, entry] of listOf(container.env).entries()) for (const kind of ['configMapKeyRef', 'secretKeyRef']) if (entry.valueFrom?.[kind]?.optional === true) yield { path: `${path}.env[${i}].valueFrom.${kind}.optional`, what: `${called(name)} env ${String(entry.name)}` }
    for (const [i, entry] of listOf(container.envFrom).entries()) for (const kind of ['configMapRef', 'secretRef']) if (entry[kind]?.optional === true) yield { path: `${path}.envFrom[${i}].${kind}.optional`, what: `${called(name)} envFrom ${kind} ${String(entry[kind].name)}` }
  }
  for (const [i, volume] of listOf(pod.spec.volumes).entries()) {
    const at = `${pod.path}.volumes[${i}]`
    for (const kind of ['configMap', 'secret']) if ((volume[kind] as Fields | undefined)?.optional === true) yield { path: `${at}.${kind}.optional`, what: `volume ${String(volume.name)}` }
    for (const [j, source] of listOf(volume.projected?.sources).entries()) for (const kind of ['configMap', 'secret']) if ((source[kind] as Fields | undefined)?.optional === true) yield { path: `${at}.projected.sources[${j}].${kind}.optional`, what: `volume ${String(volume.name)} ${kind} ${String(source[kind].name)}` }
  }
}

function hasSelector({ object }: Item): boolean {
  return Object.keys(fieldsOf(object.spec?.selector)).length > 0
}

export const nothingMasked: Constraint = {
  id: 'K10',
  title: { en: 'The fault is mended, not hidden', 'zh-CN': '修复故障，而不是掩盖它' },
  *check(comparison) {
    for (const { before, after } of pairs(comparison)) {
      if (!before && ['EndpointSlice', 'Endpoints'].includes(after.ref.kind)) yield { item: after, en: `${nameOf(after.ref)} is written by hand.`, zh: `${nameOf(after.ref)} 是手写的。` }
      if (after.ref.kind === 'Service' && after.object.spec?.publishNotReadyAddresses === true && before?.object.spec?.publishNotReadyAddresses !== true) yield { item: after, path: 'spec.publishNotReadyAddresses', en: 'Pods that are not ready are published.', zh: '未就绪的 Pod 也会被当作就绪端点。' }
      if (before?.ref.kind === 'Service' && hasSelector(before) && !hasSelector(after)) yield { item: after, path: 'spec', en: `${nameOf(after.ref)} lost its selector.`, zh: `${nameOf(after.ref)} 的 selector 被去掉了。` }
      const had = new Set(before ? [...optionalsOf(before)].map(({ what }) => what) : [])
      for (const { path, what } of optionalsOf(after, formerNames(before, after))) if (!had.has(what)) yield { item: after, path, en: 'A reference that must be there was made optional.', zh: '必需的引用被改成了可选。' } satisfies Breach
    }
  },
}
