import { beforeEach, describe, expect, it } from 'vitest'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { runKubectl } from '../../../server/cluster/kubectl/index.ts'
import { scenarioSchema } from '../../../server/cluster/scenario.ts'
import { simulateWith } from '../../../server/cluster/simulate.ts'
import { standardParts } from '../../../server/cluster/standard-parts.ts'
import { told } from './still-cluster.ts'

const deployment = (container: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "busybox:1.37", command: [sleep, "3600"]${container}}]}
`
const files = {
  'web.yaml': deployment(''),
  'with-env.yaml': deployment(', env: [{name: LEVEL, value: debug}]'),
  'typo.yaml': deployment(', prot: 1'),
  'new.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: other}\n',
}
const scenario = scenarioSchema.parse({ runs: [{ name: 'main', warmup: '5s', length: '30s' }], goals: [{ id: 'any', admitted: {} }] })

let cluster: LiveCluster
beforeEach(() => {
  cluster = simulateWith(standardParts(), { scenario, given: {}, files: { 'web.yaml': files['web.yaml'] } }).cluster
})
const tell = (line: string): string => told(cluster, line, { files })

describe('--dry-run', () => {
  it('asks the server, which admits and answers, and keeps nothing', () => {
    const before = tell('get deploy,node -o yaml')
    expect(tell('apply -f with-env.yaml --dry-run=server')).toBe('deployment.apps/web configured (server dry run)\n')
    expect(tell('apply -f web.yaml --dry-run=server')).toBe('deployment.apps/web unchanged (server dry run)\n')
    const answered = tell('apply -f with-env.yaml --dry-run=server -o yaml')
    expect(answered).toContain('        - name: LEVEL\n          value: debug\n')
    expect(answered).toMatch(/generation: 2\n[^]*imagePullPolicy: IfNotPresent/)
    expect(tell('create deployment more --image=busybox:1.37 --dry-run=server')).toBe('deployment.apps/more created (server dry run)\n')
    expect(tell('create deployment web --image=busybox:1.37 --dry-run=server')).toContain('deployments.apps "web" already exists')
    expect(tell('scale deploy web --replicas=9 --dry-run=server')).toBe('deployment.apps/web scaled (server dry run)\n')
    expect(tell('label node node-1 a=b --dry-run=server')).toBe('node/node-1 labeled (server dry run)\n')
    expect(tell('set image deploy/web app=busybox:1.36 --dry-run=server')).toBe('deployment.apps/web image updated (server dry run)\n')
    expect(tell('delete deploy web --dry-run=server')).toMatch(/^deployment\.apps "web" deleted from \S+ namespace \(server dry run\)\n$/)
    expect(tell('get deploy,node -o yaml')).toBe(before)
    expect(runKubectl(cluster, 'kubectl apply -f with-env.yaml --dry-run=server', { namespace: 'default', files }).mutated).toBe(false)
  })

  it('is refused by the server what a write would be refused, and sees nothing of another dry run', () => {
    expect(tell('apply -f typo.yaml --dry-run=server')).toContain('strict decoding error: unknown field "spec.template.spec.containers[0].prot"')
    expect(tell('apply -f typo.yaml --dry-run=server --validate=warn')).toContain('Warning: unknown field "spec.template.spec.containers[0].prot"\n')
    expect(tell('apply -f new.yaml --dry-run=server')).toBe('namespace/other created (server dry run)\nError from server (NotFound): error when creating "new.yaml": namespaces "other" not found\nexit 1\n')
  })

  it('shows what apply would make of the live object, with what it would write down', () => {
    const merged = tell('apply -f with-env.yaml --dry-run=client -o yaml')
    expect(merged).toMatch(/last-applied-configuration: \|\n.*"env":\[\{"name":"LEVEL","value":"debug"\}\][^]*generation: 1\n[^]*progressDeadlineSeconds: 600[^]*- name: LEVEL/)
    expect(tell('apply -f web.yaml --dry-run=client')).toBe('deployment.apps/web unchanged (dry run)\n')
    expect(tell('apply -f new.yaml --dry-run=client')).toBe('namespace/other created (dry run)\nconfigmap/c created (dry run)\n')
  })

  it('holds for replace, taint and cordon too', () => {
    expect(tell('replace -f with-env.yaml --dry-run=client')).toBe('deployment.apps/web replaced (dry run)\n')
    expect(tell('taint node node-1 a=b:NoSchedule --dry-run=client')).toBe('node/node-1 tainted (dry run)\n')
    expect(tell('cordon node-1 --dry-run=server')).toBe('node/node-1 cordoned (server dry run)\n')
    expect(tell('get node node-1 -o jsonpath={.spec.taints}{.spec.unschedulable}')).toBe('')
    expect(tell('get deploy web -o jsonpath={.metadata.generation}')).toBe('1')
  })
})

describe('-f and --local', () => {
  it('changes a manifest without asking the cluster', () => {
    const printed = tell('set env -f web.yaml LEVEL=info --local -o yaml')
    expect(printed).toMatch(/^apiVersion: apps\/v1\n[^]* {2}strategy: \{\}\n[^]*- name: LEVEL\n {10}value: info\n[^]*resources: \{\}\nstatus: \{\}\n$/)
    expect(printed).not.toContain('uid')
    expect(tell('set image -f web.yaml app=busybox:1.36 --local')).toBe('deployment.apps/web image updated (dry run)\n')
    expect(tell('set env deploy/web --local A=1')).toBe("error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\nexit 1\n")
  })

  it('finds the live object that a file names', () => {
    expect(tell('set image -f web.yaml app=busybox:1.36')).toBe('deployment.apps/web image updated\n')
    expect(tell('label -f web.yaml tier=front')).toBe('deployment.apps/web labeled\n')
    expect(tell('scale -f web.yaml --replicas=1')).toBe('deployment.apps/web scaled\n')
    expect(tell('rollout restart -f web.yaml')).toBe('deployment.apps/web restarted\n')
    expect(tell('set image -f new.yaml app=x')).toContain('namespaces "other" not found')
  })
})

describe('changes that are refused before or by the server', () => {
  it('tells pairs from names, and knows which version was meant', () => {
    expect(tell("label deploy web 'a b=c'")).toContain('The Deployment "web" is invalid: metadata.labels: Invalid value: "a b"')
    expect(tell('label deploy web a=b web')).toBe('error: all resources must be specified before label changes: web\nexit 1\n')
    expect(tell('label deploy web a=b --resource-version=1')).toContain('Error from server (Conflict): Operation cannot be fulfilled on deployments.apps "web": the object has been modified')
    expect(tell('set resources deploy/web --limits=cpu=1x')).toMatch(/^error: quantities must match the regular expression/)
    expect(tell('autoscale deploy web --min=5 --max=3')).toBe('error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 3, min: 5\nexit 1\n')
    expect(tell('autoscale deploy web --max=0')).toBe('error: --max=MAXPODS is required and must be at least 1, max: 0\nexit 1\n')
  })

  it('reads patches as go-yaml does, and tells a patch that changes nothing', () => {
    expect(tell(`patch deploy web -p '{"spec":{"replicas":2}'`)).toBe(`error: unable to parse "{\\"spec\\":{\\"replicas\\":2}": yaml: did not find expected ',' or '}'\nexit 1\n`)
    expect(tell(`patch deploy web -p '{'`)).toBe('error: unable to parse "{": yaml: did not find expected node content\nexit 1\n')
    expect(tell(`patch deploy web -p '{"spec":{"replicas":2}}'`)).toBe('deployment.apps/web patched (no change)\n')
    expect(tell('delete pod nope --ignore-not-found')).toBe('')
  })

  it('leaves out counts of a status that are nought', () => {
    expect(tell('get deploy web -o jsonpath={.status.unavailableReplicas}')).toBe('')
    tell('scale deploy web --replicas=0')
    expect(tell('get deploy web -o jsonpath=[{.status.readyReplicas}{.status.replicas}]')).toMatch(/^\[\d*\]$/)
    cluster.advance(cluster.now + 60_000)
    expect(tell('get deploy web -o jsonpath=[{.status.readyReplicas}{.status.replicas}]')).toBe('[]')
    expect(tell('get deploy,rs')).toMatch(/deployment\.apps\/web {3}0\/0 {5}0 {12}0 {11}\S+\n[^]*replicaset\.apps\/web-\S+ {3}0 {9}0 {9}0 {7}\S+\n$/)
    expect(tell('describe deploy web')).toContain('Replicas:               0 desired | 0 updated | 0 total | 0 available | 0 unavailable\n')
  })
})

describe('get of parts and of the server itself', () => {
  it('knows which kinds have a scale and a status', () => {
    expect(tell('get deploy web --subresource=scale')).toMatch(/^NAME {3}DESIRED {3}AVAILABLE {3}AGE\nweb {4}2 {9}2 {11}\d+s\n$/)
    expect(tell('get cm kube-root-ca.crt --subresource=status')).toBe('Error from server (NotFound): the server could not find the requested resource\nexit 1\n')
  })

  it('answers of its health and version', () => {
    expect(tell('get --raw /readyz')).toBe('ok')
    expect(JSON.parse(tell('get --raw /version'))).toMatchObject({ major: '1', minor: '36' })
    expect(tell('get --raw /metrics')).toContain('answers /healthz, /livez, /readyz and /version')
  })

  it('dumps what a template was given when a field may not be missing', () => {
    expect(tell('get ns default -o jsonpath={.foo} --allow-missing-template-keys=false')).toMatch(/^error: error executing jsonpath "\{\.foo\}": Error executing template: foo is not found\. Printing more information for debugging the template:\n\ttemplate was:\n\t\t\{\.foo\}\n\tobject given to jsonpath engine was:\n\t\tmap\[string\]interface \{\}\{"apiVersion":"v1", "kind":"Namespace", .*\}\n\n\nexit 1\n$/)
    expect(tell('get ns default -o jsonpath={.foo}')).toBe('')
  })
})
