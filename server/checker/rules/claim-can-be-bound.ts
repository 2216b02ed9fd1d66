import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareQuantities } from '../../k8s/quantity.ts'
import { selects, type LabelSelector } from '../../k8s/selector.ts'
import type { Inventory } from '../inventory.ts'
import { namespaceOf, spaceOf } from '../inventory.ts'
import { called, sentences, setTo } from '../naming.ts'
import type { Report, Text } from '../rule.ts'
import { defineRule } from '../rule.ts'
import { file, object } from '../samples.ts'

const volume = (name: string, size: string, modes = 'ReadWriteOnce', rest = ''): string => object('v1', 'PersistentVolume', name, `spec: { storageClassName: manual, capacity: { storage: ${size} }, accessModes: [${modes}], hostPath: { path: /data }${rest} }`)
const claim = (size: string, mode: string, rest = ', storageClassName: manual'): string => object('v1', 'PersistentVolumeClaim', 'data', `spec: { accessModes: [${mode}], resources: { requests: { storage: ${size} } }${rest} }`)

/** Why a volume can't hold a claim (pkg/volume/util: FindMatchingVolume, CheckAccessModes), or undefined. */
function refusal(claimed: K8sObject, given: K8sObject): Text | undefined {
  const wants = (claimed.spec ?? {}) as Fields
  const has = (given.spec ?? {}) as Fields
  const owner = has.claimRef as Fields | undefined
  if (owner && (owner.name !== claimed.metadata.name || spaceOf(owner.namespace as string | undefined) !== spaceOf(namespaceOf(claimed)))) return { en: `it is reserved for ${owner.namespace}/${owner.name}`, 'zh-CN': `它保留给 ${owner.namespace}/${owner.name}` }
  const size = wants.resources?.requests?.storage as string
  if (compareQuantities(has.capacity?.storage as string, size) < 0) return { en: `it has ${has.capacity?.storage}, the claim asks for ${size}`, 'zh-CN': `它的容量是 ${has.capacity?.storage}，而 PVC 要求 ${size}` }
  const modes = ((wants.accessModes ?? []) as string[]).filter((mode) => !((has.accessModes ?? []) as string[]).includes(mode))
  if (modes.length > 0) return { en: `it does not allow ${modes.join(', ')}`, 'zh-CN': `它不支持 ${modes.join(', ')}` }
  if ((has.volumeMode ?? 'Filesystem') !== (wants.volumeMode ?? 'Filesystem')) return { en: `its volumeMode is ${has.volumeMode ?? 'Filesystem'}`, 'zh-CN': `它的 volumeMode 是 ${has.volumeMode ?? 'Filesystem'}` }
  if (wants.selector && !selects(wants.selector as LabelSelector, given.metadata.labels)) return { en: 'the selector of the claim does not take its labels', 'zh-CN': 'PVC 的 selector 与它的标签不匹配' }
  if ((has.storageClassName ?? '') !== (wants.storageClassName ?? '')) return { en: `its class is "${has.storageClassName ?? ''}", that of the claim "${wants.storageClassName ?? ''}"`, 'zh-CN': `它的 class 是 "${has.storageClassName ?? ''}"，而 PVC 的是 "${wants.storageClassName ?? ''}"` }
  return undefined
}

/** Volumes of a class, '' for those without one. */
function volumesOf(className: string, all: Inventory): readonly K8sObject[] {
  return all.once('volumes by class', () => {
    const found = new Map<string, K8sObject[]>()
    for (const given of all.list('PersistentVolume')) {
      const own = (given.spec?.storageClassName ?? '') as string
      found.set(own, [...(found.get(own) ?? []), given])
    }
    return found
  }).get(className) ?? []
}

