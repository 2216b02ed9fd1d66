/** What a strategy does to a pod before it is judged (pkg/registry/core/pod/strategy.go, pkg/api/pod/util.go: DropDisabledPodFields). Nothing given is written to. */
import type { Fields, K8sObject } from '../../k8s/object.ts'

/** Status is not the client's to send. */
export function withoutStatus(object: K8sObject): K8sObject {
  if (object.status === undefined) return object
  const { status: _sent, ...rest } = object
  return rest as K8sObject
}

/** An update keeps the status it found. */
export function withStoredStatus(object: K8sObject, old: K8sObject): K8sObject {
  return old.status === undefined ? withoutStatus(object) : { ...object, status: old.status as Fields }
}

/** A Pod on its way in: without what is switched off, with its matchLabelKeys merged into the selectors they belong to; a negative grace period counts as one second. */
export function preparePod(pod: K8sObject): K8sObject {
  return { ...withoutStatus(pod), spec: withMergedLabelKeys(withServedFields((pod.spec ?? {}) as Fields), pod.metadata.labels ?? {}) }
}

/** A Pod that replaces a stored one: its label keys were merged when it was made. */
export function preparePodUpdate(pod: K8sObject, old: K8sObject): K8sObject {
  return withStoredStatus({ ...pod, spec: withServedFields((pod.spec ?? {}) as Fields) }, old)
}

function withServedFields(sent: Fields): Fields {
  const spec = withoutDisabledFields(sent)
  return (spec.terminationGracePeriodSeconds as number) < 0 ? { ...spec, terminationGracePeriodSeconds: 1 } : spec
}

/** The template of a workload without what is switched off; a template is kept as written otherwise. */
export function withPreparedTemplate(object: K8sObject): K8sObject {
  const spec = object.spec as Fields | undefined
  const template = spec?.template as Fields | undefined
  if (!template?.spec) return withoutStatus(object)
  const prepared = withoutDisabledFields(template.spec as Fields)
  return prepared === template.spec ? withoutStatus(object) : { ...withoutStatus(object), spec: { ...spec, template: { ...template, spec: prepared } } }
}

/** A PodTemplate object, whose template is at its root. */
export function preparePodTemplate(object: K8sObject): K8sObject {
  const template = object.template as Fields | undefined
  return template?.spec ? { ...object, template: { ...template, spec: withoutDisabledFields(template.spec as Fields) } } : object
}

/** The same for an update of a workload. No stored template has such a field: what was made here lost it then. */
export function withPreparedTemplateUpdate(object: K8sObject, old: K8sObject): K8sObject {
  return withStoredStatus(withPreparedTemplate(object), old)
}

/** Fields of features that are off by default in 1.36 vanish silently: GenericWorkload, ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest. */
export function withoutDisabledFields(spec: Fields): Fields {
  const result = { ...spec }
  let isChanged = false
  for (const field of ['workloadRef', 'schedulingGroup']) {
    if (result[field] === undefined) continue
    delete result[field]
    isChanged = true
  }
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    const containers = (spec[list] ?? []) as Fields[]
    if (!containers.some((container) => container.lifecycle?.stopSignal !== undefined)) continue
    result[list] = containers.map(withoutStopSignal)
    isChanged = true
  }
  const volumes = (spec.volumes ?? []) as Fields[]
  if (volumes.some((volume) => volume.projected?.sources?.some(isDisabledSource))) {
    result.volumes = volumes.map(withoutDisabledSources)
    isChanged = true
  }
  return isChanged ? result : spec
}

function withoutStopSignal(container: Fields): Fields {
  if (container.lifecycle?.stopSignal === undefined) return container
  const { stopSignal: _dropped, ...lifecycle } = container.lifecycle as Fields
  const { lifecycle: _old, ...rest } = container
  return Object.keys(lifecycle).length === 0 ? rest : { ...rest, lifecycle }
}

function isDisabledSource(source: Fields): boolean {
  return source.clusterTrustBundle !== undefined || source.podCertificate !== undefined
}

function withoutDisabledSources(volume: Fields): Fields {
  if (!volume.projected?.sources?.some(isDisabledSource)) return volume
  const sources = (volume.projected.sources as Fields[]).map(({ clusterTrustBundle: _bundle, podCertificate: _certificate, ...source }) => source)
  return { ...volume, projected: { ...(volume.projected as Fields), sources } }
}

type Labels = Readonly<Record<string, string>>

/** mutatePodAffinity and mutateTopologySpreadConstraints: the pod's own value of each key becomes a requirement. */
function withMergedLabelKeys(spec: Fields, labels: Labels): Fields {
  const result = { ...spec }
  const constraints = spec.topologySpreadConstraints as Fields[] | undefined
  if (constraints?.some(hasLabelKeys)) result.topologySpreadConstraints = constraints.map((constraint) => withKeysSelected(constraint, labels))
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const affinity = spec.affinity?.[kind] as Fields | undefined
    if (!affinity) continue
    const merged: Fields = { ...affinity }
    const required = affinity.requiredDuringSchedulingIgnoredDuringExecution as Fields[] | undefined
    if (required) merged.requiredDuringSchedulingIgnoredDuringExecution = required.map((term) => withKeysSelected(term, labels))
    const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution as Fields[] | undefined
    if (preferred) merged.preferredDuringSchedulingIgnoredDuringExecution = preferred.map((weighted) => (weighted.podAffinityTerm ? { ...weighted, podAffinityTerm: withKeysSelected(weighted.podAffinityTerm as Fields, labels) } : weighted))
    result.affinity = { ...(result.affinity as Fields), [kind]: merged }
  }
  return result
}

function hasLabelKeys(term: Fields): boolean {
  return (((term.matchLabelKeys ?? []) as string[]).length > 0 || ((term.mismatchLabelKeys ?? []) as string[]).length > 0) && term.labelSelector !== undefined
}

function withKeysSelected(term: Fields, labels: Labels): Fields {
  if (!hasLabelKeys(term)) return term
  const requirement = (operator: string) => (key: string) => (Object.hasOwn(labels, key) ? [{ key, operator, values: [labels[key]] }] : [])
  const added = [...((term.matchLabelKeys ?? []) as string[]).flatMap(requirement('In')), ...((term.mismatchLabelKeys ?? []) as string[]).flatMap(requirement('NotIn'))]
  const selector = term.labelSelector as Fields
  return added.length === 0 ? term : { ...term, labelSelector: { ...selector, matchExpressions: [...((selector.matchExpressions ?? []) as Fields[]), ...added] } }
}
