/** API versions that were removed or are deprecated, and what to use instead (kubernetes.io/docs/reference/using-api/deprecation-guide and the `prerelease-lifecycle-gen` marks of k8s.io/api). */
import type { Minor } from './kinds.ts'

/** `deprecated` and `removed` are the minor versions where that happened; `replacement` is the apiVersion to use, absent when there is none. */
export type ApiLife = { apiVersion: string; kind: string; introduced?: string; deprecated?: string; removed?: string; replacement?: string; replacementKind?: string }

const rows = `
extensions/v1beta1 Deployment,DaemonSet,ReplicaSet 1.8 1.16 apps/v1
extensions/v1beta1 NetworkPolicy 1.9 1.16 networking.k8s.io/v1
extensions/v1beta1 PodSecurityPolicy 1.11 1.16 -
extensions/v1beta1 Ingress 1.14 1.22 networking.k8s.io/v1
apps/v1beta1 Deployment,StatefulSet,ControllerRevision 1.8 1.16 apps/v1
apps/v1beta2 Deployment,StatefulSet,DaemonSet,ReplicaSet,ControllerRevision 1.9 1.16 apps/v1
networking.k8s.io/v1beta1 Ingress,IngressClass 1.19 1.22 networking.k8s.io/v1
rbac.authorization.k8s.io/v1beta1 Role,ClusterRole,RoleBinding,ClusterRoleBinding 1.17 1.22 rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1alpha1 Role,ClusterRole,RoleBinding,ClusterRoleBinding 1.17 1.23 rbac.authorization.k8s.io/v1
apiextensions.k8s.io/v1beta1 CustomResourceDefinition 1.16 1.22 apiextensions.k8s.io/v1
apiregistration.k8s.io/v1beta1 APIService 1.19 1.22 apiregistration.k8s.io/v1
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration,ValidatingWebhookConfiguration 1.16 1.22 admissionregistration.k8s.io/v1
admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding 1.29 1.32 admissionregistration.k8s.io/v1
admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding 1.31 1.34 admissionregistration.k8s.io/v1
authentication.k8s.io/v1beta1 TokenReview 1.19 1.22 authentication.k8s.io/v1
authentication.k8s.io/v1beta1 SelfSubjectReview 1.30 1.33 authentication.k8s.io/v1
authorization.k8s.io/v1beta1 LocalSubjectAccessReview,SelfSubjectAccessReview,SelfSubjectRulesReview,SubjectAccessReview 1.19 1.22 authorization.k8s.io/v1
certificates.k8s.io/v1beta1 CertificateSigningRequest 1.19 1.22 certificates.k8s.io/v1
certificates.k8s.io/v1alpha1 ClusterTrustBundle 1.34 1.37 -
certificates.k8s.io/v1beta1 ClusterTrustBundle 1.36 1.39 -
coordination.k8s.io/v1alpha2 LeaseCandidate 1.35 - -
coordination.k8s.io/v1beta1 LeaseCandidate 1.36 1.39 -
coordination.k8s.io/v1beta1 Lease 1.19 1.22 coordination.k8s.io/v1
scheduling.k8s.io/v1alpha1 PriorityClass 1.14 1.17 scheduling.k8s.io/v1
scheduling.k8s.io/v1beta1 PriorityClass 1.14 1.22 scheduling.k8s.io/v1
storage.k8s.io/v1beta1 CSIDriver,CSINode,StorageClass,VolumeAttachment 1.19 1.22 storage.k8s.io/v1
storage.k8s.io/v1beta1 CSIStorageCapacity 1.24 1.27 storage.k8s.io/v1
storage.k8s.io/v1beta1 VolumeAttributesClass 1.34 1.37 storage.k8s.io/v1
networking.k8s.io/v1beta1 IPAddress,ServiceCIDR 1.34 1.37 -
resource.k8s.io/v1beta1 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice 1.35 1.38 -
resource.k8s.io/v1beta2 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice 1.36 1.39 -
batch/v1beta1 CronJob 1.21 1.25 batch/v1
batch/v2alpha1 CronJob 1.8 1.21 batch/v1
discovery.k8s.io/v1beta1 EndpointSlice 1.21 1.25 discovery.k8s.io/v1
events.k8s.io/v1beta1 Event 1.22 1.25 events.k8s.io/v1
node.k8s.io/v1beta1 RuntimeClass 1.22 1.25 node.k8s.io/v1
policy/v1beta1 Eviction,PodDisruptionBudget 1.22 1.25 policy/v1
policy/v1beta1 PodSecurityPolicy 1.21 1.25 -
autoscaling/v2beta1 HorizontalPodAutoscaler 1.22 1.25 autoscaling/v2
autoscaling/v2beta2 HorizontalPodAutoscaler 1.23 1.26 autoscaling/v2
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema,PriorityLevelConfiguration 1.23 1.26 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema,PriorityLevelConfiguration 1.26 1.29 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema,PriorityLevelConfiguration 1.29 1.32 flowcontrol.apiserver.k8s.io/v1
v1 Endpoints 1.33 - discovery.k8s.io/v1:EndpointSlice
v1 ComponentStatus 1.19 - -`

const lives = new Map<string, ApiLife>()
for (const row of rows.trim().split('\n')) {
  const [apiVersion, kinds, deprecated, removed, target] = row.split(' ') as [string, string, string, string, string]
  const [replacement, replacementKind] = target.split(':') as [string, string | undefined]
  for (const kind of kinds.split(',')) {
    lives.set(`${apiVersion}/${kind}`, { apiVersion, kind, deprecated, ...(removed === '-' ? {} : { removed }), ...(replacement === '-' ? {} : { replacement }), ...(replacementKind ? { replacementKind } : {}) })
  }
}

/** What is known about the end of an API version, or undefined. */
export function apiLifeOf(apiVersion: string, kind: string): ApiLife | undefined {
  return lives.get(`${apiVersion}/${kind}`)
}

/** Is it still served by this minor version, as far as this table knows? */
export function isRemoved(life: ApiLife, version: Minor): boolean {
  return life.removed !== undefined && minorOf(life.removed) <= minorOf(version)
}

/** The warning a served but deprecated API gives: `v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice` (apiserver/pkg/endpoints/deprecation). */
export function deprecationWarning(apiVersion: string, kind: string, version: Minor): string | undefined {
  const life = apiLifeOf(apiVersion, kind)
  if (!life?.deprecated || minorOf(life.deprecated) > minorOf(version) || isRemoved(life, version)) return undefined
  const gone = life.removed ? `, unavailable in v${life.removed}+` : ''
  const instead = life.replacement ? `; use ${life.replacement} ${life.replacementKind ?? kind}` : ''
  return `${apiVersion} ${kind} is deprecated in v${life.deprecated}+${gone}${instead}`
}

/** 1.36 → 36. */
export function minorOf(version: string): number {
  return Number(version.slice(version.indexOf('.') + 1))
}
