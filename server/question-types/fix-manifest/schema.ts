import * as z from 'zod'

const command = z.strictObject({ at: z.string(), command: z.string().startsWith('kubectl ') })
export const specSchema = z.strictObject({
  key: z.strictObject({ nearMisses: z.record(z.string(), z.array(z.string()).min(1)).default({}), evidence: z.array(command).optional() }).prefault({}),
})
export type RepairSpec = z.infer<typeof specSchema>
