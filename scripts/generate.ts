/** `npm run generate [name]...`: makes the files that are derived from others. Without a name, all of them. */
import { generateCluster } from './generate/cluster.ts'
import { generateForms } from './generate/forms.ts'
import { generateRules } from './generate/rules.ts'
import { generateSchemas } from './generate/schemas.ts'

const generators: Record<string, () => void | Promise<void>> = { schemas: generateSchemas, rules: generateRules, cluster: generateCluster, forms: generateForms }

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(generators, name))
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Known: ${Object.keys(generators).join(', ')}.`)
  process.exit(2)
}
for (const [name, generate] of Object.entries(generators)) if (wanted.length === 0 || wanted.includes(name)) await generate()
