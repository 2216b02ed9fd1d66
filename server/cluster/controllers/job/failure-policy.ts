/** Which rule of podFailurePolicy a failed pod falls under (pkg/controller/job/pod_failure_policy.go:matchPodFailurePolicy). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { Condition } from '../../pods.ts'

/** The rule of the failure policy a failed pod falls under, with the text a FailJob rule gives. */
export function action(job: K8sObject, pod: K8sObject): { action: string; message: string } | undefined {
  const rules = (job.spec.podFailurePolicy?.rules ?? []) as Fields[]
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`
  for (const [index, rule] of rules.entries()) {
    if (rule.onExitCodes) {
      const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])] as Fields[]
      const hit = statuses.find((status) => {
        const code = status.state?.terminated?.exitCode as number | undefined
        if (code === undefined || code === 0 || (rule.onExitCodes.containerName && rule.onExitCodes.containerName !== status.name)) return false
        return rule.onExitCodes.values.includes(code) === (rule.onExitCodes.operator === 'In')
      })
      if (hit) return { action: rule.action, message: `Container ${hit.name} for pod ${name} failed with exit code ${hit.state.terminated.exitCode} matching ${rule.action} rule at index ${index}` }
    }
    for (const condition of (pod.status?.conditions ?? []) as Condition[]) {
      if (((rule.onPodConditions ?? []) as Fields[]).some((pattern) => condition.type === pattern.type && condition.status === (pattern.status ?? 'True'))) return { action: rule.action, message: `Pod ${name} has condition ${condition.type} matching ${rule.action} rule at index ${index}` }
    }
  }
  return undefined
}
