/** What the strategies of workloads warn about (pkg/registry/…/strategy.go: WarningsOnCreate, WarningsOnUpdate). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { dns1123Label } from '../../k8s/names.ts'
import { isSame } from '../metadata.ts'
import { fractionWarning, podWarnings } from './pod-warnings.ts'

/** Names may have dots, but pods and hosts are named after them. Not said again on updates. */
function nameWarning(object: K8sObject, old: K8sObject | undefined, used: string): string[] {
  const wrong = old ? [] : dns1123Label(object.metadata.name ?? '')
  return wrong.length === 0 ? [] : [`metadata.name: this is used in ${used}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`]
}

const usedInPods = 'Pod names and hostnames'

export function warningsForPod(pod: K8sObject, old?: K8sObject): string[] {
  return old ? [] : [...nameWarning(pod, old, "the Pod's hostname"), ...podWarnings(pod, '')]
}

export function warningsForPodTemplate(object: K8sObject): string[] {
  return podWarnings((object.template ?? {}) as Fields, 'template')
}

/** Deployment, ReplicaSet, ReplicationController: on an update only when the template changed. */
export function warningsForReplicas(object: K8sObject, old?: K8sObject): string[] {
  return [...nameWarning(object, old, usedInPods), ...templateWarnings(object, old)]
}

export function warningsForDaemonSet(object: K8sObject, old?: K8sObject): string[] {
  return templateWarnings(object, old)
}

function templateWarnings(object: K8sObject, old: K8sObject | undefined): string[] {
  const template = (object.spec?.template ?? {}) as Fields
  return old && isSame(template, old.spec?.template) ? [] : podWarnings(template, 'spec.template')
}

export function warningsForStatefulSet(object: K8sObject, old?: K8sObject): string[] {
  const warnings = templateWarnings(object, old)
  const claims = (object.spec?.volumeClaimTemplates ?? []) as Fields[]
  // The server leaves `spec` out of these paths.
  claims.forEach((claim, index) => {
    for (const list of ['requests', 'limits']) fractionWarning(claim.spec?.resources?.[list]?.storage as string | undefined, `spec.volumeClaimTemplates[${index}].resources.${list}[storage]`, warnings)
  })
  if (((object.spec?.revisionHistoryLimit ?? 0) as number) < 0) warnings.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended')
  return warnings
}

const manyIndexes = 'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'

function jobSpecWarnings(job: Fields, at: string): string[] {
  const isHuge = job.completionMode === 'Indexed' && ((job.completions ?? 0) as number) > 100_000 && ((job.parallelism ?? 0) as number) > 10_000
  return [...(isHuge ? [manyIndexes] : []), ...podWarnings((job.template ?? {}) as Fields, `${at}.template`)]
}

export function warningsForJob(object: K8sObject, old?: K8sObject): string[] {
  return old ? [] : [...nameWarning(object, old, usedInPods), ...jobSpecWarnings((object.spec ?? {}) as Fields, 'spec')]
}

export function warningsForCronJob(object: K8sObject, old?: K8sObject): string[] {
  const schedule = (object.spec?.schedule ?? '') as string
  const zone = schedule.includes('TZ') ? ['CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'] : []
  return [...nameWarning(object, old, usedInPods), ...jobSpecWarnings((object.spec?.jobTemplate?.spec ?? {}) as Fields, 'spec.jobTemplate.spec'), ...zone]
}
