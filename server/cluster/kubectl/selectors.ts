/** Label and field selectors as typed on the command line (apimachinery/pkg/labels, pkg/fields). */
import type { K8sObject } from '../../k8s/object.ts'
import type { LabelSelector } from '../selection.ts'
import { holds } from '../selection.ts'
import { resourceOf } from '../resources.ts'
import { Refusal } from './console.ts'

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

/** Reads `a=b,c!=d,e in (x,y),f,!g`. Throws what the server answers to one it cannot read. */
export function readLabelSelector(text: string): (labels: Readonly<Record<string, string>> | undefined) => boolean {
  const requirements = splitOutside(text).map((part): Requirement => {
    const term = part.trim()
    const set = /^([\w./-]+)\s+(in|notin)\s+\(([^()]*)\)$/.exec(term)
    if (set) return { key: set[1]!, operator: set[2] === 'in' ? 'In' : 'NotIn', values: set[3]!.split(',').map((value) => value.trim()) }
    const compared = /^([\w./-]+)\s*(==|=|!=|<|>)\s*([\w.-]*)$/.exec(term)
    if (compared) return { key: compared[1]!, operator: compared[2] === '!=' ? 'NotIn' : compared[2] === '<' ? 'Lt' : compared[2] === '>' ? 'Gt' : 'In', values: [compared[3]!] }
    if (/^[\w./-]+$/.test(term)) return { key: term, operator: 'Exists' }
    if (/^!\s*[\w./-]+$/.test(term)) return { key: term.slice(1).trim(), operator: 'DoesNotExist' }
    throw new Refusal(`Error from server (BadRequest): unable to parse requirement: ${problemOf(term)}`)
  })
  return (labels) => requirements.every((requirement) => holds(requirement, labels ?? {}))
}

function problemOf(term: string): string {
  const found = /^!?\s*[\w./-]*\s*(\S+)/.exec(term)?.[1]
  return term === '' ? "found '', expected: !, identifier, or 'end of string'" : `found '${found ?? term}', expected: in, notin, =, ==, !=, gt, lt`
}

/** Splits at commas that stand outside parentheses. */
function splitOutside(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')') depth--
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, text.slice(start)]
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
export function readFieldSelector(text: string, kind: string): (object: K8sObject) => boolean {
  const terms = text.split(',').filter((term) => term !== '').map((term) => {
    const match = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(term)
    if (!match) throw new Refusal(`Error from server (BadRequest): invalid selector: '${text}'; can't understand '${term}'`)
    const path = match[1]!.trim()
    if (!['metadata.name', 'metadata.namespace', ...(selectable[kind] ?? [])].includes(path)) {
      const { group, version, plural } = resourceOf(kind)
      const why = selectable[kind] ? `field label not supported: ${path}` : `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`
      throw new Refusal(`Error from server (BadRequest): Unable to find "${group}/${version}, Resource=${plural}" that match label selector "", field selector "${text}": ${why}`)
    }
    return { path, equal: match[2] !== '!=', value: match[3]! }
  })
  return (object) => terms.every(({ path, equal, value }) => (fieldOf(object, path) === value) === equal)
}

