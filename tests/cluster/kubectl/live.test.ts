import { beforeEach, describe, expect, it } from 'vitest'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { completeKubectl, kubectlHelp, runKubectl } from '../../../server/cluster/kubectl/index.ts'
import { scenarioSchema } from '../../../server/cluster/scenario.ts'
import { simulateWith } from '../../../server/cluster/simulate.ts'
import { standardParts } from '../../../server/cluster/standard-parts.ts'
import { told } from './still-cluster.ts'

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: {name: login, labels: {app: login}}
spec:
  replicas: 3
  selector: {matchLabels: {app: login}}
  template:
    metadata: {labels: {app: login}}
    spec:
      containers:
      - name: app
        image: registry.game.example/login:1
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /ready, port: http}}
---
apiVersion: v1
kind: Service
metadata: {name: login}
spec: {selector: {app: login}, ports: [{port: 80, targetPort: http}]}
`
const scenario = scenarioSchema.parse({
  images: ['login:1', 'login:2'].map((name) => ({ name: `registry.game.example/${name}`, profile: 'login' })),
  profiles: { login: { image: { entrypoint: ['/app/login'] }, listen: [{ port: 8080 }], http: { '/ready': {} }, log: { start: ['starting'], ready: ['listening'] } } },
  runs: [{ name: 'main', warmup: '5s', length: '60s' }], goals: [{ id: 'any', admitted: {} }],
})
const files = { 'login.yaml': manifest, 'two.yaml': manifest.replace('replicas: 3', 'replicas: 2'), 'typo.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: x, port: 80}]}\n' }
const session = { files }

let cluster: LiveCluster
beforeEach(() => {
  cluster = simulateWith(standardParts(), { scenario, given: {}, files: { 'login.yaml': manifest } }).cluster
})
const tell = (line: string): string => told(cluster, line, session)
const names = (): string[] => tell('get pods -o name -l app=login').trim().split('\n')

describe('kubectl on a live cluster', () => {
  it('applies, says what it did, and what it could not', () => {
    expect(tell('apply -f login.yaml')).toBe('deployment.apps/login unchanged\nservice/login unchanged\n')
    expect(tell('diff -f two.yaml')).toMatch(/- {2}replicas: 3\n\+ {2}replicas: 2\n[^]*exit 1/)
    expect(tell('diff -f login.yaml')).toBe('')
    expect(tell('diff -f two.yaml')).not.toMatch(/[-+] .*(revision|annotations)/)
    expect(tell('diff -f two.yaml')).toMatch(/- {2}generation: 1\n\+ {2}generation: 2\n/)
    expect(tell('diff -f login.yaml --as=system:serviceaccount:game:ci')).toMatch(/^Error from server \(Forbidden\)[^]*exit 2/)
    expect(tell('apply -f two.yaml')).toBe('deployment.apps/login configured\nservice/login unchanged\n')
    expect(tell('apply -f typo.yaml')).toBe('Error from server (BadRequest): error when creating "typo.yaml": Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].port"\nexit 1\n')
    expect(tell('get deploy login -o jsonpath={.spec.replicas}')).toBe('2')
  })

  it('lists what the server finds wrong with an object, one by one when there are several', () => {
    const broken = (spec: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: broken}\nspec: ${spec}\n`
    const told = (spec: string): string => {
      const { stdout, stderr } = runKubectl(cluster, 'kubectl apply -f broken.yaml', { namespace: 'game', files: { 'broken.yaml': broken(spec) } })
      return stdout + stderr
    }
    expect(told('{ports: [{port: 0, targetPort: 8080}]}')).toBe('The Service "broken" is invalid: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n')
    expect(told('{ports: [{port: 0, targetPort: 8080, protocol: HTTP}, {port: 80}]}')).toBe(['The Service "broken" is invalid: ', '* spec.ports[0].name: Required value', '* spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive', '* spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"', '* spec.ports[1].name: Required value', ''].join('\n'))
  })

  it('warns of an object that was made without apply, once', () => {
    tell('create configmap rates --from-literal=a=1')
    const again = { files: { 'rates.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: rates}\ndata: {a: "2"}\n' } }
    expect(told(cluster, 'apply -f rates.yaml', again)).toBe('configmap/rates configured\nWarning: resource configmaps/rates is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n')
    expect(told(cluster, 'apply -f rates.yaml', again)).toBe('configmap/rates unchanged\n')
  })

  it('has no numbers for top without a metrics server', () => {
    const bare = simulateWith(standardParts(), { scenario: { ...scenario, cluster: { ...scenario.cluster, metricsServer: false } }, given: {}, files: { 'login.yaml': manifest } }).cluster
    for (const what of ['pods', 'nodes']) expect(told(bare, `top ${what}`, session)).toBe('error: Metrics API not available\nexit 1\n')
    expect(tell('top nodes')).toMatch(/^NAME +CPU\(cores\)/)
  })

  it('applies in the name of another, and says at which step the server refused', () => {
    const as = '--as=system:serviceaccount:game:ci'
    const info = 'Resource: "apps/v1, Resource=deployments", GroupVersionKind: "apps/v1, Kind=Deployment"\nName: "login", Namespace: "game"'
    const cannot = (verb: string): string => `deployments.apps "login" is forbidden: User "system:serviceaccount:game:ci" cannot ${verb} resource "deployments" in API group "apps" in the namespace "game"`
    const apply = (file: string): string => tell(`apply -f ${file} ${as}`).split('\nError from server (Forbidden): error when retrieving current configuration of:\nResource: "/v1, Resource=services"')[0]!
    expect(apply('two.yaml')).toBe(`Error from server (Forbidden): error when retrieving current configuration of:\n${info}\nfrom server for: "two.yaml": ${cannot('get')}`)
    tell('create role reader --verb=get --resource=deployments.apps')
    tell('create rolebinding reader --role=reader --serviceaccount=game:ci')
    // Nothing is sent where nothing changes, so nothing is refused.
    expect(apply('login.yaml')).toMatch(/^deployment\.apps\/login unchanged/)
    const refused = apply('two.yaml')
    expect(refused).toContain('Error from server (Forbidden): error when applying patch:\n{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\\"apiVersion\\":\\"apps/v1\\"')
    expect(refused).toContain(`"}},"spec":{"replicas":2}}\nto:\n${info}\nfor: "two.yaml": error when patching "two.yaml": ${cannot('patch')}`)
    tell('create role writer --verb=get,patch --resource=deployments.apps')
    tell('create rolebinding writer --role=writer --serviceaccount=game:ci')
    expect(apply('two.yaml')).toMatch(/^deployment\.apps\/login configured/)
  })

  it('applies nothing without a name', () => {
    const nameless = (metadata: string): string => told(cluster, 'apply -f x.yaml', { files: { 'x.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {${metadata}}\n` } })
    expect(nameless('generateName: web-')).toBe('error: from web-: cannot use generate name with apply\nexit 1\n')
    expect(nameless('labels: {a: b}')).toBe('error: error when retrieving current configuration of:\nResource: "/v1, Resource=configmaps", GroupVersionKind: "/v1, Kind=ConfigMap"\nName: "", Namespace: "game"\nfrom server for: "x.yaml": resource name may not be empty\nexit 1\n')
  })

  it('rolls out, back and again, and waits for it', () => {
    expect(tell('set image deploy/login app=registry.game.example/login:2')).toBe('deployment.apps/login image updated\n')
    expect(tell('rollout status deploy/login')).toBe('Waiting for deployment "login" rollout to finish: 1 out of 3 new replicas have been updated...\nWaiting for deployment "login" rollout to finish: 2 out of 3 new replicas have been updated...\nWaiting for deployment "login" rollout to finish: 1 old replicas are pending termination...\ndeployment "login" successfully rolled out\n')
    expect(tell('rollout history deploy/login')).toBe('deployment.apps/login \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n')
    expect(tell('rollout undo deploy/login')).toBe('deployment.apps/login rolled back\n')
    expect(tell('rollout status deploy login --timeout=1s')).toContain('error: timed out waiting for the condition')
    expect(tell('wait deploy/login --for=condition=Available --timeout=60s')).toBe('deployment.apps/login condition met\n')
    expect(tell('rollout pause deploy/login')).toBe('deployment.apps/login paused\n')
    expect(tell('rollout restart deploy/login')).toContain("can't restart paused deployment")
    expect(tell('rollout resume deploy/login')).toBe('deployment.apps/login resumed\n')
    expect(tell('rollout restart deploy/login')).toBe('deployment.apps/login restarted\n')
  })

  it('deletes and waits until it is gone', () => {
    const [first] = names()
    const before = cluster.now
    expect(tell(`delete ${first}`)).toBe(`pod "${first!.slice(4)}" deleted from game namespace\n`)
    expect(cluster.now).toBeGreaterThan(before)
    expect(names()).not.toContain(first)
    expect(tell(`delete ${names()[0]} --force --grace-period=0`)).toMatch(/^pod ".*" force deleted from game namespace\nWarning: Immediate deletion/)
    expect(tell('scale deploy login --replicas=1')).toBe('deployment.apps/login scaled\n')
    expect(tell('delete deploy/login svc/login')).toBe('deployment.apps "login" deleted from game namespace\nservice "login" deleted from game namespace\n')
  })

  it('changes a part of an object', () => {
    expect(tell('label deploy login tier=front')).toBe('deployment.apps/login labeled\n')
    expect(tell('label deploy login tier=front')).toBe('deployment.apps/login not labeled\n')
    expect(tell('label deploy login tier-')).toBe('deployment.apps/login unlabeled\n')
    expect(tell('annotate deploy login note=x --overwrite')).toBe('deployment.apps/login annotated\n')
    expect(tell(`patch deploy login -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A","value":"1"}]}]}}}}'`)).toBe('deployment.apps/login patched\n')
    expect(tell('get deploy login -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('registry.game.example/login:1')
    expect(tell(`patch deploy login --type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'`)).toBe('deployment.apps/login patched (no change)\n')
    expect(tell(`patch deploy login --type=merge -p '{"spec":{"selector":{"matchLabels":{"app":"x"}}}}'`)).toMatch(/^The Deployment "login" is invalid: /)
    expect(tell('set env deploy/login A- LEVEL=debug')).toBe('deployment.apps/login env updated\n')
    expect(tell('set env deploy/login --list')).toBe('# Deployment login, container app\nLEVEL=debug\n')
    expect(tell('set resources deploy/login --limits=memory=64Mi')).toBe('deployment.apps/login resource requirements updated\n')
    expect(tell('taint node node-1 x=y:NoSchedule')).toBe('node/node-1 tainted\n')
    expect(tell('taint node node-1 x-')).toBe('node/node-1 untainted\n')
  })

  it('creates from flags, or only shows what it would create', () => {
    expect(tell('create configmap app --from-literal=a=1 --from-literal=b=two')).toBe('configmap/app created\n')
    expect(tell('create secret generic db --from-literal=password=s3cret')).toBe('secret/db created\n')
    expect(tell('get secret db -o jsonpath={.data.password}')).toBe('czNjcmV0')
    expect(tell('create role r --verb=get,list --resource=pods,deployments.apps')).toBe('role.rbac.authorization.k8s.io/r created\n')
    expect(tell('create rolebinding r --role=r --serviceaccount=game:default')).toBe('rolebinding.rbac.authorization.k8s.io/r created\n')
    expect(tell('auth can-i list pods --as=system:serviceaccount:game:default')).toBe('yes\n')
    expect(tell('auth can-i delete pods --as=system:serviceaccount:game:default')).toBe('no\nexit 1\n')
    expect(tell('expose deploy login --name=again --port=8080')).toBe('service/again exposed\n')
    expect(tell('create deployment web --image=nginx:1.27 --port=80 --dry-run=client -o yaml')).toBe('apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: web\n  name: web\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: web\n  strategy: {}\n  template:\n    metadata:\n      labels:\n        app: web\n    spec:\n      containers:\n      - image: nginx:1.27\n        name: nginx\n        ports:\n        - containerPort: 80\n        resources: {}\nstatus: {}\n')
  })

  it('runs commands inside', () => {
    const pod = names()[0]!
    expect(tell(`exec ${pod} -- sh -c 'echo $((6*7))'`)).toBe('42\n')
    expect(tell(`exec ${pod} -- sh -c 'exit 3'`)).toBe('command terminated with exit code 3\nexit 3\n')
    expect(tell(`exec ${pod} -- nosuch`)).toMatch(/exec: "nosuch": executable file not found in \$PATH\nexit 1\n$/)
    expect(tell(`exec ${pod} -- sh`)).toContain('opens no interactive shells')
    expect(tell('logs deploy/login')).toMatch(/^starting\nlistening\nFound 3 pods, using pod\/login-/)
    expect(tell('top pods --no-headers').split('\n').filter((line) => /^login-\S+ +\d+m +\d+Mi +$/.test(line))).toHaveLength(3)
  })

  it('shows the past, and a watch that ends', () => {
    expect(tell('get pods').split('\n')[1]).toMatch(/1\/1 +Running/)
    expect(told(cluster, 'get pods', { at: 5000 })).toMatch(/0\/1 +(Pending|ContainerCreating)/)
    expect(told(cluster, 'get pods', { at: 4000 })).toBe('No resources found in game namespace.\n')
    const watched = told(cluster, 'get pods -w', { at: 5000 }).split('\n')
    expect(watched.filter((line) => /1\/1 +Running/.test(line)).length).toBe(3)
    const before = cluster.now
    expect(told(cluster, 'get pods -w', { patience: 5000 })).toMatch(/# watched until/)
    expect(cluster.now).toBe(before + 5000)
  })

  it('watches every version, also those of one instant: a pod on its way out ends and is gone', () => {
    const name = names()[0]!.replace('pod/', '')
    const statuses = (at: number): string[] => told(cluster, 'get pods --watch-only --no-headers', { at }).split('\n').filter((line) => line.startsWith(`${name} `)).map((line) => line.trim().split(/\s+/).slice(1, 3).join(' '))
    expect(statuses(4000)).toEqual(['0/1 Pending', '0/1 Pending', '0/1 ContainerCreating', '0/1 Running', '1/1 Running'])
    const before = cluster.now - 1
    tell(`delete pod ${name}`)
    expect(statuses(before)).toEqual(['1/1 Terminating', '0/1 Completed', '0/1 Completed'])
  })

  it('runs in the middle of a simulation without letting time pass', () => {
    const before = cluster.now
    const moment = { at: before }
    expect(told(cluster, `exec ${names()[0]} -- wget -qO- http://login/ready`, moment)).toBe('ok')
    expect(told(cluster, 'get pods -w', moment).split('\n')).toHaveLength(5)
    expect(told(cluster, 'rollout status deploy/login', moment)).toBe('deployment "login" successfully rolled out\n')
    expect(cluster.now).toBe(before)
  })

  it('--dry-run=client says what would happen and changes nothing', () => {
    expect(tell('drain node-1 --ignore-daemonsets --dry-run=client')).toMatch(/^node\/node-1 cordoned \(dry run\)\n(evicting pod \S+ \(dry run\)\n)+node\/node-1 drained \(dry run\)\n$/)
    expect(tell('cordon node-1 --dry-run=client')).toBe('node/node-1 cordoned (dry run)\n')
    expect(tell('scale deploy login --replicas=0 --dry-run=client')).toBe('deployment.apps/login scaled (dry run)\n')
    expect(tell('get node node-1 --no-headers')).toContain(' Ready ')
    expect(tell('get deploy login -o jsonpath={.spec.replicas}')).not.toBe('0')
  })
  it('drains a node', () => expect(tell('drain node-1 --ignore-daemonsets')).toMatch(/^node\/node-1 cordoned\n(evicting pod \S+\n)+(pod\/\S+ evicted\n)+node\/node-1 drained\n$/))

  it('pipes into filters, and keeps the exit code of the last', () => {
    expect(tell('kubectl get pods --no-headers | grep login | wc -l')).toBe('3\n')
    expect(tell('kubectl get pods | grep nothing')).toBe('exit 1\n')
    expect(tell("kubectl get pods -o name | sort -r | head -n 1 | cut -d/ -f1")).toBe('pod\n')
    expect(tell('create deployment x --image=registry.game.example/login:1 --dry-run=client -o yaml | kubectl apply -f -')).toBe('deployment.apps/x created\n')
  })

  it('keeps the namespace of the context', () => {
    const changed = runKubectl(cluster, 'config set-context --current --namespace=kube-system', { namespace: 'game' })
    expect(changed).toMatchObject({ stdout: 'Context "readyz" modified.\n', session: { namespace: 'kube-system' } })
    expect(runKubectl(cluster, 'get deploy -o name', changed.session).stdout).toBe('deployment.apps/coredns\n')
  })

  it('gives the same bytes for the same cluster', () => {
    const again = simulateWith(standardParts(), { scenario, given: {}, files: { 'login.yaml': manifest } }).cluster
    for (const line of ['get all -A -o wide', 'describe pods', 'get events -A', 'get pods -o yaml', 'describe nodes']) expect(told(again, line)).toBe(told(cluster, line))
  })

  it('looks without touching', () => {
    for (const line of ['get all', 'describe pods', 'logs deploy/login', 'events', 'top nodes', 'api-resources', 'version', 'cluster-info', 'auth whoami', 'config view', 'rollout history deploy/login']) expect(runKubectl(cluster, line)).toMatchObject({ mutated: false, exitCode: 0 })
    expect(runKubectl(cluster, 'label deploy login a=b').mutated).toBe(true)
  })
})

describe('single commands', () => {
  it('waits for several conditions within one time', () => {
    const before = cluster.now
    expect(tell("wait deploy/login --for=condition=Available --for=jsonpath='{.status.readyReplicas}'=3 --for=create")).toBe('deployment.apps/login condition met\n')
    expect(tell('wait deploy/login --for=condition=Available=false --for=condition=Never --timeout=3s')).toContain('timed out waiting for the condition on deployments/login')
    expect(cluster.now - before).toBe(3000)
    expect(tell('delete svc login --wait=false')).toContain('deleted')
    expect(tell('wait svc/login --for=delete')).toBe('')
  })

  it('sets selectors and subjects', () => {
    expect(tell('set selector svc/login app=login,tier=front')).toBe('service/login selector updated\n')
    expect(tell('get svc login -o jsonpath={.spec.selector}')).toBe('{"app":"login","tier":"front"}')
    expect(tell('set selector svc/login "tier in (a,b)"')).toBe('error: match expression [{tier In [a b]}] not supported on this object\nexit 1\n')
    tell('create rolebinding r --clusterrole=view --user=ann')
    expect(tell('set subject rolebinding r --user=ann --user=bob --serviceaccount=game:default')).toBe('rolebinding.rbac.authorization.k8s.io/r subjects updated\n')
    expect(tell('get rolebinding r -o jsonpath={.subjects[*].name}')).toBe('ann bob default')
    expect(tell('set subject rolebinding r --user=bob')).toBe('')
    expect(tell('set subject deploy login --user=bob')).toContain('error: deployments/login setting subjects is only supported for RoleBinding/ClusterRoleBinding\n')
    expect(tell('auth can-i get /logs --as=bob')).toBe('no\nexit 1\n')
    tell('create clusterrole logs --verb=get --non-resource-url=/logs,/logs/*')
    tell('create clusterrolebinding logs --clusterrole=logs --user=bob')
    expect(tell('auth can-i get /logs/kubelet.log --as=bob')).toBe('yes\n')
    expect(tell('auth can-i post /logs --as=bob')).toBe('no\nexit 1\n')
  })

  it('applies fields the server does not know as --validate says', () => {
    expect(tell('apply -f typo.yaml --validate=maybe')).toBe('error: invalid - validate option "maybe"\nexit 1\n')
    expect(tell('apply -f typo.yaml --validate=warn')).toBe('pod/x created\nWarning: unknown field "spec.containers[0].port"\n')
    tell('delete pod x --now')
    expect(tell('create -f typo.yaml --validate=false')).toBe('pod/x created\n')
    expect(tell('get pod x -o jsonpath={.spec.containers[0].port}')).toBe('')
  })

  it('prints what was applied, several objects as a List, and what --force replaced', () => {
    expect(tell('apply -f two.yaml -o yaml')).toMatch(/^apiVersion: v1\nitems:\n- apiVersion: apps\/v1\n[^]*kind: List\n/)
    expect(tell('apply -f two.yaml -o name')).toBe('deployment.apps/login\nservice/login\n')
    expect(tell('replace --force -f two.yaml')).toBe('deployment.apps "login" deleted from game namespace\ndeployment.apps/login replaced\nservice "login" deleted from game namespace\nservice/login replaced\n')
  })

  it('says Invalid with where it came from when it is not the only failure', () => {
    const bad = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`
    const invalid = { files: { 'one.yaml': bad('A'), 'both.yaml': `${bad('A')}---\n${bad('B')}` } }
    expect(told(cluster, 'create -f one.yaml', invalid)).toMatch(/^The ConfigMap "A" is invalid: metadata\.name: /)
    expect(told(cluster, 'create -f both.yaml', invalid)).toMatch(/^Error from server \(Invalid\): error when creating "both\.yaml": ConfigMap "A" is invalid: metadata\.name: .*\nError from server \(Invalid\): error when creating "both\.yaml": ConfigMap "B" is invalid/)
  })

  it('speaks of a partitioned roll out of every StatefulSet, whose partition is 0 by default', () => {
    const text = 'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: shard}\nspec:\n  serviceName: shard\n  selector: {matchLabels: {app: shard}}\n  template:\n    metadata: {labels: {app: shard}}\n    spec: {containers: [{name: app, image: "registry.game.example/login:1"}]}\n'
    expect(told(cluster, 'apply -f shard.yaml && rollout status sts/shard', { files: { 'shard.yaml': text } })).toBe('statefulset.apps/shard created\nWaiting for 1 pods to be ready...\npartitioned roll out complete: 1 new pods have been updated...\n')
  })

  it('top says that metrics are still to come', () => {
    tell('create deployment late --image=registry.game.example/missing:1')
    expect(tell('top pods -l app=late')).toBe('error: metrics not available yet\nexit 1\n')
    tell('wait deploy/late --for=condition=Available --timeout=121s')
    expect(tell('top pods -l app=late')).toMatch(/^error: Metrics not available for pod game\/late-\S+, age: 2m1s\nexit 1\n$/)
  })
})

describe('what stands in $(…)', () => {
  it('runs when its command does, and not at all when that is passed over', () => {
    expect(tell('kubectl scale deploy/login --replicas=2; kubectl get deploy login -o "jsonpath=$(kubectl get deploy login -o jsonpath={.spec.replicas})"')).toBe('deployment.apps/login scaled\n2')
    expect(tell('get nothing || kubectl get deploy $(kubectl get deploy -o name | cut -d/ -f2) --no-headers | wc -l')).toContain('1\n')
    expect(tell('kubectl get svc login -o name || kubectl get svc $(kubectl delete svc login)')).toBe('service/login\n')
    expect(tell('kubectl get svc login -o name')).toBe('service/login\n')
    expect(tell('kubectl get svc $(kubectl get svc $(kubectl get svc login -o jsonpath={.metadata.name}) -o jsonpath={.metadata.name}) -o name')).toBe('service/login\n')
  })
})

describe('help and completion', () => {
  it('names every command once, with its flags', () => {
    const help = kubectlHelp()
    expect(new Set(help.map((entry) => entry.name)).size).toBe(help.length)
    expect(help.find((entry) => entry.name === 'rollout status')).toMatchObject({ usage: 'kubectl rollout status (TYPE NAME | TYPE/NAME) [flags]' })
    expect(tell('kubectl')).toContain('kubectl controls the simulated cluster.')
    expect(tell('kubectl get --help')).toContain('-o, --output')
    expect(tell('kubectl help rollout')).toContain('undo')
  })

  const complete = (line: string): string[] => completeKubectl(cluster, line, line.length, { namespace: 'game', files }).candidates.map((candidate) => candidate.text)
  it('completes verbs, types, names, flags and their values', () => {
    expect(complete('kubectl desc')).toEqual(['describe'])
    expect(complete('kubectl rollout ')).toEqual(['history', 'pause', 'restart', 'resume', 'status', 'undo'])
    expect(complete('kubectl get dep')).toEqual(['deploy', 'deployments'])
    expect(complete('kubectl get deploy ')).toEqual(['login'])
    expect(complete('kubectl describe svc/lo')).toEqual(['svc/login'])
    expect(complete('kubectl logs lo')).toHaveLength(3)
    expect(complete(`kubectl logs ${names()[0]!.slice(4)} -c `)).toEqual(['app'])
    expect(complete('kubectl get pods -n kube-s')).toEqual(['kube-system'])
    expect(complete('kubectl get pods --sh')).toEqual(['--show-kind', '--show-labels', '--show-managed-fields'])
    expect(complete('kubectl apply -f tw')).toEqual(['two.yaml'])
    expect(complete('kubectl cordon node-')).toEqual(['node-1', 'node-2', 'node-3'])
    expect(completeKubectl(cluster, 'kubectl get pods -o wi', 22).from).toBe(20)
    expect(complete('kubectl get pods && kubectl get netw')).toEqual(['networkpolicies'])
    expect(complete('kubectl describe $(kubectl get netw')).toEqual(['networkpolicies'])
  })
  it('completes the same wherever flags with their values stand', () => {
    expect(complete('kubectl -n kube-system get pods core').every((name) => name.startsWith('coredns-'))).toBe(true)
    expect(complete('kubectl -n kube-system get pods core').length).toBeGreaterThan(0)
    expect(complete('kubectl get -n kube-system po')).toContain('pods')
    expect(complete('kubectl logs -n game lo')).toHaveLength(3)
    expect(complete('kubectl logs -n kube-system lo')).toEqual([])
    expect(complete('kubectl get -owide -l app=login --namespace=game deploy ')).toEqual(['login'])
    expect(complete('kubectl get pods --dry-run ser')).toEqual([])
  })
  it('completes containers of workloads, and no words of a command in a container', () => {
    for (const line of ['logs deploy/login -c ', 'exec -it deploy/login -c ', 'logs svc/login -c ', 'set env deploy login -c ']) expect(complete(`kubectl ${line}`)).toEqual(['app'])
    expect(complete('kubectl exec deploy/login -- ')).toEqual([])
    expect(complete('kubectl exec deploy/login -- cat po')).toEqual([])
  })
  it('completes files for ls and cat, tools behind a pipe, and nothing for what it does not know', () => {
    expect(complete('ls ')).toEqual(Object.keys(files).sort())
    expect(complete('cat lo')).toEqual(['login.yaml'])
    expect(complete('echo ')).toEqual([])
    expect(complete('kubectl get pods | gr')).toEqual(['grep'])
    expect(complete('kubectl get pods -o name | xargs -n 1 kubectl desc')).toEqual(['describe'])
    expect(complete('watch -n 2 kubectl get netw')).toEqual(['networkpolicies'])
    expect(complete('helm ')).toEqual([])
    expect(complete('e')).toEqual(['echo', 'edit', 'events', 'exec', 'explain', 'expose'])
  })
  it('names the tools beside kubectl', () => expect(tell('kubectl help')).toMatch(/cat, ls, echo, watch/))
  it('says that no shell opens, also for a new pod, and makes none', () => {
    expect(tell('kubectl run try --image=registry.game.example/login:1 --rm -it -- sh')).toMatch(/^error: this console opens no interactive shells; .*kubectl run try /)
    expect(tell('kubectl get pod try')).toContain('NotFound')
  })
})
