/** Writes the JSON Schemas of what people and programs exchange with the simulator: docs/reference/scenario.schema.json and simulate.schema.json. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { schemas } from '../../server/cluster/index.ts'

const reference = fileURLToPath(new URL('../../docs/reference/', import.meta.url))

/** The text of each file by its name. */
export function schemaTexts(): Record<string, string> {
  return Object.fromEntries(Object.entries(schemas()).map(([name, schema]) => [`${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]))
}

export function generateForms(): void {
  mkdirSync(reference, { recursive: true })
  for (const [name, text] of Object.entries(schemaTexts())) writeFileSync(`${reference}${name}`, text)
}
