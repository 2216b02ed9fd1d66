/** Tables of pods and of what keeps them running (pkg/printers/internalversion/printers.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { controllerOf } from '../../pods.ts'
import type { Column, Columns } from './column.ts'
import { age, column, name, wideColumn } from './column.ts'
import { formatLabels, formatSelector, selectorText } from './labels.ts'
import { podCells } from './pod-status.ts'

function containersOf(object: K8sObject): Fields[] {
  return (object.spec?.template ?? object.template)?.spec?.containers ?? []
}

export const containers = (read: (object: K8sObject) => Fields[] = containersOf): Column => wideColumn('Containers', (object) => read(object).map((container) => container.name).join(','))
export const images = (read: (object: K8sObject) => Fields[] = containersOf): Column => wideColumn('Images', (object) => read(object).map((container) => container.image).join(','))
const selector = wideColumn('Selector', (object) => formatSelector(object.spec?.selector))

function readinessGates(pod: K8sObject): string {
  const gates = (pod.spec?.readinessGates ?? []) as Fields[]
  const isTrue = (type: string): boolean => ((pod.status?.conditions ?? []) as Fields[]).find((condition) => condition.type === type)?.status === 'True'
  return gates.length === 0 ? '<none>' : `${gates.filter((gate) => isTrue(gate.conditionType)).length}/${gates.length}`
}

export const workloadColumns: Columns = {
  Pod: [
    name,
    column('Ready', (pod, nowMs) => podCells(pod, nowMs).ready),
    column('Status', (pod, nowMs) => podCells(pod, nowMs).status),
    column('Restarts', (pod, nowMs) => podCells(pod, nowMs).restarts),
    age,
    wideColumn('IP', (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '<none>'),
    wideColumn('Node', (pod) => pod.spec?.nodeName || '<none>'),
    wideColumn('Nominated Node', (pod) => pod.status?.nominatedNodeName || '<none>'),
    wideColumn('Readiness Gates', readinessGates),
  ],
  PodTemplate: [name, { ...containers(), wide: false }, { ...images(), wide: false }, column('Pod Labels', (object) => formatLabels(object.template?.metadata?.labels))],
  Deployment: [
    name,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    column('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    column('Available', ({ status }) => status?.availableReplicas ?? 0),
    age, containers(), images(), wideColumn('Selector', (object) => selectorText(object.spec?.selector)),
  ],
  ReplicaSet: [
    name,
    column('Desired', ({ spec }) => spec?.replicas ?? 0),
    column('Current', ({ status }) => status?.replicas ?? 0),
    column('Ready', ({ status }) => status?.readyReplicas ?? 0),
    age, containers(), images(), selector,
  ],
  ReplicationController: [
    name,
    column('Desired', ({ spec }) => spec?.replicas ?? 0),
    column('Current', ({ status }) => status?.replicas ?? 0),
    column('Ready', ({ status }) => status?.readyReplicas ?? 0),
    age, containers(), images(), wideColumn('Selector', (object) => formatLabels(object.spec?.selector)),
  ],
  StatefulSet: [name, column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`), age, containers(), images()],
  DaemonSet: [
    name,
    column('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0),
    column('Current', ({ status }) => status?.currentNumberScheduled ?? 0),
    column('Ready', ({ status }) => status?.numberReady ?? 0),
    column('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0),
    column('Available', ({ status }) => status?.numberAvailable ?? 0),
    column('Node Selector', ({ spec }) => formatLabels(spec?.template?.spec?.nodeSelector)),
    age, containers(), images(), selector,
  ],
  ControllerRevision: [name, column('Controller', (object) => {
    const owner = controllerOf(object)
    return owner ? `${owner.kind.toLowerCase()}${owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''}/${owner.name}` : '<none>'
  }), column('Revision', (object) => object.revision), age],
}
