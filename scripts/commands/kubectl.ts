/** `readyz kubectl --scenario FILE -- get pods`: one command against the simulated cluster of a scenario; exit code of kubectl, or 2 when it could not run. */
import { documentationFrom, kindToExplain, runKubectl } from '../../server/cluster/index.ts'
import { parseDuration } from '../../server/k8s/duration.ts'
import { loadDocumentation } from '../../server/k8s/schemas/documentation.ts'
import { schemasOf } from '../../server/k8s/schemas/schema.ts'
import { CannotRun, standardInput } from './reading.ts'
import { played, readOptions, readScenarioFiles, runsOf } from './scenario-files.ts'

const usage = `Usage: readyz kubectl --scenario FILE [--with DIR] [--run NAME] [--at 90s] -- COMMAND…

  --scenario FILE   scenario.yaml, or the folder of a question
  --with DIR        files laid over broken/
  --run NAME        the run to play (default: the first)
  --at 90s          the moment after the apply at which the command is given (default: the end of the run)

A file named - is standard input: … -- apply -f - < pod.yaml
`

/** Does the word, or the flag it is the value of, name standard input as a file? */
function namesInput(word: string, i: number, words: readonly string[]): boolean {
  return word === '-' ? /^(-[a-zA-Z]*f|--filename)$/.test(words[i - 1] ?? '') : /^(-[a-zA-Z]*f|--filename)=?-$/.test(word)
}

async function inputText(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Reading manifests from the terminal; Ctrl-D ends them.\n')
  return (await standardInput()).toString('utf8')
}

/** The verb; prints what kubectl prints. */
export async function kubectlCommand(argv: readonly string[]): Promise<number> {
  try {
    const { values, words, rest } = readOptions(argv, ['scenario', 'with', 'run', 'at'])
    if (values.help) {
      process.stdout.write(usage)
      return 0
    }
    const asked = [...words, ...rest]
    if (values.scenario === undefined || asked.length === 0) throw new CannotRun(usage)
    const command = /^(kubectl|k|watch)$/.test(asked[0]!) ? asked : ['kubectl', ...asked]
    const until = values.at === undefined ? undefined : parseDuration(values.at)
    if (values.at !== undefined && until === undefined) throw new CannotRun(`"${values.at}" is not a duration like 90s.`)
    const read = readScenarioFiles(values.scenario, values.with)
    const { scenario, files, answer } = read
    const [run] = runsOf(scenario, values.run)
    const { length } = scenario.runs.find(({ name }) => name === run)!
    if (until !== undefined && until > length) process.stderr.write(`The run ${run!} ends ${length / 1000}s after the apply; this is its end.\n`)
    const { cluster } = played(read, { run: run!, ...(until === undefined ? {} : { until }) })
    // The texts that `explain` prints are large, so those of one kind are loaded when a line asks for them.
    const wanted = kindToExplain(command)
    const texts = wanted && (await loadDocumentation(wanted.apiVersion, wanted.kind))
    const documentation = documentationFrom(schemasOf(scenario.kubernetes), () => texts)
    const input = command.some(namesInput) ? await inputText() : undefined
    const { stdout, stderr, exitCode } = runKubectl(cluster, command, { namespace: scenario.namespace, files: { ...files, ...answer } }, { documentation, ...(input === undefined ? {} : { input }) })
    process.stdout.write(stdout)
    process.stderr.write(stderr)
    return exitCode
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}
