/** Words that are made to break what reads them: kubectl answers, the cluster goes on, and nothing of JavaScript's own changes. */
import fc from 'fast-check'
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
  const record = (text: string): string => tell(`annotate deploy web kubectl.kubernetes.io/last-applied-configuration='${text}' --overwrite`)
  const template = (containers: string): string => `{"spec":{"template":{"spec":{"containers":${containers}}}}}`
  it.each(['', 'null', '{}', '{"metadata":null,"spec":{"template":null}}', template('[null,5]'), template('null'), template('{"__proto__":null}'), '{"__proto__":{"a":1},"constructor":null}'])('may be %s', (text) => {
    record(text)
    expect(tell('apply -f web.yaml', { 'web.yaml': web })).toMatch(/^deployment\.apps\/web (configured|unchanged)\n$/)
    expect(tell('get deploy web -o jsonpath={.spec.template.spec.containers[*].name}')).toBe('app')
  })
  it.each(['{not json', '[null]', '5'])('is refused as kubectl refuses it when it is %s, until somebody takes it away', (text) => {
    record(text)
    const refusal = `error when creating patch with:\noriginal:\n${text}\nmodified:\n`
    expect(tell('apply -f web.yaml', { 'web.yaml': web })).toContain(`warning: error calculating patch from openapi spec: invalid JSON document\nerror: error when applying patch:\n\nto:\nResource: "apps/v1, Resource=deployments", GroupVersionKind: "apps/v1, Kind=Deployment"\nName: "web", Namespace: "game"\nfor: "web.yaml": ${refusal}`)
    expect(tell('diff -f web.yaml', { 'web.yaml': web })).toContain(`error: ${refusal}`)
    expect(tell('apply -f web.yaml --dry-run=client', { 'web.yaml': web })).toContain('for: "web.yaml": invalid JSON document\nexit 1\n')
    tell('annotate deploy web kubectl.kubernetes.io/last-applied-configuration-')
    expect(tell('apply -f web.yaml', { 'web.yaml': web })).toMatch(/^deployment\.apps\/web configured\n/m)
  })
  it('loses no field whose name every object of JavaScript knows', () => {
    tell('label deploy web toString=x constructor=y')
    tell('apply -f web.yaml', { 'web.yaml': web.replace('namespace: game', 'namespace: game, labels: {a: b}') })
    expect(cluster.view.get('Deployment', 'game', 'web')!.metadata.labels).toEqual({ a: 'b', constructor: 'y', toString: 'x' })
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
  'rollout history deploy/web --revision=%', 'rollout restart deploy/%', 'rollout pause %', 'rollout resume %', 'set selector svc % %=a', 'set subject rolebinding % --user=%', 'set serviceaccount deploy web %', 'create deployment % --image=%', 'create secret generic % --from-literal=%', 'create role % --verb=% --resource=%', 'create quota % --hard=%', 'create job % --image=%', 'create ns %', 'create -f %', 'replace -f %', 'uncordon %', 'api-resources --api-group=%', 'version -o %', 'cluster-info %', 'debug %', 'edit %', 'cp % %', 'port-forward % %', 'attach %', 'help %', 'completion %',
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

/** Every place in a value: the steps that lead there. */
function places(value: unknown, steps: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [steps]
  return [steps, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...steps, Array.isArray(value) ? Number(key) : key]))]
}

/** The value with another one at a place, or with one more field there. */
function replaced(value: unknown, [step, ...steps]: readonly (string | number)[], by: unknown): unknown {
  if (step === undefined) return by
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === step ? replaced(item, steps, by) : item))
  const entries = Object.entries(value as object)
  return Object.fromEntries(entries.map(([key, inner]) => [key, key === step ? replaced(inner, steps, by) : (inner as unknown)]))
}

