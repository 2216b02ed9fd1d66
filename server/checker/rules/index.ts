/** Every rule, by id. Written by `npm run generate`. */
import type { Rule } from '../rule.ts'
import autoscaledContainersRequestTheResource from './autoscaled-containers-request-the-resource.ts'
import autoscaledWorkloadLeavesReplicasOut from './autoscaled-workload-leaves-replicas-out.ts'
import autoscalerHasRoomToScale from './autoscaler-has-room-to-scale.ts'
import autoscalerTargetExists from './autoscaler-target-exists.ts'
import claimCanBeBound from './claim-can-be-bound.ts'
import claimExists from './claim-exists.ts'
import claimOfOneWriterIsReleasedFirst from './claim-of-one-writer-is-released-first.ts'
import claimOfReplicasAllowsManyNodes from './claim-of-replicas-allows-many-nodes.ts'
import configmapExists from './configmap-exists.ts'
import configmapKeyExists from './configmap-key-exists.ts'
import containerAddsCommonCapabilitiesOnly from './container-adds-common-capabilities-only.ts'
import containerDropsAllCapabilities from './container-drops-all-capabilities.ts'
import containerForbidsPrivilegeEscalation from './container-forbids-privilege-escalation.ts'
import containerHasALivenessProbe from './container-has-a-liveness-probe.ts'
import containerIsNotPrivileged from './container-is-not-privileged.ts'
import containerKeepsProcMasked from './container-keeps-proc-masked.ts'
import containerKeepsProcMaskedAlways from './container-keeps-proc-masked-always.ts'
import containerSetsAMemoryLimit from './container-sets-a-memory-limit.ts'
import containerSetsRequests from './container-sets-requests.ts'
import containerUsesNoHostPort from './container-uses-no-host-port.ts'
import disruptionBudgetAllowsADisruption from './disruption-budget-allows-a-disruption.ts'
import disruptionBudgetSelectsAPod from './disruption-budget-selects-a-pod.ts'
import egressPolicyAllowsDns from './egress-policy-allows-dns.ts'
import goProgramKnowsItsCpuLimit from './go-program-knows-its-cpu-limit.ts'
import gomaxprocsFitsTheCpuLimit from './gomaxprocs-fits-the-cpu-limit.ts'
import gomemlimitIsBelowTheMemoryLimit from './gomemlimit-is-below-the-memory-limit.ts'
import gomemlimitIsWellFormed from './gomemlimit-is-well-formed.ts'
import imageHasAFixedTag from './image-has-a-fixed-tag.ts'
import imageIsPinnedByDigest from './image-is-pinned-by-digest.ts'
import imagePullPolicySuitsTheImage from './image-pull-policy-suits-the-image.ts'
import ingressBackendPortExists from './ingress-backend-port-exists.ts'
import ingressBackendServiceExists from './ingress-backend-service-exists.ts'
import ingressCertificateIsOfTypeTls from './ingress-certificate-is-of-type-tls.ts'
import ingressClassExists from './ingress-class-exists.ts'
import ingressPathAppearsOnce from './ingress-path-appears-once.ts'
import ingressTlsCoversItsHosts from './ingress-tls-covers-its-hosts.ts'
import livenessDiffersFromReadiness from './liveness-differs-from-readiness.ts'
import memoryAmountHasAUnit from './memory-amount-has-a-unit.ts'
import memoryLimitIsNearTheRequest from './memory-limit-is-near-the-request.ts'
import memoryVolumeHasASizeLimit from './memory-volume-has-a-size-limit.ts'
import mountedConfigurationIsKeptUpToDate from './mounted-configuration-is-kept-up-to-date.ts'
import mountedSubpathExists from './mounted-subpath-exists.ts'
import namespaceExists from './namespace-exists.ts'
import networkPolicyNamesThePortOfThePod from './network-policy-names-the-port-of-the-pod.ts'
import networkPolicyPeerExists from './network-policy-peer-exists.ts'
import networkPolicyPortIsDeclared from './network-policy-port-is-declared.ts'
import networkPolicyPortNameExists from './network-policy-port-name-exists.ts'
import networkPolicySelectsAPod from './network-policy-selects-a-pod.ts'
import objectAppearsOnce from './object-appears-once.ts'
import oneAutoscalerPerWorkload from './one-autoscaler-per-workload.ts'
import oneDefaultClass from './one-default-class.ts'
import oneDisruptionBudgetPerPod from './one-disruption-budget-per-pod.ts'
import podDoesNotAskForRoot from './pod-does-not-ask-for-root.ts'
import podFiltersSystemCalls from './pod-filters-system-calls.ts'
import podFitsTheSecurityLevelOfItsNamespace from './pod-fits-the-security-level-of-its-namespace.ts'
import podIsIsolated from './pod-is-isolated.ts'
import podIsNoWindowsHostProcess from './pod-is-no-windows-host-process.ts'
import podKeepsItsApparmorProfile from './pod-keeps-its-apparmor-profile.ts'
import podKeepsItsSelinuxLabel from './pod-keeps-its-selinux-label.ts'
import podKeepsSystemCallsFiltered from './pod-keeps-system-calls-filtered.ts'
import podMountsNoHostPath from './pod-mounts-no-host-path.ts'
import podRunsAsNonRoot from './pod-runs-as-non-root.ts'
import podSetsNamespacedSysctlsOnly from './pod-sets-namespaced-sysctls-only.ts'
import podStaysOutOfHostNamespaces from './pod-stays-out-of-host-namespaces.ts'
import podUsesRestrictedVolumeTypesOnly from './pod-uses-restricted-volume-types-only.ts'
import preStopEndsWithinTheGracePeriod from './pre-stop-ends-within-the-grace-period.ts'
import priorityClassExists from './priority-class-exists.ts'
import probeNamesNoHost from './probe-names-no-host.ts'
import probePortIsDeclared from './probe-port-is-declared.ts'
import probePortNameExists from './probe-port-name-exists.ts'
import probeTimeoutIsWithinItsPeriod from './probe-timeout-is-within-its-period.ts'
import pullSecretHoldsRegistryCredentials from './pull-secret-holds-registry-credentials.ts'
import replicasAreSpread from './replicas-are-spread.ts'
import roleBindingNamesARole from './role-binding-names-a-role.ts'
import roleBindingSubjectExists from './role-binding-subject-exists.ts'
import rollingUpdateKeepsAPod from './rolling-update-keeps-a-pod.ts'
import secretExists from './secret-exists.ts'
import secretKeyExists from './secret-key-exists.ts'
import servedPodHasAReadinessProbe from './served-pod-has-a-readiness-probe.ts'
import serviceAccountExists from './service-account-exists.ts'
import serviceNodePortIsUsedOnce from './service-node-port-is-used-once.ts'
import servicePortIsLetIn from './service-port-is-let-in.ts'
import servicePortUsesTheDeclaredProtocol from './service-port-uses-the-declared-protocol.ts'
import serviceSelectorIsUnique from './service-selector-is-unique.ts'
import serviceSelectsAPod from './service-selects-a-pod.ts'
import serviceTargetPortIsDeclared from './service-target-port-is-declared.ts'
import serviceTargetPortNameExists from './service-target-port-name-exists.ts'
import slowStartHasAStartupProbe from './slow-start-has-a-startup-probe.ts'
import spreadConstraintCountsOwnPods from './spread-constraint-counts-own-pods.ts'
import statefulsetHasAHeadlessService from './statefulset-has-a-headless-service.ts'
import webhookServiceExists from './webhook-service-exists.ts'