function* checkVolumeName(claimed: K8sObject, all: Inventory): Generator<Report> {
  const at = ['spec', 'volumeName']
  const name = claimed.spec.volumeName as string
  const missing = all.missing('PersistentVolume', undefined, name)
  if (missing) yield { at, message: missing.clause, ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
  const given = all.named('PersistentVolume', name)[0]
  const reason = given && refusal(claimed, given)
  if (reason) yield { at, message: { en: `${called(given)} can't be bound: ${reason.en}.`, 'zh-CN': `无法绑定 ${called(given)}：${reason['zh-CN']}。` } }
}

export default defineRule({
  id: 'claim-can-be-bound',
  category: 'references',
  severity: 'error',
  title: { en: 'A PersistentVolumeClaim fits a volume or a class', 'zh-CN': 'PersistentVolumeClaim 能匹配到卷或 StorageClass' },
  why: { en: 'A claim is bound to a volume that is at least as large, allows all its access modes and is of the same class. When no volume fits and nothing makes new ones, the claim and every Pod that mounts it stay Pending.', 'zh-CN': 'PVC 只会绑定容量足够、支持其全部 accessModes、class 相同的卷。没有合适的卷，又没有 provisioner 创建新卷时，PVC 和挂载它的 Pod 都会一直 Pending。' },
  fix: { en: 'Ask for what a volume offers, or name a StorageClass whose provisioner makes volumes.', 'zh-CN': '让 PVC 的要求与现有卷相符，或者使用带 provisioner 的 StorageClass。' },
  links: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding'],
  kinds: ['PersistentVolumeClaim'],
  *check(claimed, all) {
    const spec = (claimed.spec ?? {}) as Fields
    if (spec.volumeName) {
      yield* checkVolumeName(claimed, all)
      return
    }
    const className = spec.storageClassName as string | undefined
    if (className === undefined || spec.dataSource || spec.dataSourceRef) return
    const at = ['spec', 'storageClassName']
    const storageClass = className === '' ? undefined : all.named('StorageClass', className)[0]
    if (storageClass && storageClass.provisioner !== 'kubernetes.io/no-provisioner') return
    const ofClass = volumesOf(className, all)
    const missing = className === '' || storageClass || ofClass.length > 0 ? undefined : all.missing('StorageClass', undefined, className)
    if (missing) yield { at, message: sentences({ en: `The claim wants class "${className}".`, 'zh-CN': `PVC 要求 class "${className}"。` }, missing.clause), ...(missing.near ? { change: setTo(at, missing.near.metadata.name) } : {}) }
    if (ofClass.length === 0) return
    const reasons = ofClass.slice(0, 4).map((given) => ({ given, reason: refusal(claimed, given) }))
    if (reasons.some(({ reason }) => !reason) || ofClass.slice(4).some((given) => !refusal(claimed, given))) return
    yield { at: ['spec'], message: { en: `No volume of class "${className}" fits: ${reasons.map(({ given, reason }) => `${called(given)}: ${reason!.en}`).join('; ')}.`, 'zh-CN': `class "${className}" 中没有合适的卷：${reasons.map(({ given, reason }) => `${called(given)}：${reason!['zh-CN']}`).join('；')}。` } }
  },
  examples: {
    good: [file(volume('disk', '10Gi'), claim('5Gi', 'ReadWriteOnce')), claim('5Gi', 'ReadWriteMany'), file(volume('disk', '10Gi'), claim('50Gi', 'ReadWriteOnce', ', storageClassName: ssd'))],
    bad: [
      { yaml: file(volume('disk', '10Gi'), claim('20Gi', 'ReadWriteOnce')), expect: ['spec'] },
      { yaml: file(volume('disk', '10Gi'), claim('5Gi', 'ReadWriteMany', ', storageClassName: manual, volumeName: disk')), expect: ['spec.volumeName'] },
      { yaml: file('apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: { name: fast-ssd }\nprovisioner: csi.example\n', claim('5Gi', 'ReadWriteOnce', ', storageClassName: fast-sdd')), expect: ['spec.storageClassName'] },
    ],
  },
})
