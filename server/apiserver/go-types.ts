/** Go's names of things that the schemas do not carry but decoding errors print: named string types and embedded structs (k8s.io/api types.go files). */
import type { ObjectType, Shape } from '../k8s/schemas/schema.ts'

/** `Type.field` → named type, for fields whose Go type is a name of its own. Without a package it is of the package of the struct. */
const namedTypes: Readonly<Record<string, string>> = Object.fromEntries(
  `PodSpec.restartPolicy RestartPolicy|PodSpec.dnsPolicy DNSPolicy|PodSpec.preemptionPolicy PreemptionPolicy|Container.imagePullPolicy PullPolicy|EphemeralContainer.imagePullPolicy PullPolicy
Container.terminationMessagePolicy TerminationMessagePolicy|EphemeralContainer.terminationMessagePolicy TerminationMessagePolicy|Container.restartPolicy ContainerRestartPolicy|EphemeralContainer.restartPolicy ContainerRestartPolicy
ContainerPort.protocol Protocol|ServicePort.protocol Protocol|EndpointPort.protocol v1.Protocol|NetworkPolicyPort.protocol v1.Protocol|ServiceSpec.type ServiceType|ServiceSpec.sessionAffinity ServiceAffinity
ServiceSpec.externalTrafficPolicy ServiceExternalTrafficPolicy|ServiceSpec.internalTrafficPolicy ServiceInternalTrafficPolicy|ServiceSpec.ipFamilies IPFamily|ServiceSpec.ipFamilyPolicy IPFamilyPolicy
Toleration.operator TolerationOperator|Toleration.effect TaintEffect|Taint.effect TaintEffect|NodeSelectorRequirement.operator NodeSelectorOperator|TopologySpreadConstraint.whenUnsatisfiable UnsatisfiableConstraintAction
TopologySpreadConstraint.nodeAffinityPolicy NodeInclusionPolicy|TopologySpreadConstraint.nodeTaintsPolicy NodeInclusionPolicy|HTTPGetAction.scheme URIScheme|EmptyDirVolumeSource.medium StorageMedium
HostPathVolumeSource.type HostPathType|VolumeMount.mountPropagation MountPropagationMode|VolumeMount.recursiveReadOnly RecursiveReadOnlyMode|PersistentVolumeClaimSpec.accessModes PersistentVolumeAccessMode
PersistentVolumeClaimSpec.volumeMode PersistentVolumeMode|PersistentVolumeSpec.accessModes PersistentVolumeAccessMode|PersistentVolumeSpec.volumeMode PersistentVolumeMode
PersistentVolumeSpec.persistentVolumeReclaimPolicy PersistentVolumeReclaimPolicy|SeccompProfile.type SeccompProfileType|AppArmorProfile.type AppArmorProfileType|SecurityContext.procMount ProcMountType
Capabilities.add Capability|Capabilities.drop Capability|PodSecurityContext.fsGroupChangePolicy PodFSGroupChangePolicy|PodSecurityContext.supplementalGroupsPolicy SupplementalGroupsPolicy
PodSecurityContext.seLinuxChangePolicy PodSELinuxChangePolicy|Secret.type SecretType|LimitRangeItem.type LimitType|ResourceQuotaSpec.scopes ResourceQuotaScope|ScopedResourceSelectorRequirement.scopeName ResourceQuotaScope
ScopedResourceSelectorRequirement.operator ScopeSelectorOperator|NamespaceSpec.finalizers FinalizerName|PodReadinessGate.conditionType PodConditionType|PodOS.name OSName|ContainerResizePolicy.resourceName ResourceName
ContainerResizePolicy.restartPolicy ResourceResizeRestartPolicy|ObjectReference.uid types.UID|OwnerReference.uid types.UID|ObjectMeta.uid types.UID|LabelSelectorRequirement.operator LabelSelectorOperator|Lifecycle.stopSignal Signal
AzureDiskVolumeSource.cachingMode AzureDataDiskCachingMode|AzureDiskVolumeSource.kind AzureDataDiskKind|DeploymentStrategy.type DeploymentStrategyType|StatefulSetSpec.podManagementPolicy PodManagementPolicyType
StatefulSetUpdateStrategy.type StatefulSetUpdateStrategyType|DaemonSetUpdateStrategy.type DaemonSetUpdateStrategyType|StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted PersistentVolumeClaimRetentionPolicyType
StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled PersistentVolumeClaimRetentionPolicyType|CronJobSpec.concurrencyPolicy ConcurrencyPolicy|JobSpec.completionMode CompletionMode|JobSpec.podReplacementPolicy PodReplacementPolicy
PodFailurePolicyRule.action PodFailurePolicyAction|PodFailurePolicyOnExitCodesRequirement.operator PodFailurePolicyOnExitCodesOperator|PodFailurePolicyOnPodConditionsPattern.type v1.PodConditionType
PodFailurePolicyOnPodConditionsPattern.status v1.ConditionStatus|HTTPIngressPath.pathType PathType|NetworkPolicySpec.policyTypes PolicyType|MetricSpec.type MetricSourceType|MetricTarget.type MetricTargetType
HPAScalingRules.selectPolicy ScalingPolicySelect|HPAScalingPolicy.type HPAScalingPolicyType|ResourceMetricSource.name v1.ResourceName|ContainerResourceMetricSource.name v1.ResourceName
PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy UnhealthyPodEvictionPolicyType|EndpointSlice.addressType AddressType|PriorityClass.preemptionPolicy v1.PreemptionPolicy
StorageClass.reclaimPolicy v1.PersistentVolumeReclaimPolicy|StorageClass.volumeBindingMode VolumeBindingMode|LeaseSpec.strategy CoordinatedLeaseStrategy|NodeCondition.status ConditionStatus|PodCondition.status ConditionStatus
ManagedFieldsEntry.operation ManagedFieldsOperationType|Condition.status ConditionStatus|ImageVolumeSource.pullPolicy PullPolicy|ContainerRestartRule.action ContainerRestartRuleAction
ContainerRestartRuleOnExitCodes.operator ContainerRestartRuleOnExitCodesOperator|PodCondition.type PodConditionType|PodStatus.phase PodPhase|PodStatus.qosClass PodQOSClass|PodStatus.resize PodResizeStatus
ContainerStatus.stopSignal Signal|VolumeMountStatus.recursiveReadOnly RecursiveReadOnlyMode|LoadBalancerIngress.ipMode LoadBalancerIPMode|PortStatus.protocol Protocol|IngressPortStatus.protocol v1.Protocol
NamespaceStatus.phase NamespacePhase|NamespaceCondition.type NamespaceConditionType|NamespaceCondition.status ConditionStatus|PersistentVolumeStatus.phase PersistentVolumePhase
PersistentVolumeClaimStatus.phase PersistentVolumeClaimPhase|PersistentVolumeClaimStatus.accessModes PersistentVolumeAccessMode|PersistentVolumeClaimCondition.type PersistentVolumeClaimConditionType
PersistentVolumeClaimCondition.status ConditionStatus|ModifyVolumeStatus.status PersistentVolumeClaimModifyVolumeStatus|ReplicationControllerCondition.type ReplicationControllerConditionType
ReplicationControllerCondition.status ConditionStatus|NodeCondition.type NodeConditionType|NodeAddress.type NodeAddressType|NodeStatus.phase NodePhase|NodeStatus.volumesInUse UniqueVolumeName
AttachedVolume.name UniqueVolumeName|DeploymentCondition.type DeploymentConditionType|DeploymentCondition.status v1.ConditionStatus|ReplicaSetCondition.type ReplicaSetConditionType
ReplicaSetCondition.status v1.ConditionStatus|StatefulSetCondition.type StatefulSetConditionType|StatefulSetCondition.status v1.ConditionStatus|DaemonSetCondition.type DaemonSetConditionType
DaemonSetCondition.status v1.ConditionStatus|JobCondition.type JobConditionType|JobCondition.status v1.ConditionStatus|UncountedTerminatedPods.succeeded types.UID|UncountedTerminatedPods.failed types.UID
HorizontalPodAutoscalerCondition.type HorizontalPodAutoscalerConditionType|HorizontalPodAutoscalerCondition.status v1.ConditionStatus|MetricStatus.type MetricSourceType|ResourceMetricStatus.name v1.ResourceName
ContainerResourceMetricStatus.name v1.ResourceName|CSIDriverSpec.fsGroupPolicy FSGroupPolicy|CSIDriverSpec.volumeLifecycleModes VolumeLifecycleMode|LeaseCandidateSpec.strategy v1.CoordinatedLeaseStrategy
MutatingWebhook.failurePolicy FailurePolicyType|MutatingWebhook.matchPolicy MatchPolicyType|MutatingWebhook.sideEffects SideEffectClass|MutatingWebhook.reinvocationPolicy ReinvocationPolicyType
ValidatingWebhook.failurePolicy FailurePolicyType|ValidatingWebhook.matchPolicy MatchPolicyType|ValidatingWebhook.sideEffects SideEffectClass|RuleWithOperations.operations OperationType|RuleWithOperations.scope ScopeType
NamedRuleWithOperations.operations v1.OperationType|NamedRuleWithOperations.scope v1.ScopeType|MatchResources.matchPolicy MatchPolicyType|ValidatingAdmissionPolicySpec.failurePolicy FailurePolicyType
ValidatingAdmissionPolicyBindingSpec.validationActions ValidationAction|ParamRef.parameterNotFoundAction ParameterNotFoundActionType|Validation.reason v1.StatusReason
MutatingAdmissionPolicySpec.failurePolicy FailurePolicyType|MutatingAdmissionPolicySpec.reinvocationPolicy v1.ReinvocationPolicyType|Mutation.patchType PatchType
CertificateSigningRequestSpec.usages KeyUsage|CertificateSigningRequestCondition.type RequestConditionType|CertificateSigningRequestCondition.status v1.ConditionStatus
FlowDistinguisherMethod.type FlowDistinguisherMethodType|LimitResponse.type LimitResponseType|PriorityLevelConfigurationSpec.type PriorityLevelEnablement|APIServiceCondition.type APIServiceConditionType
APIServiceCondition.status ConditionStatus|CustomResourceDefinitionSpec.scope ResourceScope|CustomResourceConversion.strategy ConversionStrategyType|ValidationRule.reason FieldValueErrorReason
CustomResourceDefinitionCondition.type CustomResourceDefinitionConditionType|CustomResourceDefinitionCondition.status ConditionStatus|JSONSchemaProps.$schema JSONSchemaURL`
    .split(/[|\n]/)
    .map((entry) => entry.split(' ') as [string, string]),
)

