/** The kinds that run Pods: their defaulting and validation, put together for the registry. */
import type { KindSpec } from '../kinds.ts'

export const workloadKinds: readonly KindSpec[] = []
