/** The commands that tell the incident, with what they print against the broken files: from the simulator, once per question version. */
import type { Millis } from '../../k8s/duration.ts'
import { moment, parseDuration } from '../../k8s/duration.ts'
import { runKubectl, simulate } from '../../cluster/index.ts'
import type { Files, Language } from '../question-type.ts'
import { filesIn } from './files.ts'
import { oncePerVersion } from './play.ts'
import { readScenario } from './scenario-text.ts'
import { shownOnTerminal } from './terminal.ts'

export type Evidence = { /** The moment in words. */ at: string; command: string; output: string }
type Gathered = Omit<Evidence, 'at'> & { at: Millis }

/** `commands` overrides those of scenario.yaml. The commands run in the scenario's namespace, in the first run, each at its moment. */
export function evidenceOf(files: Files, commands: readonly { at: string; command: string }[] | undefined, language: Language): Evidence[] {
  return oncePerVersion(`evidence ${JSON.stringify(commands ?? null)}`, files, () => gather(files, commands)).map((one) => ({ ...one, at: moment(one.at)[language] }))
}

/** One simulation per moment. The commands of a moment run one after the other as a person would type them: one that waits, such as `exec`, lets time pass for the next. */
function gather(files: Files, commands: readonly { at: string; command: string }[] | undefined): Gathered[] {
  const scenario = readScenario(files['scenario.yaml'] ?? '')
  const wanted = commands ? commands.map(({ at, command }) => ({ at: parseDuration(at) ?? 0, command })) : scenario.evidence
  const found: Gathered[] = wanted.map(({ at, command }) => ({ at, command, output: '' }))
  for (const moment of new Set(wanted.map(({ at }) => at))) {
    const { cluster } = simulate({ scenario, given: files, files: filesIn(files, 'broken'), until: moment })
    for (const [i, { at, command }] of wanted.entries()) {
      if (at !== moment) continue
      found[i]!.output = shownOnTerminal(runKubectl(cluster, command, { namespace: scenario.namespace }))
    }
  }
  return found
}