/** Lists and maps whose Go type has a name of its own. */
const namedCollections: Readonly<Record<string, string>> = { 'JSONSchemaProps.x-kubernetes-validations': 'v1.ValidationRules', 'JSONSchemaProps.definitions': 'v1.JSONSchemaDefinitions', 'JSONSchemaProps.dependencies': 'v1.JSONSchemaDependencies' }

const sourcesOfVolume = 'PersistentVolumeSource'
const localReference = 'LocalObjectReference'
const embeddedNames: Readonly<Record<string, (field: string) => string | undefined>> = {
  Volume: (field) => (field === 'name' ? undefined : 'VolumeSource'),
  Probe: (field) => (['exec', 'httpGet', 'tcpSocket', 'grpc'].includes(field) ? 'ProbeHandler' : undefined),
  IngressRule: (field) => (field === 'http' ? 'IngressRuleValue' : undefined),
  EphemeralContainer: (field) => (field === 'targetContainerName' ? undefined : 'EphemeralContainerCommon'),
  PersistentVolumeSpec: (field) => (['capacity', 'accessModes', 'claimRef', 'persistentVolumeReclaimPolicy', 'storageClassName', 'mountOptions', 'volumeMode', 'nodeAffinity', 'volumeAttributesClassName'].includes(field) ? undefined : sourcesOfVolume),
  ConfigMapVolumeSource: (field) => (field === 'name' ? localReference : undefined),
  ConfigMapProjection: (field) => (field === 'name' ? localReference : undefined),
  SecretProjection: (field) => (field === 'name' ? localReference : undefined),
  ConfigMapKeySelector: (field) => (field === 'name' ? localReference : undefined),
  SecretKeySelector: (field) => (field === 'name' ? localReference : undefined),
  ConfigMapEnvSource: (field) => (field === 'name' ? localReference : undefined),
  SecretEnvSource: (field) => (field === 'name' ? localReference : undefined),
  RuleWithOperations: (field) => (field === 'operations' ? undefined : 'Rule'),
  NamedRuleWithOperations: (field) => (field === 'resourceNames' ? undefined : field === 'operations' ? 'RuleWithOperations' : 'RuleWithOperations.Rule'),
}