describe('manifests with something hostile in one place', () => {
  const container = { name: 'app', image: 'busybox:1.37', command: ['sleep', '9'], env: [{ name: 'A', value: 'b' }, { name: 'C', valueFrom: { configMapKeyRef: { name: 'c', key: 'd' } } }], ports: [{ name: 'http', containerPort: 80 }], resources: { limits: { cpu: '1' } }, volumeMounts: [{ name: 'v', mountPath: '/v' }], readinessProbe: { httpGet: { path: '/', port: 'http' } } }
  const metadata = { name: 'web', namespace: 'game', labels: { app: 'web' }, annotations: { a: 'b' }, finalizers: ['a/b'], ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u' }] }
  const spec = { containers: [container], initContainers: [{ name: 'first', image: 'busybox:1.37' }], volumes: [{ name: 'v', emptyDir: {} }], tolerations: [{ key: 'a', operator: 'Exists' }], nodeSelector: { a: 'b' } }
  const template = { metadata: { labels: { app: 'web' } }, spec }
  const manifests = [
    { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, strategy: { rollingUpdate: { maxSurge: 1 } }, template } },
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { ...template, spec: { ...spec, restartPolicy: 'Never' } } } } } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: 'web' }, type: 'NodePort', ports: [{ name: 'http', port: 80, targetPort: 'http' }] } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' }, binaryData: { c: 'ZA==' } },
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules: [{ host: 'a.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'a' }] },
  ]
  const values: unknown[] = [null, [null], [], {}, [[1]], -1, 1e21, true, '', ...words.filter((word) => word.length < 40), 'x'.repeat(5000), { constructor: { prototype: null } }, JSON.parse('{"__proto__":{"toString":null}}'), { hasOwnProperty: 1 }, { 'a.b': null }]
  const doings = ['apply', 'apply --validate=false', 'apply --validate=warn', 'apply --dry-run=server', 'apply --dry-run=client -o yaml', 'create', 'create --save-config', 'replace', 'replace --force', 'diff', 'get -o wide', 'describe', 'label a=b --local -o yaml', 'annotate a=b --local', 'annotate --list --local', `patch -p '{"metadata":{"labels":{"c":"d"}},"spec":{"a":null}}' --local -o yaml`, 'set image app=a:1 --local -o yaml', 'set env A=b --local -o yaml', 'set env --list --local', 'set resources --limits=cpu=1 --local -o yaml', 'set serviceaccount a --local', 'set selector a=b --local', 'set subject --user=b --local', 'label c=d --overwrite', 'wait --for=delete --timeout=0', 'delete --wait=false']
  const spoiled = fc.constantFrom(...manifests).chain((manifest) => fc.record({ steps: fc.constantFrom(...places(manifest)), by: fc.constantFrom(...values) }).map(({ steps, by }) => replaced(manifest, steps, by)))
  it('are answered, from a file and from standard input, and the cluster goes on', () => {
    fc.assert(
      fc.property(spoiled, fc.array(fc.constantFrom(...doings), { minLength: 1, maxLength: 3 }), (manifest, list) => {
        const text = JSON.stringify(manifest)
        for (const doing of list) {
          const run = (line: string): void => expect(typeof runKubectl(cluster, line, { namespace: 'game', files: { 'a.yaml': text } }).exitCode).toBe('number')
          run(`kubectl ${doing} -f a.yaml`)
          run(`echo '${text.replaceAll("'", '')}' | kubectl ${doing} -f -`)
        }
        expect(cluster.advance(cluster.now + 1000)).toBe(true)
        expect(runKubectl(cluster, 'kubectl get all -A -o yaml', { namespace: 'game', files: {} }).exitCode).toBe(0)
        for (const [one, names] of own) expect(Object.getOwnPropertyNames(one)).toEqual(names)
      }),
      { seed: 20260105, numRuns: 1000 },
    )
  }, 120_000)
})

