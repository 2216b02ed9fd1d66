/** Words that are made to break what reads them: kubectl answers, the cluster goes on, and nothing of JavaScript's own changes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { runKubectl } from '../../../server/cluster/kubectl/index.ts'
import { scenarioSchema } from '../../../server/cluster/scenario.ts'
import { simulateWith } from '../../../server/cluster/simulate.ts'
import { standardParts } from '../../../server/cluster/standard-parts.ts'
import { told } from './still-cluster.ts'

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: game}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: "busybox:1.37", command: [sleep, "3600"]}]}}
`
const scenario = scenarioSchema.parse({ runs: [{ name: 'main', warmup: '5s', length: '30s' }], goals: [{ id: 'any', admitted: {} }] })
const own = [Object, Object.prototype, Array.prototype, Function.prototype].map((one) => [one, Object.getOwnPropertyNames(one)] as const)

let cluster: LiveCluster
beforeEach(() => {
  cluster = simulateWith(standardParts(), { scenario, given: {}, files: { 'web.yaml': web } }).cluster
})
afterEach(() => {
  for (const [one, names] of own) expect(Object.getOwnPropertyNames(one)).toEqual(names)
})
const tell = (line: string, files: Record<string, string> = {}): string => told(cluster, line, { files })
const configMap = (more: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: game}\n${more}\n`

describe('fields that the server does not know, with --validate=false', () => {
  it.each(['"constructor.hasOwn": 1', '"__proto__.toLocaleString": 1', 'constructor: {prototype: {toString: 1}}', '"a.b": 1', '"a[0].b": 1', '"": 1'])('%s goes, and nothing else', (field) => {
    expect(tell('apply --validate=false -f c.yaml', { 'c.yaml': configMap(`data: {a: b}\n${field}`) })).toBe('configmap/c created\n')
    expect(Object.keys(cluster.view.get('ConfigMap', 'game', 'c')!).sort()).toEqual(['apiVersion', 'data', 'kind', 'metadata'])
  })
})

describe('the record of the last apply', () => {
  it.each(['{not json', 'null', '[null]', '5', '{"metadata":null,"spec":{"template":null}}'])('may be %s', (record) => {
    tell(`annotate deploy web kubectl.kubernetes.io/last-applied-configuration='${record}' --overwrite`)
    expect(tell('apply -f web.yaml', { 'web.yaml': web })).toMatch(/^deployment\.apps\/web (configured|unchanged)\n$/)
  })
  it('holds no older record, when what was got is applied again', () => {
    const got = tell('get deploy web -o yaml')
    expect(tell('apply -f again.yaml', { 'again.yaml': got })).toMatch(/^deployment\.apps\/web (configured|unchanged)\n$/)
    expect(cluster.view.get('Deployment', 'game', 'web')!.metadata.annotations!['kubectl.kubernetes.io/last-applied-configuration']).not.toContain('last-applied-configuration')
  })
})

const words = ['__proto__', 'constructor', 'hasOwnProperty', '(', '[', '{', '*', '*x', '&', '%', '\\', '.', '-', '--', '=', ':', '/', 'x'.repeat(5000), '\u0000', '\ud800', '🙂', '%999999999s', '-1s', '99999999999h']
const lines = [
  'get %', 'get pods %', 'get pod/%', 'get pods -l %', 'get pods --field-selector %', 'get pods -o %', 'get pods -o jsonpath=%', 'get pods -o custom-columns=%', 'get pods --sort-by=%', 'get pods -n %', 'describe % web', 'describe pod %',
  'logs %', 'logs deploy/web -c %', 'logs deploy/web --since=% --tail=%', 'exec deploy/web -- %', 'exec deploy/web -- printf %', "exec deploy/web -- sh -c 'cat %'", 'explain %', 'explain pods.%', 'rollout status deploy/% --timeout=%', 'rollout undo deploy/web --to-revision=%',
  'scale deploy web --replicas=%', 'set image deploy/web %=busybox:1', 'set image deploy/web app=%', 'set env deploy/web -c % A=1', 'set env deploy/web %=1', 'set resources deploy/web --limits=%', 'label deploy web %=a', 'label deploy web a=%', 'annotate deploy web %=%', 'taint node node-1 %=a:NoSchedule',
  'patch deploy web -p %', 'patch deploy web --type=json -p %', `patch deploy web -p '{"metadata":{"%":"%"}}'`, 'wait deploy/web --for=% --timeout=1s', 'wait deploy/web --for=jsonpath=%', 'auth can-i % %', 'auth can-i get pods --as=%', 'config set-context --current --namespace=%', 'create configmap % --from-literal=%=%', 'run % --image=%', 'expose deploy web --port=%', 'autoscale deploy web --max=%', 'drain % --timeout=%', 'cordon %', 'top pod %', 'delete % %', 'events --for=%', 'apply -f %', 'diff -f %', "get pods | grep '%'", "get pods | awk '%'", "get pods -o json | jq '%'", "get pods | sed '%'", "get pods | sort %", '%',
]
describe.each(lines)('kubectl %s', (line) => {
  it('answers whatever stands there', () => {
    for (const word of words) expect(typeof runKubectl(cluster, `kubectl ${line.replaceAll('%', word)}`, { namespace: 'game', files: {} }).exitCode).toBe('number')
    expect(runKubectl(cluster, 'kubectl get nodes', { namespace: 'game', files: {} }).exitCode).toBe(0)
  })
})

describe('patches that are none', () => {
  it.each([['json', '[null]'], ['json', '[{"op":"add","path":5}]'], ['json', '[{"op":"replace","path":"","value":null}]'], ['json', '[{"op":"remove","path":"/metadata"}]'], ['merge', '{"metadata":null}'], ['strategic', '{"metadata":null}'], ['merge', '{a: *x}'], ['merge', '{a: &a [x,x,x,x,x,x,x,x,x], b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a], c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b], d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c], e: [*d,*d,*d,*d,*d,*d,*d,*d]}']])('%s: %s', (type, patch) => {
    expect(tell(`patch deploy web --type=${type} -p '${patch}'`)).toMatch(/\S/)
    expect(tell('get deploy web -o name')).toBe('deployment.apps/web\n')
  })
})

it('waiting without an end ends', () => {
  const before = cluster.now
  expect(tell('wait deploy/web --for=condition=Never --timeout=-1s')).toContain('timed out waiting for the condition')
  expect(cluster.now - before).toBeLessThanOrEqual(3_600_000)
})
