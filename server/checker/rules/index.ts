/** Every rule, by id. Written by `npm run generate`. */
import type { Rule } from '../rule.ts'
import configmapExists from './configmap-exists.ts'
import configmapKeyExists from './configmap-key-exists.ts'
import ingressCertificateIsOfTypeTls from './ingress-certificate-is-of-type-tls.ts'
import mountedConfigurationIsKeptUpToDate from './mounted-configuration-is-kept-up-to-date.ts'
import mountedSubpathExists from './mounted-subpath-exists.ts'
import pullSecretHoldsRegistryCredentials from './pull-secret-holds-registry-credentials.ts'
import secretExists from './secret-exists.ts'
import secretKeyExists from './secret-key-exists.ts'
import serviceNodePortIsUsedOnce from './service-node-port-is-used-once.ts'
import servicePortUsesTheDeclaredProtocol from './service-port-uses-the-declared-protocol.ts'
import serviceSelectorIsUnique from './service-selector-is-unique.ts'
import serviceSelectsAPod from './service-selects-a-pod.ts'
import serviceTargetPortIsDeclared from './service-target-port-is-declared.ts'
import serviceTargetPortNameExists from './service-target-port-name-exists.ts'

export const rules: readonly Rule[] = [
  configmapExists,
  configmapKeyExists,
  ingressCertificateIsOfTypeTls,
  mountedConfigurationIsKeptUpToDate,
  mountedSubpathExists,
  pullSecretHoldsRegistryCredentials,
  secretExists,
  secretKeyExists,
  serviceNodePortIsUsedOnce,
  servicePortUsesTheDeclaredProtocol,
  serviceSelectorIsUnique,
  serviceSelectsAPod,
  serviceTargetPortIsDeclared,
  serviceTargetPortNameExists,
]
