/** K9 and K10: what belongs to the platform, and ways to hide a fault instead of mending it. */
import type { Fields } from '../../k8s/object.ts'
import type { Breach, Constraint, Item } from './items.ts'
import { containersIn, listOf, nameOf, pairs, podIn } from './items.ts'
import { formerNames } from './partners.ts'

const platformKinds = new Set(['Namespace', 'Node', 'StorageClass', 'ResourceQuota', 'LimitRange', 'CSIDriver', 'IngressClass', 'RuntimeClass', 'CustomResourceDefinition', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'APIService'])

export const platformKept: Constraint = {
  id: 'K9',
  title: { en: "The platform's objects are not touched", 'zh-CN': '不改动平台的对象' },
  *check(comparison) {
    const given = new Set(comparison.given.map(({ key }) => key))
    for (const { before, after } of pairs(comparison)) {
      if (before) continue
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

export const nothingMasked: Constraint = {
  id: 'K10',
  title: { en: 'The fault is mended, not hidden', 'zh-CN': '修复故障，而不是掩盖它' },
  *check(comparison) {
    for (const { before, after } of pairs(comparison)) {
      if (!before && ['EndpointSlice', 'Endpoints'].includes(after.ref.kind)) yield { item: after, en: `${nameOf(after.ref)} is written by hand.`, zh: `${nameOf(after.ref)} 是手写的。` }
      if (after.ref.kind === 'Service' && after.object.spec?.publishNotReadyAddresses === true && before?.object.spec?.publishNotReadyAddresses !== true) yield { item: after, path: 'spec.publishNotReadyAddresses', en: 'Pods that are not ready are published.', zh: '未就绪的 Pod 也会被当作就绪端点。' }
      const had = new Set(before ? [...optionalsOf(before)].map(({ what }) => what) : [])
      for (const { path, what } of optionalsOf(after, formerNames(before, after))) if (!had.has(what)) yield { item: after, path, en: 'A reference that must be there was made optional.', zh: '必需的引用被改成了可选。' } satisfies Breach
    }
  },
}
