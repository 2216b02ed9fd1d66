/** `readyz kubectl`, and what `simulate`, `kubectl` and `check` say to wrong input: one plain sentence and exit code 2, never a stack. The bundled command line is run as it ships. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCli } from '../scripts/build-node.mjs'
import { deploymentOf, fileOf } from './support/exercise.ts'

const folder = mkdtempSync(join(tmpdir(), 'readyz-commands-'))
const pool = fileURLToPath(new URL('../questions/01-overview/03-resources/battle-pool', import.meta.url))
const pipe = pathToFileURL(fileURLToPath(new URL('../scripts/closed-pipe.mjs', import.meta.url))).href
beforeAll(() => buildCli({ out: join(folder, 'cli') }), 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Verb = 'kubectl' | 'simulate' | 'check'
const scriptOf = (verb: Verb): string => `const { ${verb}Command } = await import(${JSON.stringify(pathToFileURL(join(folder, `cli/${verb}.mjs`)).href)}); process.exitCode = await ${verb}Command(process.argv.slice(1))`

function ranWith(input: string, verb: Verb, ...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', scriptOf(verb), '--', ...argv], { encoding: 'utf8', input, maxBuffer: 64 * 1024 * 1024 })
  return { status, stdout, stderr }
}
const ran = (verb: Verb, ...argv: string[]): ReturnType<typeof ranWith> => ranWith('', verb, ...argv)

/** A scenario of its own on disk. */
function scenarioOf(name: string, text: string): string {
  mkdirSync(join(folder, name, 'broken'), { recursive: true })
  writeFileSync(join(folder, name, 'scenario.yaml'), text)
  writeFileSync(join(folder, name, 'broken/a.yaml'), fileOf(deploymentOf()))
  return join(folder, name)
}

const kubectl = (...argv: string[]): ReturnType<typeof ran> => ran('kubectl', '--scenario', pool, ...argv)

describe('readyz kubectl', { timeout: 30_000 }, () => {
  it('prints what kubectl prints, at the end or at a moment, of any run', () => {
    expect(kubectl('--', 'get', 'pods')).toEqual({ status: 0, stderr: '', stdout: expect.stringMatching(/^NAME +READY +STATUS +RESTARTS +AGE\nbattle-0 +0\/1 +Pending +0 +100s\n/) as string })
    expect(kubectl('--at', '0s', '--', 'kubectl', 'get', 'pods', '--no-headers').stdout).toMatch(/^battle-0 +0\/1 +Pending +0 +0s\n/)
    expect(kubectl('--run', 'roomy', '--', 'get', 'pod', 'battle-0', '-o', 'name')).toEqual({ status: 0, stderr: '', stdout: 'pod/battle-0\n' })
  })
  it('explains fields from the published texts', () => {
    const { status, stdout, stderr } = kubectl('--', 'explain', 'pod.spec')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: spec <PodSpec>\n\nDESCRIPTION:\n {4}PodSpec is a description of a pod\.\n/)
    expect(kubectl('explain', 'cronjob.spec.schedule').stdout).toContain('The schedule in Cron format')
    expect(kubectl('--', 'explain', 'pod.spec.nope')).toEqual({ status: 1, stdout: '', stderr: 'error: field "nope" does not exist\n' })
  })
  it.each([
    ['an unknown verb', ['frobnicate'], 'error: unknown command "frobnicate" for "kubectl"\n'],
    ['an unknown kind', ['get', 'frogs'], 'error: the server doesn\'t have a resource type "frogs"\n'],
    ['a name that is not there', ['get', 'pod', 'nope'], 'Error from server (NotFound): pods "nope" not found\n'],
    ['an apply from an empty pipe', ['apply', '-f', '-'], 'error: no objects passed to apply\n'],
  ])('has the words and exit code of kubectl for %s', (_what, command, stderr) => expect(kubectl('--', ...command)).toEqual({ status: 1, stdout: '', stderr }))
  it.each([[['apply', '-f', '-']], [['apply', '-f-']], [['create', '--filename=-']], [['apply', '-Rf', '-']]])('reads what is piped in: %j', (command) => {
    const done = ranWith('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: piped }\n', 'kubectl', '--scenario', pool, '--', ...command)
    expect(done).toEqual({ status: 0, stdout: 'configmap/piped created\n', stderr: '' })
  })
  it('says that a moment lies after the end', () => expect(kubectl('--at', '2h', '--', 'get', 'pod', 'battle-0', '-o', 'name')).toEqual({ status: 0, stdout: 'pod/battle-0\n', stderr: 'The run full ends 100s after the apply; this is its end.\n' }))
})

