/** Describers of volumes and classes, and of kinds without one of their own (describe.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { Console } from '../console.ts'
import { claimName, foreignClaim } from '../../claims.ts'
import { quantity, storageClassOf } from '../print/columns-cluster.ts'
import { accessModes, formatLabels, goList } from '../print/labels.ts'
import { ageOf, rfc1123 } from '../print/time.ts'
import { describeSource } from './volumes.ts'
import { begin, end } from './workload.ts'
import type { Page } from './writer.ts'

function phase(console: Console, object: K8sObject): string {
  return object.metadata.deletionTimestamp ? `Terminating (lasts ${ageOf(object.metadata.deletionTimestamp, console.nowMs)})` : (object.status?.phase ?? '')
}

export function describeClaim(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  page.line(0, `StorageClass:\t${storageClassOf(object)}`)
  page.line(0, `Status:\t${phase(console, object)}`)
  page.line(0, `Volume:\t${spec.volumeName ?? ''}`)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `Finalizers:\t${goList(object.metadata.finalizers)}`)
  page.line(0, `Capacity:\t${spec.volumeName ? quantity(status.capacity?.storage) : ''}`)
  page.line(0, `Access Modes:\t${spec.volumeName ? accessModes(status.accessModes) : ''}`)
  if (spec.volumeMode) page.line(0, `VolumeMode:\t${spec.volumeMode}`)
  if (spec.dataSource) {
    page.line(0, 'DataSource:')
    if (spec.dataSource.apiGroup) page.line(1, `APIGroup:\t${spec.dataSource.apiGroup}`)
    page.line(1, `Kind:\t${spec.dataSource.kind}`)
    page.line(1, `Name:\t${spec.dataSource.name}`)
  }
  const users = usersOf(object, console.view).map((pod) => `${pod.metadata.name}\n`)
  page.raw(`Used By:\t${users.length === 0 ? '<none>\n' : users.join('\t')}`)
  const conditions = (status.conditions ?? []) as Fields[]
  if (conditions.length > 0) {
    page.line(0, 'Conditions:')
    page.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage')
    page.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
    for (const condition of conditions) page.line(1, `${condition.type} \t${condition.status} \t${rfc1123(condition.lastProbeTime)} \t${rfc1123(condition.lastTransitionTime)} \t${condition.reason ?? ''} \t${condition.message ?? ''}`)
  }
  return end(page, console, object, showEvents)
}

/** The pods that name the claim, and the pod that owns it for an ephemeral volume (getPodsForPVC). */
function usersOf(claim: K8sObject, view: Console['view']): K8sObject[] {
  return view.list('Pod', claim.metadata.namespace ?? '').filter((pod) => ((pod.spec?.volumes ?? []) as Fields[]).some((volume) => claimName(pod, volume) === claim.metadata.name && (!volume.ephemeral || foreignClaim(pod, claim) === undefined)))
}

export function describeVolume(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object, false)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `Finalizers:\t${goList(object.metadata.finalizers)}`)
  page.line(0, `StorageClass:\t${storageClassOf(object)}`)
  page.line(0, `Status:\t${phase(console, object)}`)
  page.line(0, `Claim:\t${spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : ''}`)
  page.line(0, `Reclaim Policy:\t${spec.persistentVolumeReclaimPolicy ?? ''}`)
  page.line(0, `Access Modes:\t${accessModes(spec.accessModes)}`)
  if (spec.volumeMode) page.line(0, `VolumeMode:\t${spec.volumeMode}`)
  page.line(0, `Capacity:\t${quantity(spec.capacity?.storage)}`)
  nodeAffinity(page, spec.nodeAffinity?.required)
  page.line(0, `Message:\t${status.message ?? ''}`)
  page.line(0, 'Source:')
  describeSource(page, spec)
  return end(page, console, object, showEvents)
}

function nodeAffinity(page: Page, required: Fields | undefined): void {
  page.line(0, `Node Affinity:\t${required ? '' : '<none>'}`)
  if (!required) return
  const terms = (required.nodeSelectorTerms ?? []) as Fields[]
  page.line(1, `Required Terms:\t${terms.length === 0 ? '<none>' : ''}`)
  for (const [i, term] of terms.entries()) {
    const texts = ((term.matchExpressions ?? []) as Fields[]).map((item) => `${item.key} ${String(item.operator).toLowerCase()}${(item.values ?? []).length > 0 ? ` [${item.values.join(', ')}]` : ''}\n`)
    page.raw(`    Term ${i}:\t${texts.length === 0 ? '<none>\n' : texts.join('    \t')}`)
  }
}

