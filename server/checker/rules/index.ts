/** Every rule, by id. Written by `npm run generate`. */
import type { Rule } from '../rule.ts'
import autoscaledContainersRequestTheResource from './autoscaled-containers-request-the-resource.ts'
import autoscaledWorkloadLeavesReplicasOut from './autoscaled-workload-leaves-replicas-out.ts'
import autoscalerHasRoomToScale from './autoscaler-has-room-to-scale.ts'
import autoscalerTargetExists from './autoscaler-target-exists.ts'
import bindingDoesNotMakeClusterAdmins from './binding-does-not-make-cluster-admins.ts'
import bindingDoesNotTrustEverybody from './binding-does-not-trust-everybody.ts'
import claimCanBeBound from './claim-can-be-bound.ts'
import claimExists from './claim-exists.ts'
import claimOfOneWriterIsReleasedFirst from './claim-of-one-writer-is-released-first.ts'
import claimOfReplicasAllowsManyNodes from './claim-of-replicas-allows-many-nodes.ts'
import configmapExists from './configmap-exists.ts'
import configmapHoldsNoSecret from './configmap-holds-no-secret.ts'
import configmapKeyExists from './configmap-key-exists.ts'
import containerAddsCommonCapabilitiesOnly from './container-adds-common-capabilities-only.ts'
import containerDropsAllCapabilities from './container-drops-all-capabilities.ts'
import containerForbidsPrivilegeEscalation from './container-forbids-privilege-escalation.ts'
import containerHasALivenessProbe from './container-has-a-liveness-probe.ts'
import containerIsNotPrivileged from './container-is-not-privileged.ts'
import containerKeepsProcMasked from './container-keeps-proc-masked.ts'
import containerKeepsProcMaskedAlways from './container-keeps-proc-masked-always.ts'
import containerOffersNoSsh from './container-offers-no-ssh.ts'
import containerPortHasAName from './container-port-has-a-name.ts'
import containerPortNeedsNoPrivilege from './container-port-needs-no-privilege.ts'
import containerRootFilesystemIsReadOnly from './container-root-filesystem-is-read-only.ts'
import containerSetsAMemoryLimit from './container-sets-a-memory-limit.ts'
import containerSetsRequests from './container-sets-requests.ts'
import containerUsesNoHostPort from './container-uses-no-host-port.ts'
import containersShareNoPort from './containers-share-no-port.ts'
import cronjobDoesNotOverlap from './cronjob-does-not-overlap.ts'
import cronjobScheduleOccurs from './cronjob-schedule-occurs.ts'
import cronjobStartingDeadlineIsLongEnough from './cronjob-starting-deadline-is-long-enough.ts'
import defaultAccountHasNoRights from './default-account-has-no-rights.ts'
import disruptionBudgetAllowsADisruption from './disruption-budget-allows-a-disruption.ts'
import disruptionBudgetSelectsAPod from './disruption-budget-selects-a-pod.ts'
import egressPolicyAllowsDns from './egress-policy-allows-dns.ts'
import endpointSliceBelongsToAService from './endpoint-slice-belongs-to-a-service.ts'
import envNameAppearsOnce from './env-name-appears-once.ts'
import envReferenceIsSetBefore from './env-reference-is-set-before.ts'
import envValueIsNoSecret from './env-value-is-no-secret.ts'
import finishedJobIsCleanedUp from './finished-job-is-cleaned-up.ts'
import goProgramKnowsItsCpuLimit from './go-program-knows-its-cpu-limit.ts'
import gomaxprocsFitsTheCpuLimit from './gomaxprocs-fits-the-cpu-limit.ts'
import gomemlimitIsBelowTheMemoryLimit from './gomemlimit-is-below-the-memory-limit.ts'
import gomemlimitIsWellFormed from './gomemlimit-is-well-formed.ts'
import imageHasAFixedTag from './image-has-a-fixed-tag.ts'
import imageIsPinnedByDigest from './image-is-pinned-by-digest.ts'
import imagePullPolicySuitsTheImage from './image-pull-policy-suits-the-image.ts'
import ingressBackendPortExists from './ingress-backend-port-exists.ts'
import ingressBackendServiceExists from './ingress-backend-service-exists.ts'
import ingressCarriesNoSnippets from './ingress-carries-no-snippets.ts'
import ingressCertificateIsOfTypeTls from './ingress-certificate-is-of-type-tls.ts'
import ingressClassExists from './ingress-class-exists.ts'
import ingressPathAppearsOnce from './ingress-path-appears-once.ts'
import ingressRuleNamesItsHost from './ingress-rule-names-its-host.ts'
import ingressTlsCoversItsHosts from './ingress-tls-covers-its-hosts.ts'
import ingressUsesTls from './ingress-uses-tls.ts'
import jobHasADeadline from './job-has-a-deadline.ts'
import livenessDiffersFromReadiness from './liveness-differs-from-readiness.ts'
import loadBalancerSaysWhoMayCall from './load-balancer-says-who-may-call.ts'
import memoryAmountHasAUnit from './memory-amount-has-a-unit.ts'
import memoryLimitIsNearTheRequest from './memory-limit-is-near-the-request.ts'
import memoryVolumeHasASizeLimit from './memory-volume-has-a-size-limit.ts'
import mountHidesNoSystemFolder from './mount-hides-no-system-folder.ts'
import mountedConfigurationIsKeptUpToDate from './mounted-configuration-is-kept-up-to-date.ts'
import mountedSubpathExists from './mounted-subpath-exists.ts'
import namespaceExists from './namespace-exists.ts'
import networkPolicyNamesThePortOfThePod from './network-policy-names-the-port-of-the-pod.ts'
import networkPolicyPeerExists from './network-policy-peer-exists.ts'
import networkPolicyPortIsDeclared from './network-policy-port-is-declared.ts'
import networkPolicyPortNameExists from './network-policy-port-name-exists.ts'
import networkPolicySelectsAPod from './network-policy-selects-a-pod.ts'
import objectAppearsOnce from './object-appears-once.ts'
import objectNamesItsNamespace from './object-names-its-namespace.ts'
import oneAutoscalerPerWorkload from './one-autoscaler-per-workload.ts'
import oneDefaultClass from './one-default-class.ts'
import oneDisruptionBudgetPerPod from './one-disruption-budget-per-pod.ts'
import ownerReferenceIsNotWrittenByHand from './owner-reference-is-not-written-by-hand.ts'
import podDoesNotAskForRoot from './pod-does-not-ask-for-root.ts'
import podFiltersSystemCalls from './pod-filters-system-calls.ts'
import podFitsTheSecurityLevelOfItsNamespace from './pod-fits-the-security-level-of-its-namespace.ts'
import podHasAController from './pod-has-a-controller.ts'
import podIsIsolated from './pod-is-isolated.ts'
import podIsNoWindowsHostProcess from './pod-is-no-windows-host-process.ts'
import podKeepsItsApparmorProfile from './pod-keeps-its-apparmor-profile.ts'
import podKeepsItsSelinuxLabel from './pod-keeps-its-selinux-label.ts'
import podKeepsSystemCallsFiltered from './pod-keeps-system-calls-filtered.ts'
import podMountsNoHostPath from './pod-mounts-no-host-path.ts'
import podMountsNoRuntimeSocket from './pod-mounts-no-runtime-socket.ts'
import podRunsAsNonRoot from './pod-runs-as-non-root.ts'
import podSetsNamespacedSysctlsOnly from './pod-sets-namespaced-sysctls-only.ts'
import podStaysOutOfHostNamespaces from './pod-stays-out-of-host-namespaces.ts'
import podUsesRestrictedVolumeTypesOnly from './pod-uses-restricted-volume-types-only.ts'
import podWithDefaultAccountMountsNoToken from './pod-with-default-account-mounts-no-token.ts'
import portNameIsUniqueInThePod from './port-name-is-unique-in-the-pod.ts'
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
import roleCannotWidenItsOwnRights from './role-cannot-widen-its-own-rights.ts'
import roleDoesNotAllowEverything from './role-does-not-allow-everything.ts'
import roleDoesNotOpenShells from './role-does-not-open-shells.ts'
import roleDoesNotReadAllSecrets from './role-does-not-read-all-secrets.ts'
import roleNamesItsVerbsAndResources from './role-names-its-verbs-and-resources.ts'
import rollingUpdateKeepsAPod from './rolling-update-keeps-a-pod.ts'
import secretExists from './secret-exists.ts'
import secretKeyExists from './secret-key-exists.ts'
import servedPodHasAReadinessProbe from './served-pod-has-a-readiness-probe.ts'
import serviceAccountExists from './service-account-exists.ts'
import serviceNodePortIsUsedOnce from './service-node-port-is-used-once.ts'
import serviceOpensNoNodePort from './service-opens-no-node-port.ts'
import servicePortIsLetIn from './service-port-is-let-in.ts'
import servicePortUsesTheDeclaredProtocol from './service-port-uses-the-declared-protocol.ts'
import serviceSelectorIsUnique from './service-selector-is-unique.ts'
import serviceSelectsAPod from './service-selects-a-pod.ts'
import serviceTargetPortIsDeclared from './service-target-port-is-declared.ts'
import serviceTargetPortNameExists from './service-target-port-name-exists.ts'
import serviceUsesNoExternalIps from './service-uses-no-external-ips.ts'
import slowStartHasAStartupProbe from './slow-start-has-a-startup-probe.ts'
import spreadConstraintCountsOwnPods from './spread-constraint-counts-own-pods.ts'
import statefulsetHasAHeadlessService from './statefulset-has-a-headless-service.ts'
import volumeIsMounted from './volume-is-mounted.ts'
import webhookServiceExists from './webhook-service-exists.ts'
import workloadSelectorsDoNotOverlap from './workload-selectors-do-not-overlap.ts'
import workloadStaysOutOfKubeSystem from './workload-stays-out-of-kube-system.ts'

