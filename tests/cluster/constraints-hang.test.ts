/** K4, played: a liveness probe that was changed must notice a hang as the one of before did. */
import { describe, expect, it } from 'vitest'
import { checkConstraints, unfeltHangs } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { deploymentOf, fileOf, judge, serviceOf } from '../support/exercise.ts'

const livez = { httpGet: { path: '/livez', port: 8080 } }
const commands = { '/app/login health': { output: 'ok\n' }, '/app/login version': { output: '1.8.2\n', failsWhenHung: false } }
const http = { '/livez': {}, '/readyz': {}, '/': {}, '/static': { answersWhenHung: true } }
const exec = (...command: string[]): Fields => ({ exec: { command } })

/** Breaches of K4 in a cluster that was played to its end. */
function breaches(before: Fields | undefined, after: Fields | undefined, { container = {}, profile = {}, run = {} }: { container?: Fields; profile?: Fields; run?: Fields } = {}): string[] {
  const [broken, answer] = [before, after].map((livenessProbe) => ({ 'a.yaml': fileOf(deploymentOf({ ...container, livenessProbe }), serviceOf()) }))
  const { simulation } = judge({ objects: [deploymentOf({ ...container, livenessProbe: after }), serviceOf()], goal: { admitted: {} }, profile: { http, commands, ...profile }, run })
  const unfelt = unfeltHangs(simulation.cluster, broken!, answer!)
  return checkConstraints({ scenario: simulation.cluster.scenario, broken: broken!, given: {}, answer: answer!, unfelt }).filter(({ id, broken: isBroken }) => id === 'K4' && isBroken).map(({ because }) => because.en)
}

const unnoticed = ['The livenessProbe of container gateway does not notice that the program hangs.']

const cases: [name: string, expected: string[], before: Fields | undefined, after: Fields | undefined, more?: Parameters<typeof breaches>[2]][] = [
  ['nothing changed', [], livez, livez],
  ['another path of the program', [], livez, { httpGet: { path: '/readyz', port: 8080 } }],
  ['a page that a hung program still shows', unnoticed, livez, { httpGet: { path: '/static', port: 8080 } }],
  ['an open port', unnoticed, livez, { tcpSocket: { port: 8080 } }],
  ['an open port, as before', [], { tcpSocket: { port: 'http' } }, { tcpSocket: { port: 8080 } }],
  ['an open port in place of a page on the wrong one', unnoticed, { httpGet: { path: '/livez', port: 8081 } }, { tcpSocket: { port: 8080 } }],
  ['a command that asks the program', [], livez, exec('/app/login', 'health')],
  ['a command that asks nobody', unnoticed, livez, exec('/app/login', 'version')],
  ['a question in a shell', [], livez, exec('sh', '-c', 'wget -q -O /dev/null http://localhost:8080/livez')],
  ['a process that is there', unnoticed, livez, exec('sh', '-c', 'kill -0 1')],
  ['a probe that is new', [], undefined, { tcpSocket: { port: 8080 } }],
  ['a container without a program that could hang', [], livez, exec('sh', '-c', 'kill -0 1'), { container: { command: ['sh', '-c', 'while true; do sleep 1; done'] } }],
  ['a probe that asks another host', unnoticed, livez, { tcpSocket: { port: 443, host: '10.96.0.1' } }],
  ['a hang that is for the goals to judge', [], livez, { tcpSocket: { port: 8080 } }, { run: { steps: [{ at: '60s', behave: { workload: 'deployment/login', count: 1, mode: 'hang' } }] } }],
  ['a hang of something else', unnoticed, livez, { tcpSocket: { port: 8080 } }, { run: { steps: [{ at: '60s', behave: { workload: 'deployment/redis', mode: 'hang' } }] } }],
  ['a deadlock that is for the goals to judge', [], livez, { tcpSocket: { port: 8080 } }, { profile: { deadlock: { after: '300s' } } }],
]

describe('a hang at the end of a run', () => {
  it.each(cases)('%s', (_name, expected, before, after, more) => expect(breaches(before, after, more)).toEqual(expected))
})
