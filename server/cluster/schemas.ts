/** The forms that others rely on, as JSON Schema: scenario.yaml with its application profiles, and what `readyz simulate --output json` prints. */
import * as z from 'zod'
import { simulationSchema } from './record-schema.ts'
import { playableSchema } from './scenario.ts'

const draft = { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' } as const

/** By name: `scenario` and `simulate`. */
export function schemas(): Readonly<Record<'scenario' | 'simulate', Record<string, unknown>>> {
  return { scenario: { title: 'scenario.yaml', ...z.toJSONSchema(playableSchema, draft) }, simulate: { title: 'readyz simulate --output json', ...z.toJSONSchema(simulationSchema, draft) } }
}
