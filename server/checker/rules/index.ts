/** Every rule, by id. Written by `npm run generate`. */
import type { Rule } from '../rule.ts'
import serviceNodePortIsUsedOnce from './service-node-port-is-used-once.ts'
import servicePortUsesTheDeclaredProtocol from './service-port-uses-the-declared-protocol.ts'
import serviceSelectorIsUnique from './service-selector-is-unique.ts'
import serviceSelectsAPod from './service-selects-a-pod.ts'
import serviceTargetPortIsDeclared from './service-target-port-is-declared.ts'
import serviceTargetPortNameExists from './service-target-port-name-exists.ts'

export const rules: readonly Rule[] = [
  serviceNodePortIsUsedOnce,
  servicePortUsesTheDeclaredProtocol,
  serviceSelectorIsUnique,
  serviceSelectsAPod,
  serviceTargetPortIsDeclared,
  serviceTargetPortNameExists,
]
