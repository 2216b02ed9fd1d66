/** Every rule, by id. Written by `npm run generate`. */
import type { Rule } from '../rule.ts'
import claimCanBeBound from './claim-can-be-bound.ts'
import claimExists from './claim-exists.ts'
import claimOfOneWriterIsReleasedFirst from './claim-of-one-writer-is-released-first.ts'
import claimOfReplicasAllowsManyNodes from './claim-of-replicas-allows-many-nodes.ts'
import configmapExists from './configmap-exists.ts'
import configmapKeyExists from './configmap-key-exists.ts'
import ingressCertificateIsOfTypeTls from './ingress-certificate-is-of-type-tls.ts'
import mountedConfigurationIsKeptUpToDate from './mounted-configuration-is-kept-up-to-date.ts'
import mountedSubpathExists from './mounted-subpath-exists.ts'
import namespaceExists from './namespace-exists.ts'
import objectAppearsOnce from './object-appears-once.ts'
import priorityClassExists from './priority-class-exists.ts'
import pullSecretHoldsRegistryCredentials from './pull-secret-holds-registry-credentials.ts'
import roleBindingNamesARole from './role-binding-names-a-role.ts'
import roleBindingSubjectExists from './role-binding-subject-exists.ts'
import secretExists from './secret-exists.ts'
import secretKeyExists from './secret-key-exists.ts'
import serviceAccountExists from './service-account-exists.ts'
import serviceNodePortIsUsedOnce from './service-node-port-is-used-once.ts'
import servicePortUsesTheDeclaredProtocol from './service-port-uses-the-declared-protocol.ts'
import serviceSelectorIsUnique from './service-selector-is-unique.ts'
import serviceSelectsAPod from './service-selects-a-pod.ts'
import serviceTargetPortIsDeclared from './service-target-port-is-declared.ts'
import serviceTargetPortNameExists from './service-target-port-name-exists.ts'
import webhookServiceExists from './webhook-service-exists.ts'

export const rules: readonly Rule[] = [
  claimCanBeBound,
  claimExists,
  claimOfOneWriterIsReleasedFirst,
  claimOfReplicasAllowsManyNodes,
  configmapExists,
  configmapKeyExists,
  ingressCertificateIsOfTypeTls,
  mountedConfigurationIsKeptUpToDate,
  mountedSubpathExists,
  namespaceExists,
  objectAppearsOnce,
  priorityClassExists,
  pullSecretHoldsRegistryCredentials,
  roleBindingNamesARole,
  roleBindingSubjectExists,
  secretExists,
  secretKeyExists,
  serviceAccountExists,
  serviceNodePortIsUsedOnce,
  servicePortUsesTheDeclaredProtocol,
  serviceSelectorIsUnique,
  serviceSelectsAPod,
  serviceTargetPortIsDeclared,
  serviceTargetPortNameExists,
  webhookServiceExists,
]
