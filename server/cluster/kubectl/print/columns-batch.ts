/** Tables of jobs, autoscalers and budgets (pkg/printers/internalversion/printers.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { Columns } from './column.ts'
import { age, column, name, wideColumn } from './column.ts'
import { containers, images } from './columns-workload.ts'
import { formatSelector } from './labels.ts'
import { ageOf, humanDuration } from './time.ts'

function jobStatus(job: K8sObject): string {
  const has = (type: string): boolean => ((job.status?.conditions ?? []) as Fields[]).some((condition) => condition.type === type && condition.status === 'True')
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp) return 'Terminating'
  if (has('Suspended')) return 'Suspended'
  if (has('FailureTarget')) return 'FailureTarget'
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function completions({ spec, status }: K8sObject): string {
  const succeeded = status?.succeeded ?? 0
  if (spec?.completions !== undefined && spec.completions !== null) return `${succeeded}/${spec.completions}`
  return (spec?.parallelism ?? 0) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`
}

function jobDuration({ status }: K8sObject, nowMs: number): string {
  if (!status?.startTime) return ''
  return humanDuration((status.completionTime ? Date.parse(status.completionTime) : nowMs) - Date.parse(status.startTime))
}

/** One metric as `cpu: 45%/80%`; what is not known yet is `<unknown>` (formatHPAMetrics). */
function metricText(spec: Fields, status: Fields | undefined): string {
  const field = `${spec.type?.[0]?.toLowerCase()}${spec.type?.slice(1)}`
  const target = spec[field]?.target ?? {}
  const current = status?.[field]?.current
  if (spec.type === 'Resource' || spec.type === 'ContainerResource') {
    const name = spec[field]?.name
    if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? '<unknown>'}/${target.averageValue}`
    const used = current?.averageUtilization
    return `${name}: ${used === undefined || used === null ? '<unknown>' : `${used}%`}/${target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`
  }
  if (spec.type === 'Pods') return `${current?.averageValue ?? '<unknown>'}/${target.averageValue}`
  if (spec.type === 'External' || spec.type === 'Object') return target.averageValue !== undefined ? `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)` : `${current?.value ?? '<unknown>'}/${target.value}`
  return '<unknown type>'
}

function targets({ spec, status }: K8sObject): string {
  const metrics = (spec?.metrics ?? []) as Fields[]
  if (metrics.length === 0) return '<none>'
  const texts = metrics.map((metric, i) => metricText(metric, status?.currentMetrics?.[i]))
  return texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ')
}

const jobContainers = (object: K8sObject): Fields[] => object.spec?.jobTemplate?.spec?.template?.spec?.containers ?? []

export const batchColumns: Columns = {
  Job: [
    name, column('Status', jobStatus), column('Completions', completions), column('Duration', jobDuration), age,
    containers(), images(), wideColumn('Selector', (job) => formatSelector(job.spec?.selector)),
  ],
  CronJob: [
    name,
    column('Schedule', ({ spec }) => spec?.schedule),
    column('Timezone', ({ spec }) => spec?.timeZone ?? '<none>'),
    column('Suspend', ({ spec }) => (spec?.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False')),
    column('Active', ({ status }) => (status?.active ?? []).length),
    column('Last Schedule', ({ status }, nowMs) => (status?.lastScheduleTime ? ageOf(status.lastScheduleTime, nowMs) : '<none>')),
    age, containers(jobContainers), images(jobContainers), wideColumn('Selector', (object) => formatSelector(object.spec?.jobTemplate?.spec?.selector)),
  ],
  HorizontalPodAutoscaler: [
    name,
    column('Reference', ({ spec }) => `${spec?.scaleTargetRef?.kind}/${spec?.scaleTargetRef?.name}`),
    column('Targets', targets),
    column('MinPods', ({ spec }) => spec?.minReplicas ?? '<unset>'),
    column('MaxPods', ({ spec }) => spec?.maxReplicas ?? 0),
    column('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    age,
  ],
  PodDisruptionBudget: [
    name,
    column('Min Available', ({ spec }) => spec?.minAvailable ?? 'N/A'),
    column('Max Unavailable', ({ spec }) => spec?.maxUnavailable ?? 'N/A'),
    column('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
    age,
  ],
}
