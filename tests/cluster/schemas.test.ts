/** What others rely on: the record that programs read, the schemas that are published, and a command that says where a scenario is wrong. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildCli } from '../../scripts/build-node.mjs'
import { schemaTexts } from '../../scripts/generate/forms.ts'
import { recordOf, schemas } from '../../server/cluster/index.ts'
import { simulationSchema } from '../../server/cluster/record-schema.ts'
import { deploymentOf, fileOf, judge, serviceOf } from '../support/exercise.ts'

const questions = fileURLToPath(new URL('../../questions/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'readyz-simulate-'))
beforeAll(() => buildCli({ out: join(folder, 'cli') }), 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function simulated(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--input-type=module', '-e', `const { simulateCommand } = await import(${JSON.stringify(join(folder, 'cli/simulate.mjs'))}); process.exitCode = await simulateCommand(process.argv.slice(1))`, ...argv], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

/** A scenario of its own on disk. */
function scenarioOf(name: string, text: string, manifests: string = fileOf(deploymentOf(), serviceOf())): string {
  mkdirSync(join(folder, name, 'broken'), { recursive: true })
  writeFileSync(join(folder, name, 'scenario.yaml'), text)
  writeFileSync(join(folder, name, 'broken/a.yaml'), manifests)
  return join(folder, name)
}

const good = `images: [{name: 'registry.game.example/login:1.8.2', profile: login}]
registries: {registry.game.example: {}}
profiles: {login: {image: {user: 10001, entrypoint: [/app/login]}, listen: [{port: 8080}], http: {/readyz: {}}}}
runs: [{name: main, length: 60s, traffic: [{name: players, from: {namespace: game}, to: {service: service/login, port: 80}}]}]
goals:
  - {id: up, ready: {workload: deployment/login, within: 30s}}
  - {id: open, reach: {from: {namespace: game}, to: {service: service/login, port: 80, path: /readyz}}}
  - {id: shut, reach: {from: {namespace: game}, to: {service: service/login, port: 81}, expect: no}}
`