export const rules: readonly Rule[] = [
  autoscaledContainersRequestTheResource,
  autoscaledWorkloadLeavesReplicasOut,
  autoscalerHasRoomToScale,
  autoscalerTargetExists,
  claimCanBeBound,
  claimExists,
  claimOfOneWriterIsReleasedFirst,
  claimOfReplicasAllowsManyNodes,
  configmapExists,
  configmapKeyExists,
  containerAddsCommonCapabilitiesOnly,
  containerDropsAllCapabilities,
  containerForbidsPrivilegeEscalation,
  containerHasALivenessProbe,
  containerIsNotPrivileged,
  containerKeepsProcMasked,
  containerKeepsProcMaskedAlways,
  containerSetsAMemoryLimit,
  containerSetsRequests,
  containerUsesNoHostPort,
  disruptionBudgetAllowsADisruption,
  disruptionBudgetSelectsAPod,
  egressPolicyAllowsDns,
  goProgramKnowsItsCpuLimit,
  gomaxprocsFitsTheCpuLimit,
  gomemlimitIsBelowTheMemoryLimit,
  gomemlimitIsWellFormed,
  imageHasAFixedTag,
  imageIsPinnedByDigest,
  imagePullPolicySuitsTheImage,
  ingressBackendPortExists,
  ingressBackendServiceExists,
  ingressCertificateIsOfTypeTls,
  ingressClassExists,
  ingressPathAppearsOnce,
  ingressTlsCoversItsHosts,
  livenessDiffersFromReadiness,
  memoryAmountHasAUnit,
  memoryLimitIsNearTheRequest,
  memoryVolumeHasASizeLimit,
  mountedConfigurationIsKeptUpToDate,
  mountedSubpathExists,
  namespaceExists,
  networkPolicyNamesThePortOfThePod,
  networkPolicyPeerExists,
  networkPolicyPortIsDeclared,
  networkPolicyPortNameExists,
  networkPolicySelectsAPod,
  objectAppearsOnce,
  oneAutoscalerPerWorkload,
  oneDefaultClass,
  oneDisruptionBudgetPerPod,
  podDoesNotAskForRoot,
  podFiltersSystemCalls,
  podFitsTheSecurityLevelOfItsNamespace,
  podIsIsolated,
  podIsNoWindowsHostProcess,
  podKeepsItsApparmorProfile,
  podKeepsItsSelinuxLabel,
  podKeepsSystemCallsFiltered,
  podMountsNoHostPath,
  podRunsAsNonRoot,
  podSetsNamespacedSysctlsOnly,
  podStaysOutOfHostNamespaces,
  podUsesRestrictedVolumeTypesOnly,
  preStopEndsWithinTheGracePeriod,
  priorityClassExists,
  probeNamesNoHost,
  probePortIsDeclared,
  probePortNameExists,
  probeTimeoutIsWithinItsPeriod,
  pullSecretHoldsRegistryCredentials,
  replicasAreSpread,
  roleBindingNamesARole,
  roleBindingSubjectExists,
  rollingUpdateKeepsAPod,
  secretExists,
  secretKeyExists,
  servedPodHasAReadinessProbe,
  serviceAccountExists,
  serviceNodePortIsUsedOnce,
  servicePortIsLetIn,
  servicePortUsesTheDeclaredProtocol,
  serviceSelectorIsUnique,
  serviceSelectsAPod,
  serviceTargetPortIsDeclared,
  serviceTargetPortNameExists,
  slowStartHasAStartupProbe,
  spreadConstraintCountsOwnPods,
  statefulsetHasAHeadlessService,
  webhookServiceExists,
]
