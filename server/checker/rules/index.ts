/** Every rule, by id. Written by `npm run generate`. */
import type { Rule } from '../rule.ts'
import serviceSelectsAPod from './service-selects-a-pod.ts'

export const rules: readonly Rule[] = [
  serviceSelectsAPod,
]
