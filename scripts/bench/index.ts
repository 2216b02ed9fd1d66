/** `npm run bench -- <name> [options]`: runs one benchmark. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [name, ...options] = process.argv.slice(2)
const folder = fileURLToPath(new URL('.', import.meta.url))
const known = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'index.ts').map((file) => file.slice(0, -3))
if (name === undefined || !known.includes(name) || !existsSync(`${folder}${name}.ts`)) {
  console.error(`Name a benchmark: ${known.join(', ')}.`)
  process.exit(2)
}
const benchmark = (await import(`./${name}.ts`)) as { run(argv: string[]): unknown }
await benchmark.run(options)
