/** The kinds that run no Pods: their defaulting and validation, put together for the registry. */
import { definitionErrors, definitionWarnings } from '../custom/index.ts'
import { defaultDefinition, prepareDefinition, prepareDefinitionUpdate } from '../custom/definition-prepare.ts'
import { withStoredStatus } from '../defaults/pod-prepare.ts'
import * as defaults from '../defaults/resources.ts'
import type { FieldError } from '../field.ts'
import type { KindSpec } from '../kinds.ts'
import { labelName, pathSegmentName } from '../name-rule.ts'
import type { K8sObject } from '../../k8s/object.ts'
import { autoscalerErrors, autoscalerV1Errors, disruptionBudgetErrors } from './autoscaling.ts'
import { configMapErrors, namespaceObjectErrors, secretErrors } from './config.ts'
import { secretWarnings, serviceAccountWarnings } from './config-warnings.ts'
import { ingressClassErrors, ingressErrors, networkPolicyErrors, networkPolicyWarnings } from './network.ts'
import { leaseErrors, limitRangeErrors, priorityClassErrors, quotaErrors } from './policy.ts'
import { bindingErrors, defaultedBinding, roleErrors } from './rbac.ts'
import { endpointsErrors, endpointSliceErrors, endpointSliceWarnings, endpointsWarnings, serviceErrors, serviceWarnings } from './service.ts'
import { claimErrors, storageClassErrors, volumeErrors } from './storage.ts'
import { claimWarnings, storageClassWarnings, volumeWarnings } from './storage-warnings.ts'

type Check = (object: K8sObject, old?: K8sObject) => FieldError[]

/** One check for both: without the old object it is a create, with it an update. */
function checked(check: Check): Pick<KindSpec, 'validate' | 'validateUpdate'> {
  return { validate: (object) => check(object), validateUpdate: (object, old) => check(object, old) }
}

const core: KindSpec[] = [
  { apiVersion: 'v1', kind: 'Service', namespaced: true, name: labelName, defaults: defaults.defaultService, prepare: defaults.prepareService, prepareUpdate: defaults.prepareServiceUpdate, ...checked(serviceErrors), warnings: serviceWarnings },
  { apiVersion: 'v1', kind: 'Endpoints', namespaced: true, defaults: defaults.defaultEndpoints, ...checked(endpointsErrors), warnings: endpointsWarnings },
  { apiVersion: 'v1', kind: 'ConfigMap', namespaced: true, ...checked(configMapErrors) },
  { apiVersion: 'v1', kind: 'Secret', namespaced: true, defaults: defaults.defaultSecret, ...checked(secretErrors), warnings: secretWarnings },
  { apiVersion: 'v1', kind: 'Namespace', namespaced: false, name: labelName, defaults: defaults.defaultNamespace, prepare: defaults.prepareNamespace, validate: namespaceObjectErrors },
  { apiVersion: 'v1', kind: 'ServiceAccount', namespaced: true, warnings: serviceAccountWarnings },
  { apiVersion: 'v1', kind: 'PersistentVolume', namespaced: false, defaults: defaults.defaultVolume, prepare: defaults.withoutStatus, prepareUpdate: withStoredStatus, ...checked(volumeErrors), warnings: volumeWarnings },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespaced: true, defaults: defaults.defaultClaim, prepare: defaults.prepareClaim, prepareUpdate: defaults.prepareClaimUpdate, ...checked(claimErrors), warnings: claimWarnings },
  { apiVersion: 'v1', kind: 'LimitRange', namespaced: true, defaults: defaults.defaultLimitRange, prepare: defaults.prepareLimitRange, ...checked(limitRangeErrors) },
  { apiVersion: 'v1', kind: 'ResourceQuota', namespaced: true, prepare: defaults.withoutStatus, ...checked(quotaErrors) },
]

const others: KindSpec[] = [
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespaced: true, defaults: defaults.defaultEndpointSlice, prepare: defaults.withoutTopology, ...checked(endpointSliceErrors), warnings: endpointSliceWarnings },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespaced: true, defaults: defaults.defaultNetworkPolicy, ...checked(networkPolicyErrors), warnings: networkPolicyWarnings },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespaced: true, prepare: defaults.withoutStatus, ...checked(ingressErrors), warnings: ingressWarnings },
  { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', namespaced: false, defaults: defaults.defaultIngressClass, ...checked(ingressClassErrors) },
  { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', namespaced: false, defaults: defaults.defaultStorageClass, ...checked(storageClassErrors), warnings: storageClassWarnings },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', namespaced: true, defaults: defaults.defaultAutoscaler, prepare: defaults.withoutStatus, ...checked(autoscalerErrors) },
  { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', namespaced: true, defaults: defaults.defaultAutoscalerV1, prepare: defaults.withoutStatus, ...checked(autoscalerV1Errors) },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', namespaced: true, name: pathSegmentName, metadataLast: true, prepare: defaults.withoutStatus, ...checked(disruptionBudgetErrors) },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', namespaced: false, defaults: defaults.defaultPriorityClass, ...checked(priorityClassErrors) },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespaced: true, prepare: defaults.prepareLease, prepareUpdate: defaults.prepareLease, ...checked(leaseErrors) },
  { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', namespaced: false, defaults: defaultDefinition, prepare: prepareDefinition, prepareUpdate: prepareDefinitionUpdate, ...checked(definitionErrors), warnings: definitionWarnings },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', namespaced: true, name: pathSegmentName, ...checked(roleErrors) },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', namespaced: false, name: pathSegmentName, ...checked(roleErrors) },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', namespaced: true, name: pathSegmentName, defaults: defaultedBinding, ...checked(bindingErrors) },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', namespaced: false, name: pathSegmentName, defaults: defaultedBinding, ...checked(bindingErrors) },
]

function ingressWarnings(ingress: K8sObject): string[] {
  return ingress.metadata.annotations?.['kubernetes.io/ingress.class'] === undefined ? [] : ['annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead']
}

export const resourceKinds: readonly KindSpec[] = [...core, ...others]