describe('what simulate prints for programs', () => {
  it('has the published form and everything a comparison needs', { timeout: 60_000 }, () => {
    const { status, stdout } = simulated(scenarioOf('good', good), '--output', 'json')
    expect(status).toBe(0)
    const { runs: [run], constraints } = simulationSchema.parse(JSON.parse(stdout))
    expect(run!.objects.filter(({ kind }) => kind === 'Pod').every((pod) => (pod.status as { podIP?: string }).podIP !== undefined)).toBe(true)
    expect(new Set(run!.objects.map(({ kind }) => kind))).toContain('EndpointSlice')
    expect(run!.events.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started', 'ScalingReplicaSet', 'SuccessfulCreate']))
    expect(run!.events.every((event) => event.at >= -30_000 && event.at <= 60_000)).toBe(true)
    expect(run!.columns.filter(({ kind, name }) => kind === 'Deployment' && name === 'login').map(({ columns }) => columns.READY)).toEqual(['0/2', '2/2'])
    expect(run!.reach).toMatchObject([{ data: { from: 'a pod in namespace game', to: 'service/login:80/readyz', expect: 'yes', ok: true, tries: 6, answered: 6, status: 200 } }, { data: { to: 'service/login:81', expect: 'no', ok: false, answered: 0, stage: 'no-such-port', symptom: 'timeout' } }])
    expect(run!.goals.every(({ verdict, evidence, because }) => verdict === 'met' && evidence.length > 0 && because['zh-CN'] !== '')).toBe(true)
    expect(constraints.map(({ id }) => id)).toEqual(['K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10'])
  })
  it.each(['01-overview/03-resources/battle-pool', '05-production/09-rollout/resets-on-deploy', '05-production/10-security/restricted-rejects'])('of %s too', { timeout: 60_000 }, (id) => {
    const { stdout } = simulated(join(questions, id), '--output', 'json')
    expect(simulationSchema.safeParse(JSON.parse(stdout)).error?.issues).toBeUndefined()
  })
  it('is the record of the run', () => {
    const { simulation } = judge({ goal: { ready: { workload: 'deployment/login', within: '60s' } } })
    expect(simulationSchema.safeParse({ runs: [JSON.parse(JSON.stringify(recordOf(simulation)))], constraints: [] }).error?.issues).toBeUndefined()
  })
  it('has no verdicts for a prediction, which has no goals', { timeout: 60_000 }, () => {
    const prediction = join(questions, '05-production/09-rollout/predict-bad-tag')
    const json = simulated(prediction, '--output', 'json')
    expect(json.status).toBe(0)
    const { runs: [run], constraints } = simulationSchema.parse(JSON.parse(json.stdout))
    expect([run!.completed, run!.goals, constraints]).toEqual([true, [], []])
    const text = simulated(prediction).stdout
    expect(text).toMatch(/^ {2}lobby\.yaml: deployment\/lobby created$/m)
    expect(text).toContain('ImagePullBackOff')
    expect(text).not.toMatch(/^(goals|constraints)$/m)
  })
  it('says that a limit was hit, in both forms and by its exit code', { timeout: 60_000 }, () => {
    const endless = scenarioOf('endless', good.replace('length: 60s', 'length: 50h'))
    const json = simulated(endless, '--output', 'json')
    expect(json.status).toBe(1)
    const [run] = simulationSchema.parse(JSON.parse(json.stdout)).runs
    expect(run).toMatchObject({ completed: false, limit: expect.stringMatching(/^more than 48 h of virtual time/) as string })
    expect(run!.goals.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided', 'undecided'])
    expect(simulated(endless).stdout).toMatch(/^run main: cut short, more than 48 h of virtual time$/m)
  })
})

describe('a scenario that is wrong', () => {
  it.each([
    ['a field that does not exist', good.replace('length: 60s', 'lenght: 60s'), /scenario\.yaml:4:8: runs\.0: .*lenght/],
    ['a duration that is none', good.replace('within: 30s', 'within: soon'), /scenario\.yaml:6:58: goals\.0\.ready\.within: "soon" is not a duration/],
    ['a regular expression that is none', good.replace('ready: {workload: deployment/login, within: 30s}', 'logs: {workload: deployment/login, line: "("}'), /scenario\.yaml:6:55: goals\.0\.logs\.line: is no regular expression/],
    ['two things in one goal', good.replace('within: 30s}}', 'within: 30s}, noRestart: {workload: deployment/login}}'), /scenario\.yaml:6:5: goals\.0: goal up must have exactly one predicate; it has ready, noRestart/],
    ['a step that does nothing', good.replace('length: 60s,', 'length: 60s, steps: [{at: 5s}],'), /scenario\.yaml:4:\d+: runs\.0\.steps\.0: a step does exactly one thing; this one does none/],
    ['two ways to ask in one target', good.replace('port: 80}}]', "port: 80, path: /, grpc: ''}}]"), /scenario\.yaml:4:\d+: runs\.0\.traffic\.0\.to\.grpc: path and grpc exclude each other/],
    ['a setting of gRPC without it', good.replace('port: 80}}]', 'port: 80}, keepalive: 30s}]'), /scenario\.yaml:4:\d+: runs\.0\.traffic\.0\.keepalive: only for gRPC \(to\.grpc\)/],
    ['no YAML', good.replace('runs: [', 'runs: [['), /scenario\.yaml:\d+:\d+: /],
  ])('%s: says so with line and column', { timeout: 60_000 }, (name, text, expected) => {
    const { status, stderr } = simulated(scenarioOf(name.replaceAll(' ', '-'), text))
    expect([status, stderr]).toEqual([2, expect.stringMatching(expected)])
    expect(stderr).not.toContain('at Object')
  })
})

describe('the published schemas', () => {
  it.each(Object.entries(schemaTexts()))('%s is the committed one', (name, text) => expect(readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8')).toBe(text))

  it('name every step, goal and field of a profile, and are strict', () => {
    const { scenario } = schemas()
    const text = JSON.stringify(scenario)
    for (const word of ['apply', 'delete', 'patch', 'scale', 'restart', 'setImage', 'undo', 'deletePods', 'drain', 'cordon', 'uncordon', 'failNode', 'recoverNode', 'behave', 'external', 'load', 'memoryPressure', 'diskPressure', 'registry', 'logs', 'singleWriter', 'upstreams', 'writes', 'sigterm', 'mayBecome']) expect(text).toContain(`"${word}":`)
    expect(scenario.additionalProperties).toBe(false)
  })
  it('hold for every scenario of the bank as it is written', () => {
    const properties = schemas().scenario.properties as Record<string, unknown>
    const found = (readdirSync(questions, { recursive: true }) as string[]).filter((path) => path.endsWith('scenario.yaml'))
    expect(found.length).toBeGreaterThan(20)
    for (const path of found) expect(Object.keys(parse(readFileSync(join(questions, path), 'utf8')) as object).filter((key) => !Object.hasOwn(properties, key)), path).toEqual([])
  })
})
