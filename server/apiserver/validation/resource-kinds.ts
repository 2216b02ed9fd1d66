/** The kinds that run no Pods: their defaulting and validation, put together for the registry. */
import type { KindSpec } from '../kinds.ts'

export const resourceKinds: readonly KindSpec[] = []
