/** Pod Security Admission: what a namespace's labels refuse and warn about (pod-security-admission/admission/admission.go). The controls are in k8s/pod-security.ts. */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { podSecurityViolations, securityPolicyOf, type SecurityLevel } from '../../k8s/pod-security.ts'
import type { Cluster } from '../types.ts'

/** Every violation of a pod spec at a level: the details joined as the API server joins them; undefined when there is none. `minor` is the version of the policy. */
export function podSecurityViolation(spec: Fields, level: SecurityLevel, annotations: Record<string, string> = {}, minor?: number): { reasons: string; details: string } | undefined {
  const found = podSecurityViolations(spec, level, annotations, minor)
  return found.length === 0 ? undefined : { reasons: found.map((item) => item.reason).join(', '), details: found.map((item) => `${item.reason} (${item.detail})`).join(', ') }
}

/** Refusal text for a pod, without the `is forbidden:` prefix, and warnings for pods and workloads (admission.go:EvaluatePod, ValidatePodController). */
export function podSecurity(object: K8sObject, cluster: Cluster): { refusal?: string; warnings: string[] } {
  const namespace = cluster.view.get('Namespace', '', object.metadata.namespace ?? '')
  const template = object.kind === 'Pod' ? object : object.kind === 'CronJob' ? object.spec?.jobTemplate?.spec?.template : object.spec?.template
  if (!template?.spec) return { warnings: [] }
  const annotations = template.metadata?.annotations ?? {}
  const enforce = securityPolicyOf(namespace?.metadata.labels, 'enforce')
  const refused = object.kind === 'Pod' ? podSecurityViolation(template.spec, enforce.level, annotations, enforce.minor) : undefined
  if (refused) return { refusal: `violates PodSecurity "${enforce.text}": ${refused.details}`, warnings: [] }
  const warn = securityPolicyOf(namespace?.metadata.labels, 'warn')
  const warned = podSecurityViolation(template.spec, warn.level, annotations, warn.minor)
  return { warnings: warned ? [`would violate PodSecurity "${warn.text}": ${warned.details}`] : [] }
}

/** An update of a pod is judged again when a container has another image (admission.go:isSignificantPodUpdate). */
export function isSignificant(pod: K8sObject, old: K8sObject): boolean {
  const images = ({ spec }: K8sObject): string => JSON.stringify([spec?.containers, spec?.initContainers].map((list) => ((list ?? []) as Fields[]).map((container) => container.image)))
  return images(pod) !== images(old)
}

const levels: readonly SecurityLevel[] = ['privileged', 'baseline', 'restricted']

/** Labels of a namespace that name no level or version (pod-security-admission/api/helpers.go:PolicyToEvaluate). */
export function policyErrors(namespace: K8sObject): { path: string; message: string }[] {
  return (['enforce', 'audit', 'warn'] as const).flatMap((mode) => ['', '-version'].flatMap((suffix) => {
    const label = `pod-security.kubernetes.io/${mode}${suffix}`
    const value = namespace.metadata.labels?.[label]
    const isKnown = value === undefined || (suffix === '' ? (levels as readonly string[]).includes(value) : value === 'latest' || /^v1\.(0|[1-9]\d*)$/.test(value))
    return isKnown ? [] : [{ path: `metadata.labels[${label}]`, message: `Invalid value: "${value}": ${suffix === '' ? `must be one of ${levels.join(', ')}` : 'must be "latest" or "v1.x"'}` }]
  }))
}

/** What labelling a namespace warns about its running pods (admission.go:EvaluatePodsInNamespace): most frequent violation groups, oldest pod named. */
export function namespaceWarnings(namespace: K8sObject, old: K8sObject | undefined, cluster: Cluster): string[] {
  const enforce = securityPolicyOf(namespace.metadata.labels, 'enforce')
  const before = securityPolicyOf(old?.metadata.labels, 'enforce')
  // The same policy, or a laxer one of the same version, finds nothing new.
  const isLaxer = before.minor === enforce.minor && levels.indexOf(enforce.level) <= levels.indexOf(before.level)
  if (enforce.level === 'privileged' || isLaxer) return []
  const groups = new Map<string, string[]>()
  for (const pod of cluster.view.list('Pod', namespace.metadata.name)) {
    const found = podSecurityViolation(pod.spec, enforce.level, pod.metadata.annotations, enforce.minor)
    if (found) groups.set(found.reasons, [...(groups.get(found.reasons) ?? []), pod.metadata.name])
  }
  if (groups.size === 0) return []
  const lines = [...groups].map(([reasons, pods]) => `${pods[0]}${pods.length === 2 ? ' (and 1 other pod)' : pods.length > 2 ? ` (and ${pods.length - 1} other pods)` : ''}: ${reasons}`)
  return [`existing pods in namespace "${namespace.metadata.name}" violate the new PodSecurity enforce level "${enforce.text}"`, ...lines]
}
