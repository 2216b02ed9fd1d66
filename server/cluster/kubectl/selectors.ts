/** Label and field selectors as typed on the command line (apimachinery/pkg/labels, pkg/fields). */
import type { K8sObject } from '../../k8s/object.ts'
import { holds } from '../selection.ts'
import { resourceOf } from '../resources.ts'
import { Refusal } from './console.ts'
import { parseLabelSelector, SelectorError } from './label-selector.ts'

/** Matches what a label selector selects. Throws what the server answers to one it cannot read; `field` is the field selector beside it. */
export function readLabelSelector(text: string, kind: string, field = ''): (labels: Readonly<Record<string, string>> | undefined) => boolean {
  try {
    const requirements = parseLabelSelector(text)
    return (labels) => requirements.every((requirement) => holds(requirement, labels ?? {}))
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    throw new Refusal(unfindable(kind, text, field, error.message))
  }
}

/** cli-runtime/pkg/resource/selector.go:Visit puts what was asked for before the server's answer. */
function unfindable(kind: string, labels: string, fields: string, why: string): string {
  const { group, version, plural } = resourceOf(kind)
  return `Error from server (BadRequest): Unable to find "${group}/${version}, Resource=${plural}" that match label selector ${JSON.stringify(labels)}, field selector ${JSON.stringify(fields)}: ${why}`
}

/** Fields that may be selected besides name and namespace (pkg/apis/core/v1/conversion.go and its kin). */
const selectable: Record<string, readonly string[]> = {
  Pod: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork', 'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'],
  Event: ['involvedObject.kind', 'involvedObject.namespace', 'involvedObject.name', 'involvedObject.uid', 'involvedObject.apiVersion', 'involvedObject.resourceVersion', 'involvedObject.fieldPath', 'reason', 'reportingComponent', 'source', 'type'],
  Secret: ['type'], Namespace: ['status.phase'], Node: ['spec.unschedulable'], Job: ['status.successful'], ReplicaSet: ['status.replicas'], ReplicationController: ['status.replicas'], Service: ['spec.clusterIP', 'spec.type'],
}

function fieldOf(object: K8sObject, path: string): string {
  if (object.kind === 'Event' && path === 'source') return object.source?.component ?? object.reportingComponent ?? ''
  if (path === 'status.podIPs') return object.status?.podIP ?? ''
  if (path === 'status.successful') return String(object.status?.succeeded ?? 0)
  let value: unknown = object
  for (const name of path.split('.')) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  if (value === undefined || value === null) return path === 'spec.unschedulable' || path === 'spec.hostNetwork' ? 'false' : path === 'status.replicas' ? '0' : ''
  return String(value)
}

/** Reads `status.phase!=Running,spec.nodeName=n1` for a kind. Throws what the server answers to a field that cannot be selected. */
export function readFieldSelector(text: string, kind: string, labels = ''): (object: K8sObject) => boolean {
  const terms = text.split(',').filter((term) => term !== '').map((term) => {
    const match = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(term)
    if (!match) throw new Refusal(`Error from server (BadRequest): invalid selector: '${text}'; can't understand '${term}'`)
    const path = match[1]!.trim()
    if (!['metadata.name', 'metadata.namespace', ...(selectable[kind] ?? [])].includes(path)) {
      const why = selectable[kind] ? `field label not supported: ${path}` : `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`
      throw new Refusal(unfindable(kind, labels, text, why))
    }
    return { path, equal: match[2] !== '!=', value: match[3]! }
  })
  return (object) => terms.every(({ path, equal, value }) => (fieldOf(object, path) === value) === equal)
}