describe('--local', () => {
  const pod = (spec: string): Record<string, string> => ({ 'a.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: ${spec}\n` })
  it('asks no server: the object need not be there, nor may anybody do anything', () => {
    expect(tell('label -f a.yaml a=b --local --as=nobody', pod('{containers: [{name: a, image: b}]}'))).toBe('pod/x labeled (dry run)\n')
    expect(tell('annotate -f a.yaml a=b --local --as=nobody -o jsonpath={.metadata.annotations}', pod('{}'))).toBe('{"a":"b"}')
    expect(tell(`patch -f a.yaml -p '{"metadata":{"labels":{"a":"b"}}}' --local --as=nobody`, pod('{}'))).toBe('pod/x patched (dry run)\n')
    expect(cluster.view.get('Pod', 'game', 'x')).toBeUndefined()
  })
  it('takes files and no names, and no dry run of a server', () => {
    expect(tell('label pod x a=b --local')).toBe('error: can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set\nexit 1\n')
    expect(tell('annotate a=b --local')).toBe('error: one or more files must be specified as -f pod.yaml or --filename=pod.json\nexit 1\n')
    expect(tell('label -f a.yaml a=b --local --dry-run=server', pod('{}'))).toBe('error: cannot specify --local and --dry-run=server - did you mean --dry-run=client?\nexit 1\n')
  })
  it('takes lists as they come', () => {
    expect(tell('set subject -f a.yaml --user=b --local -o jsonpath={.subjects[*].name}', { 'a.yaml': 'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: x}\nsubjects: none\n' })).toBe('b')
    expect(tell('set env -f a.yaml A=b --local -o jsonpath={.spec.containers[0].env}', pod('{containers: [null]}'))).toBe('[{"name":"A","value":"b"}]')
    expect(tell('set env -f a.yaml --list --local', pod('{initContainers: [{name: a}]}'))).toBe('')
  })
})

describe('the API for dry runs', () => {
  const all = (): string => JSON.stringify(['Deployment', 'Pod', 'Namespace', 'PodDisruptionBudget'].map((kind) => cluster.view.list(kind)))
  it('stores nothing and takes nothing away, whatever it is asked', () => {
    tell('apply -f b.yaml', { 'b.yaml': 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b, namespace: game}\nspec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}\n' })
    cluster.advance(cluster.now + 5000)
    const before = all()
    const dry = cluster.api.dryRun()
    const pod = { kind: 'Pod', namespace: 'game', name: cluster.view.list('Pod', 'game')[0]!.metadata.name }
    const web = { kind: 'Deployment', namespace: 'game', name: 'web' }
    expect(dry.evict(pod)).toEqual({})
    dry.setStatus(pod, { phase: 'Failed' })
    dry.remove(pod)
    for (const propagation of ['Background', 'Foreground', 'Orphan'] as const) expect(dry.delete(web, { propagation })).toEqual({})
    expect(dry.delete({ kind: 'Namespace', namespace: '', name: 'game' })).toEqual({})
    expect(dry.delete({ ...web, name: 'none' }).error?.reason).toBe('NotFound')
    expect(dry.dryRun().delete(pod)).toEqual({})
    expect(all()).toBe(before)
  })
  it('cannot be attached to', () => {
    const before = cluster.now
    for (const how of ['--rm -i --dry-run=server', '-i --dry-run=client -o yaml', '--attach --dry-run=server']) expect(tell(`run x --image=busybox:1 --restart=Never ${how}`)).toBe("error: --dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)\nexit 1\n")
    expect(cluster.now).toBe(before)
  })
})

it('widths and digits have an end', () => {
  for (const format of ['%999999999s', '%-999999999d', '%.999999999f', '%999999999.999999999f', '%.999999999s']) {
    expect(tell(`get nodes | awk '{printf "${format}", 1}'`).length).toBeLessThan(1_000_000)
    expect(tell(`exec deploy/web -- printf '${format}' 1`).length).toBeLessThan(1_000_000)
  }
})

it('waiting without an end ends', () => {
  const before = cluster.now
  expect(tell('wait deploy/web --for=condition=Never --timeout=-1s')).toContain('timed out waiting for the condition')
  expect(cluster.now - before).toBeLessThanOrEqual(3_600_000)
})
