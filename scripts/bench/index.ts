/** `npm run bench [-- <name> [options]]`: one benchmark, or without a name those of grading, saving, the checker and the cluster in one run. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

type Benchmark = { run(argv: readonly string[]): unknown }

const usual = ['grade', 'autosave', 'checker', 'cluster']
const notBenchmarks = ['index', 'autosave-server', 'cluster-thread']
const known = readdirSync(fileURLToPath(new URL('.', import.meta.url))).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')).map((file) => file.slice(0, -3)).filter((name) => !notBenchmarks.includes(name))

const [name, ...options] = process.argv.slice(2)
if (name !== undefined && !known.includes(name)) {
  console.error(`There is no benchmark "${name}". Name one of ${known.join(', ')}, or none for ${usual.join(', ')}.`)
  process.exit(2)
}
for (const one of name === undefined ? usual : [name]) {
  if (name === undefined) console.log(`\n── ${one}`)
  await ((await import(`./${one}.ts`)) as Benchmark).run(options)
}