export function describeStorageClass(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object, false)
  page.line(0, `IsDefaultClass:\t${object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ? 'Yes' : 'No'}`)
  page.line(0, `Annotations:\t${formatLabels(object.metadata.annotations)}`)
  page.line(0, `Provisioner:\t${object.provisioner}`)
  page.line(0, `Parameters:\t${formatLabels(object.parameters)}`)
  page.line(0, `AllowVolumeExpansion:\t${object.allowVolumeExpansion === undefined ? '<unset>' : object.allowVolumeExpansion ? 'True' : 'False'}`)
  const options = (object.mountOptions ?? []) as string[]
  page.line(0, options.length === 0 ? 'MountOptions:\t<none>' : 'MountOptions:')
  for (const option of options) page.line(1, option)
  if (object.reclaimPolicy) page.line(0, `ReclaimPolicy:\t${object.reclaimPolicy}`)
  if (object.volumeBindingMode) page.line(0, `VolumeBindingMode:\t${object.volumeBindingMode}`)
  if (object.allowedTopologies) {
    page.line(0, `AllowedTopologies:\t${object.allowedTopologies.length === 0 ? '<none>' : ''}`)
    for (const [i, term] of (object.allowedTopologies as Fields[]).entries()) {
      const texts = ((term.matchLabelExpressions ?? []) as Fields[]).map((item) => `${item.key} in${(item.values ?? []).length > 0 ? ` [${item.values.join(', ')}]` : ''}\n`)
      page.raw(`  Term ${i}:\t${texts.length === 0 ? '<none>\n' : texts.join('  \t')}`)
    }
  }
  return end(page, console, object, showEvents)
}

export function describePriorityClass(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object, false)
  page.line(0, `Value:\t${object.value}`)
  page.line(0, `GlobalDefault:\t${object.globalDefault ?? false}`)
  page.line(0, `PreemptionPolicy:\t${object.preemptionPolicy ?? 'PreemptLowerPriority'}`)
  page.line(0, `Description:\t${object.description ?? ''}`)
  page.line(0, `Annotations:\t${formatLabels(object.metadata.annotations)}`)
  return end(page, console, object, showEvents)
}

/** Any other kind: its fields in order, names in words (genericDescriber, printUnstructuredContent). */
export function describeOther(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  const { name: _name, namespace: _namespace, labels: _labels, annotations: _annotations, ...metadata } = object.metadata
  const { metadata: _metadata, ...rest } = object
  content(page, 0, { ...rest, metadata }, [])
  return end(page, console, object, showEvents)
}

const skipped = ['.metadata.managedFields', '.metadata.name', '.metadata.namespace', '.metadata.labels', '.metadata.annotations']

function content(page: Page, level: number, value: Fields, path: readonly string[]): void {
  for (const field of Object.keys(value).filter((key) => value[key] !== undefined).sort()) {
    const item = value[field]
    const title = smartLabel(field)
    if (skipped.includes(`.${[...path, field].join('.')}`)) continue
    if (Array.isArray(item)) {
      page.line(level, `${title}:`)
      for (const child of item) {
        if (typeof child === 'object' && child !== null) content(page, level + 1, child as Fields, [...path, field])
        else page.line(level + 1, String(child))
      }
    } else if (typeof item === 'object' && item !== null) {
      page.line(level, `${title}:`)
      content(page, level + 1, item as Fields, [...path, field])
    } else page.line(level, `${title}:\t${item === null ? '<nil>' : item}`)
  }
}

/** `apiVersion` → `API Version`, `podIP` → `Pod IP` (smartLabelFor; words in capitals stay with the one that follows). */
function smartLabel(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field
  const parts = field.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2').replaceAll(/(-)/g, ' $1 ').split(/ +/).filter((part) => part !== '')
  const merged: string[] = []
  for (let i = 0; i < parts.length; i++) {
    const [part, next] = [parts[i]!, parts[i + 1]]
    const joins = next !== undefined && part.length >= 2 && part === part.toUpperCase() && /^[A-Z]/.test(next)
    merged.push(joins ? part + next : part)
    if (joins) i++
  }
  return merged.map((word) => (['api', 'url', 'uid', 'guid'].includes(word.toLowerCase()) ? word.toUpperCase() : word === word.toLowerCase() ? word[0]!.toUpperCase() + word.slice(1) : word)).join(' ')
}