/** The embedded struct that really holds a field, or undefined: it appears in the field path of a decoding error. */
export function embeddedName(type: ObjectType, field: string): string | undefined {
  if ((field === 'kind' || field === 'apiVersion') && type.fields.has('metadata')) return 'TypeMeta'
  return Object.hasOwn(embeddedNames, type.name) ? embeddedNames[type.name]!(field) : undefined
}

/** Go's name of a value's type: `[]v1.Container`, `map[string]string`, `int32`, `v1.Protocol`. `owner` and `field` say where the value is declared. */
export function goTypeName(shape: Shape, owner: ObjectType, field: string): string {
  const place = `${owner.name}.${field}`
  if ((shape.is === 'list' || shape.is === 'map') && Object.hasOwn(namedCollections, place)) return namedCollections[place]!
  if (shape.is === 'list') return `[]${goTypeName(shape.of, owner, field)}`
  if (shape.is === 'map') {
    if (shape.of.is === 'quantity') return shape.of.milli ? 'v1.ResourceList' : 'map[v1.QualifiedName]resource.Quantity'
    return `map[string]${goTypeName(shape.of, owner, field)}`
  }
  if (shape.is === 'object') return `${shape.type.package}.${shape.type.name}`
  if (shape.is === 'boolean') return 'bool'
  if (shape.is === 'double') return 'float64'
  if (shape.is === 'bytes') return '[]uint8'
  if (shape.is === 'intOrString') return 'int32'
  if (shape.is === 'int32' || shape.is === 'int64') return shape.is
  if (shape.is !== 'string') return 'string'
  const name = Object.hasOwn(namedTypes, place) ? namedTypes[place]! : 'string'
  return name === 'string' || name.includes('.') ? name : `${owner.package}.${name}`
}
