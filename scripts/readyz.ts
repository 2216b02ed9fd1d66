/** The command line: `readyz <verb> …`. Exit codes: 0 fine, 1 findings or unmet goals, 2 could not run. */

type Verb = { about: string; run: (argv: readonly string[]) => Promise<number> }

/** Each verb is loaded when it is called, so that `check` does not wait for the database. */
const verbs: Record<string, Verb> = {
  serve: { about: 'serve the site', run: async (argv) => (await import('./commands/serve.ts')).serve(argv) },
  seed: { about: 'bring the database in step with the question bank', run: async (argv) => (await import('./commands/seed.ts')).seed(argv) },
  check: { about: 'say what the API server says to manifests, and what will hurt', run: async (argv) => (await import('./commands/check.ts')).checkCommand(argv) },
  bank: { about: 'lint, prove or count the questions', run: async (argv) => (await import('./commands/bank.ts')).bank(argv) },
  simulate: { about: 'play a scenario against manifests and judge its goals', run: async (argv) => (await import('./commands/simulate.ts')).simulateCommand(argv) },
  kubectl: { about: 'ask the simulated cluster of a scenario, at a moment', run: async (argv) => (await import('./commands/kubectl.ts')).kubectlCommand(argv) },
}

const width = Math.max(...Object.keys(verbs).map((name) => name.length))
const usage = `Usage: readyz <verb> …\n\n${Object.entries(verbs).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`).join('\n')}\n\n\`readyz <verb> --help\` says more.\n`

const [verb, ...rest] = process.argv.slice(2)
if (verb === '--help' || verb === '-h') process.stdout.write(usage)
else if (verb === undefined || !Object.hasOwn(verbs, verb)) {
  process.stderr.write(verb === undefined ? usage : `Unknown verb "${verb}".\n\n${usage}`)
  process.exitCode = 2
} else {
  process.exitCode = await verbs[verb]!.run(rest)
}