export const rules: readonly Rule[] = [
  autoscaledContainersRequestTheResource,
  autoscaledWorkloadLeavesReplicasOut,
  autoscalerHasRoomToScale,
  autoscalerTargetExists,
  bindingDoesNotMakeClusterAdmins,
  bindingDoesNotTrustEverybody,
  claimCanBeBound,
  claimExists,
  claimOfOneWriterIsReleasedFirst,
  claimOfReplicasAllowsManyNodes,
  configmapExists,
  configmapHoldsNoSecret,
  configmapKeyExists,
  containerAddsCommonCapabilitiesOnly,
  containerDropsAllCapabilities,
  containerForbidsPrivilegeEscalation,
  containerHasALivenessProbe,
  containerIsNotPrivileged,
  containerKeepsProcMasked,
  containerKeepsProcMaskedAlways,
  containerOffersNoSsh,
  containerPortHasAName,
  containerPortNeedsNoPrivilege,
  containerRootFilesystemIsReadOnly,
  containerSetsAMemoryLimit,
  containerSetsRequests,
  containerUsesNoHostPort,
  containersShareNoPort,
  cronjobDoesNotOverlap,
  cronjobScheduleOccurs,
  cronjobStartingDeadlineIsLongEnough,
  defaultAccountHasNoRights,
  disruptionBudgetAllowsADisruption,
  disruptionBudgetSelectsAPod,
  egressPolicyAllowsDns,
  endpointSliceBelongsToAService,
  envNameAppearsOnce,
  envReferenceIsSetBefore,
  envValueIsNoSecret,
  finishedJobIsCleanedUp,
  goProgramKnowsItsCpuLimit,
  gomaxprocsFitsTheCpuLimit,
  gomemlimitIsBelowTheMemoryLimit,
  gomemlimitIsWellFormed,
  imageHasAFixedTag,
  imageIsPinnedByDigest,
  imagePullPolicySuitsTheImage,
  ingressBackendPortExists,
  ingressBackendServiceExists,
  ingressCarriesNoSnippets,
  ingressCertificateIsOfTypeTls,
  ingressClassExists,
  ingressPathAppearsOnce,
  ingressRuleNamesItsHost,
  ingressTlsCoversItsHosts,
  ingressUsesTls,
  jobHasADeadline,
  livenessDiffersFromReadiness,
  loadBalancerSaysWhoMayCall,
  memoryAmountHasAUnit,
  memoryLimitIsNearTheRequest,
  memoryVolumeHasASizeLimit,
  mountHidesNoSystemFolder,
  mountedConfigurationIsKeptUpToDate,
  mountedSubpathExists,
  namespaceExists,
  networkPolicyNamesThePortOfThePod,
  networkPolicyPeerExists,
  networkPolicyPortIsDeclared,
  networkPolicyPortNameExists,
  networkPolicySelectsAPod,
  objectAppearsOnce,
  objectNamesItsNamespace,
  oneAutoscalerPerWorkload,
  oneDefaultClass,
  oneDisruptionBudgetPerPod,
  ownerReferenceIsNotWrittenByHand,
  podDoesNotAskForRoot,
  podFiltersSystemCalls,
  podFitsTheSecurityLevelOfItsNamespace,
  podHasAController,
  podIsIsolated,
  podIsNoWindowsHostProcess,
  podKeepsItsApparmorProfile,
  podKeepsItsSelinuxLabel,
  podKeepsSystemCallsFiltered,
  podMountsNoHostPath,
  podMountsNoRuntimeSocket,
  podRunsAsNonRoot,
  podSetsNamespacedSysctlsOnly,
  podStaysOutOfHostNamespaces,
  podUsesRestrictedVolumeTypesOnly,
  podWithDefaultAccountMountsNoToken,
  portNameIsUniqueInThePod,
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
  roleCannotWidenItsOwnRights,
  roleDoesNotAllowEverything,
  roleDoesNotOpenShells,
  roleDoesNotReadAllSecrets,
  roleNamesItsVerbsAndResources,
  rollingUpdateKeepsAPod,
  secretExists,
  secretKeyExists,
  servedPodHasAReadinessProbe,
  serviceAccountExists,
  serviceNodePortIsUsedOnce,
  serviceOpensNoNodePort,
  servicePortIsLetIn,
  servicePortUsesTheDeclaredProtocol,
  serviceSelectorIsUnique,
  serviceSelectsAPod,
  serviceTargetPortIsDeclared,
  serviceTargetPortNameExists,
  serviceUsesNoExternalIps,
  slowStartHasAStartupProbe,
  spreadConstraintCountsOwnPods,
  statefulsetHasAHeadlessService,
  volumeIsMounted,
  webhookServiceExists,
  workloadSelectorsDoNotOverlap,
  workloadStaysOutOfKubeSystem,
]
