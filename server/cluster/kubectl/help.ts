/** What the console understands, for `kubectl help` and for the page beside it. */
import { standingTools, toolNames } from './filters/index.ts'
import { globalFlags } from './command-line.ts'
import { verbs } from './verbs/index.ts'
import type { Verb } from './verbs/verb.ts'

export type HelpEntry = { name: string; usage: string; about: string; flags: string[]; /** Known, but only answered with what to do instead. */ absent?: true }

/** Every command with its usage, one sentence and its flags; subcommands as entries of their own. */
export function kubectlHelp(): HelpEntry[] {
  const entry = (verb: Verb, parents: string): HelpEntry[] => [
    ...(verb.run ? [{ name: `${parents}${verb.name}`, usage: `kubectl ${verb.usage}`, about: verb.about, flags: (verb.flags ?? []).map((flag) => `${flag.short ? `-${flag.short}, ` : ''}--${flag.name}`), ...(verb.absent ? { absent: true as const } : {}) }] : []),
    ...(verb.verbs ?? []).flatMap((child) => entry(child, `${parents}${verb.name} `)),
  ]
  return verbs.flatMap((verb) => entry(verb, ''))
}

/** The help of one verb, or of all. */
export function helpFor(verb: Verb | undefined, path: string): string {
  const listed = (list: readonly Verb[]): string[] => list.map((item) => `  ${item.name.padEnd(Math.max(14, ...list.map((one) => one.name.length + 2)))}${item.about}`)
  if (!verb) return ['kubectl controls the simulated cluster.', '', 'Commands understood here:', ...listed(verbs), '', `Beside kubectl: ${standingTools.join(', ')}. After a pipe: ${toolNames.join(', ')}, xargs.`, 'Use "kubectl <command> --help" for more information about a given command.', ''].join('\n')
  const flags = [...(verb.flags ?? []), ...globalFlags.filter((flag) => ['namespace', 'as', 'as-group'].includes(flag.name))]
  return [`${verb.about}.`, '', 'Usage:', `  kubectl ${verb.usage}`, ...(verb.verbs ? ['', 'Available Commands:', ...listed(verb.verbs)] : []), ...(verb.run ? ['', 'Options:', ...flags.map((flag) => `    ${flag.short ? `-${flag.short}, ` : '    '}--${flag.name}`)] : []), ...(verb.verbs ? ['', `Use "${path} <command> --help" for more information about a given command.`] : []), ''].join('\n')
}