describe('wrong input', { timeout: 30_000 }, () => {
  const run = 'runs: [{name: main, length: 10s}]\n'
  const linked = (): string => {
    const path = scenarioOf('linked', run)
    symlinkSync(join(folder, 'nowhere'), join(path, 'broken/b.yaml'))
    return path
  }
  it.each<[string, Verb, () => string[], RegExp]>([
    ['simulate: no run of that name', 'simulate', () => [pool, '--run', 'nope'], /^There is no run nope\. Runs: full, roomy\.\n$/],
    ['kubectl: no run of that name', 'kubectl', () => ['--scenario', pool, '--run', 'nope', '--', 'get', 'pods'], /^There is no run nope\. Runs: full, roomy\.\n$/],
    ['an option without its value', 'simulate', () => [pool, '--run'], /^--run needs a value\.\n$/],
    ['an option whose value is the end of options', 'kubectl', () => ['--scenario', '--', 'get', 'pods'], /^--scenario needs a value\.\n$/],
    ['an option that does not exist', 'kubectl', () => ['--scenaro', pool, '--', 'get', 'pods'], /^Unknown option --scenaro\.\n$/],
    ['a moment that is none', 'kubectl', () => ['--scenario', pool, '--at', 'soon', '--', 'get', 'pods'], /^"soon" is not a duration like 90s\.\n$/],
    ['a form of output that does not exist', 'simulate', () => [pool, '--output', 'xml'], /^--output is text or json\.\n$/],
    ['check: a form of output that does not exist', 'check', () => ['--output', 'xml'], /^--output is "xml"; valid are text, json/],
    ['a folder that is not there', 'simulate', () => ['/nowhere'], /^There is no \/nowhere\.\n$/],
    ['files to lay over that are not there', 'kubectl', () => ['--scenario', pool, '--with', '/nowhere', '--', 'get', 'pods'], /^There is no \/nowhere\.\n$/],
    ['check: a file that is not there', 'check', () => ['/nowhere'], /^There is no \/nowhere\./],
    ['a manifest that cannot be read', 'simulate', () => [linked()], /broken\/b\.yaml cannot be read: what it links to does not exist\.\n$/],
    ['kubectl: a manifest that cannot be read', 'kubectl', () => ['--scenario', join(folder, 'linked'), '--', 'get', 'pods'], /broken\/b\.yaml cannot be read: what it links to does not exist\.\n$/],
    ['check: a manifest that cannot be read', 'check', () => [join(folder, 'linked/broken')], /broken\/b\.yaml cannot be read: what it links to does not exist\.\n$/],
    ['a scenario that is a folder', 'simulate', () => [mkdirSync(join(folder, 'dir/scenario.yaml'), { recursive: true }) ? join(folder, 'dir') : ''], /scenario\.yaml cannot be read: it is a folder\.\n$/],
    ['a scenario without anything', 'kubectl', () => ['--scenario', scenarioOf('empty', ''), '--', 'get', 'pods'], /scenario\.yaml:1:1: scenario: Invalid input: expected object/],
    ['a goal of an unknown run', 'simulate', () => [scenarioOf('goal', `${run}goals: [{id: a, run: other, admitted: {}}]\n`)], /scenario\.yaml:2:22: goals\.0\.run: there is no run "other"; runs: main\n$/],
    ['a goal about unknown traffic', 'simulate', () => [scenarioOf('traffic', `${run}goals: [{id: a, noLoss: {traffic: players}}]\n`)], /^The scenario cannot be played: run main has no traffic called players\n$/],
    ['two runs of one name', 'simulate', () => [scenarioOf('twice', 'runs: [{name: main, length: 10s}, {name: main, length: 20s}]\n')], /scenario\.yaml:1:42: runs\.1\.name: there is another run called main\n$/],
    ['a step about an unknown kind', 'kubectl', () => ['--scenario', scenarioOf('kind', 'runs: [{name: main, length: 10s, steps: [{at: 1s, restart: frog/x}]}]\n'), '--', 'get', 'pods'], /scenario\.yaml:1:42: runs\.0\.steps\.0: "frog\/x" names no kind the simulated cluster knows\n$/],
    ['a file that the scenario names and that is not there', 'kubectl', () => ['--scenario', scenarioOf('given', `${run}given: [nope.yaml]\n`), '--', 'get', 'pods'], /^The scenario cannot be played: the scenario names nope\.yaml, which is not there\n$/],
  ])('%s', (_what, verb, argv, expected) => {
    const { status, stdout, stderr } = ran(verb, ...argv())
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(expected)])
    expect(stderr).not.toMatch(/^ +at |file:\/\//m)
  })
  it('leaves unread what lies beside a scenario and is not played', () => {
    const path = scenarioOf('beside', run)
    symlinkSync(join(folder, 'nowhere'), join(path, 'notes.md'))
    symlinkSync('circle', join(path, 'circle'))
    expect(ran('simulate', path)).toMatchObject({ status: 0, stderr: '' })
  })
})

it.skipIf(process.platform === 'win32')('a reader that has seen enough ends the command without a word', { timeout: 30_000 }, () => {
  const script = `const { endWithReader } = await import(${JSON.stringify(pipe)}); endWithReader(process.stdout); ${scriptOf('simulate')}`
  const { stdout, stderr } = spawnSync('sh', ['-c', '"$0" --input-type=module -e "$1" -- "$2" --output json | head -n 1', process.execPath, script, pool], { encoding: 'utf8' })
  expect([stdout, stderr]).toEqual(['{\n', ''])
})
