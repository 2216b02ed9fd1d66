/** `npm run generate [name]...`: makes the files that are derived from others. Without a name, all of them. */
const generators: Readonly<Record<string, () => Promise<void>>> = {
  // Each is loaded when its turn comes: the others need the schemas.
  schemas: async () => (await import('./generate/schemas.ts')).generateSchemas(),
  rules: async () => (await import('./generate/rules.ts')).generateRules(),
  cluster: async () => (await import('./generate/cluster.ts')).generateCluster(),
  forms: async () => (await import('./generate/forms.ts')).generateForms(),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(generators, name))
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Known: ${Object.keys(generators).join(', ')}.`)
  process.exit(2)
}
for (const [name, generate] of Object.entries(generators)) if (wanted.length === 0 || wanted.includes(name)) await generate()

export {}
