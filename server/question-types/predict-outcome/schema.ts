import * as z from 'zod'
import { parseDuration } from '../../k8s/duration.ts'

const id = z.string().regex(/^[a-z][a-z0-9-]*$/)
const at = z.string().refine((text) => parseDuration(text) !== undefined, 'write a duration such as 90s')
const workload = z.string().regex(/^[a-z]+\/[^/]+(\/[^/]+)?$/, 'write kind/name or kind/namespace/name')

const ask = z.discriminatedUnion('ask', [
  /** The STATUS column of `kubectl get pods`; the key is among the options because the simulator says so, or lint complains. */
  z.strictObject({ id, ask: z.literal('status'), workload, at, options: z.array(z.string().min(1).max(60)).min(3).max(8) }),
  /** The RESTARTS column, the number of ready pods, the number of pods. */
  z.strictObject({ id, ask: z.enum(['restarts', 'ready', 'pods']), workload, at }),
])
export const specSchema = z.strictObject({ key: z.strictObject({ asks: z.array(ask).min(1).max(8) }) })
export type PredictAsk = z.infer<typeof ask>
export type PredictSpec = z.infer<typeof specSchema>
