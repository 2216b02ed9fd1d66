/** The command line: `readyz <verb> …`. Exit codes: 0 fine, 1 findings or unmet goals, 2 could not run. */
import { bank } from './commands/bank.ts'

const verbs: Record<string, (argv: readonly string[]) => Promise<number>> = { bank }

const [verb, ...rest] = process.argv.slice(2)
if (verb === undefined || !Object.hasOwn(verbs, verb)) {
  process.stderr.write(`Usage: readyz <verb> …\nVerbs: ${Object.keys(verbs).join(', ')}\n`)
  process.exitCode = 2
} else {
  process.exitCode = await verbs[verb]!(rest)
}
