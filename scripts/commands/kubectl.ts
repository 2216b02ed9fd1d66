/** `readyz kubectl --scenario FILE -- get pods`: one command against the simulated cluster of a scenario; exit code of kubectl, or 2 when it could not run. */
import { runKubectl, simulate } from '../../server/cluster/index.ts'
import { parseDuration } from '../../server/k8s/duration.ts'
import { CannotRun, readOptions, readScenarioFiles } from './scenario-files.ts'

const usage = `Usage: readyz kubectl --scenario FILE [--with DIR] [--run NAME] [--at 90s] -- COMMAND…

  --scenario FILE   scenario.yaml, or the folder of a question
  --with DIR        files laid over broken/
  --run NAME        the run to play (default: the first)
  --at 90s          the moment after the apply at which the command is given (default: the end of the run)
`

/** The verb; prints what kubectl prints. */
export async function kubectlCommand(argv: readonly string[]): Promise<number> {
  try {
    const { values, words, rest } = readOptions(argv, ['scenario', 'with', 'run', 'at'])
    if (values.help) {
      process.stdout.write(usage)
      return 0
    }
    const command = [...words, ...rest]
    if (values.scenario === undefined || command.length === 0) throw new CannotRun(usage)
    const until = values.at === undefined ? undefined : parseDuration(values.at)
    if (values.at !== undefined && until === undefined) throw new CannotRun(`"${values.at}" is not a duration like 90s.`)
    const { scenario, files, broken, answer } = readScenarioFiles(values.scenario, values.with)
    const { cluster } = simulate({ scenario, given: files, files: answer, ...(scenario.startsBroken ? { before: broken } : {}), ...(values.run === undefined ? {} : { run: values.run }), ...(until === undefined ? {} : { until }) })
    const { stdout, stderr, exitCode } = runKubectl(cluster, command, { namespace: scenario.namespace, files: { ...files, ...answer } })
    process.stdout.write(stdout)
    process.stderr.write(stderr)
    return exitCode
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}
