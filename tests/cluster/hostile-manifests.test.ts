/** Manifests with gaps, typos and traps: they are refused or played, and never end the run with an error of ours. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import { admit, CustomKinds } from '../../server/apiserver/index.ts'

const image = 'registry.game.example/login:1'
const scenario = (reach?: object): ReturnType<typeof scenarioSchema.parse> => scenarioSchema.parse({
  images: [{ name: image, profile: 'login' }],
  profiles: { login: { image: { user: 1000, entrypoint: ['/app/login'] }, listen: [{ port: 8080 }], http: { '/ready': {} } } },
  cluster: { ingressClass: 'nginx' },
  runs: [{ name: 'main', warmup: '5s', length: '60s' }],
  goals: [reach ? { id: 'g', reach } : { id: 'g', admitted: {} }],
})
const play = (text: string, reach?: object): Simulation => {
  const made = scenario(reach)
  return simulate({ scenario: made, given: {}, files: { 'a.yaml': text }, goals: made.goals })
}
const kubectl = ({ cluster }: Simulation, line: string): string => {
  const { stdout, stderr } = runKubectl(cluster, line, { namespace: cluster.scenario.namespace })
  return stdout + stderr
}
const pod = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n${spec}`
const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: login}
spec:
  selector: {matchLabels: {app: login}}
  template: {metadata: {labels: {app: login}}, spec: {containers: [{name: app, image: "${image}", ports: [{name: http, containerPort: 8080}]}]}}
---
apiVersion: v1
kind: Service
metadata: {name: login}
spec: {selector: {app: login}, ports: [{port: 80, targetPort: http}]}
`
const ingress = (path: string, more = ''): string => `${web}---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: main, annotations: {nginx.ingress.kubernetes.io/use-regex: "true"}}
spec:
  ingressClassName: nginx
  ${more}
  rules: [{host: a.example, http: {paths: [{path: "${path}", pathType: ImplementationSpecific, backend: {service: {name: login, port: {number: 80}}}}]}}]
`

describe('gaps in a Pod are refused in the words of the API server', () => {
  it.each([
    ['an empty list of containers', 'spec:\n  containers:\n', 'spec.containers: Required value'],
    ['no containers', 'spec: {restartPolicy: Always}\n', 'spec.containers: Required value'],
    ['no spec', '', 'spec.containers: Required value'],
    ['an empty container', 'spec:\n  containers:\n  -\n', 'spec.containers[0].name: Required value'],
    ['an empty volume', 'spec:\n  containers: [{name: a, image: a}]\n  volumes:\n  -\n', 'spec.volumes[0].name: Required value'],
    ['an empty init container', 'spec:\n  containers: [{name: a, image: a}]\n  initContainers:\n  -\n', 'spec.initContainers[0].name: Required value'],
  ])('%s', (_what, spec, words) => {
    const { result } = play(pod(spec))
    expect(result.completed).toBe(true)
    expect(result.applied[0]).toMatchObject({ result: 'rejected' })
    expect(result.applied[0]!.message).toContain(words)
  })
})

describe('values that are odd, but no mistake', () => {
  it.each(['/api(.*', '/api.*)', '/a?(.+', '/(.*)(.*)(.*)(.*)', '/a(/|$)(.*)'])('the ingress path %s ends no run', (path) => {
    expect(play(ingress(path), { from: { address: '203.0.113.5' }, to: { host: 'a.example', port: 80, path: '/api' }, at: '30s' }).result.completed).toBe(true)
  })
  it('a path of the browser that names no scheme is asked over TLS where the port is that of TLS', () => {
    const { goals } = play(ingress('/', 'tls: [{hosts: [a.example], secretName: none}]').replace('{nginx.ingress.kubernetes.io/use-regex: "true"}', '{}'), { from: { address: '203.0.113.5' }, to: { host: 'a.example', port: 443, path: '/ready' }, at: '30s' })
    expect(goals[0]).toMatchObject({ verdict: 'met' })
  })
  it('a preference for nothing prefers nothing', () => {
    const run = play(pod(`spec: {containers: [{name: a, image: "${image}"}], affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 5, preference: null}]}}}`))
    expect(kubectl(run, 'kubectl get pod x')).toMatch(/Running/)
  })
  it.each(['net.ipv4.ip_unprivileged_port_start', 'net/ipv4/ip_unprivileged_port_start'])('the sysctl %s says from where ports are free, however it is written', (name) => {
    const run = play(pod(`spec: {securityContext: {sysctls: [{name: ${name}, value: "9000"}]}, containers: [{name: a, image: "${image}"}]}`))
    expect(kubectl(run, 'kubectl logs x')).toContain('permission denied')
  })
  it('an HPA on what metrics-server does not know gets no reading', () => {
    const run = play(`${web}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: login}, maxReplicas: 3, metrics: [{type: Resource, resource: {name: ephemeral-storage, target: {type: AverageValue, averageValue: 10}}}]}\n`)
    expect(kubectl(run, 'kubectl describe hpa h')).toContain('failed to get ephemeral-storage usage: did not receive metrics for targeted pods (pods might be unready)')
    expect(kubectl(run, 'kubectl get deploy login -o jsonpath={.spec.replicas}')).toBe('1')
  })
  it.each(['/proc/1/__proto__', '/proc/1/constructor', '/proc/1/hasOwnProperty', '/sys/fs/cgroup/__proto__', '/etc/__proto__'])('%s is a file that is not there', (path) => {
    const run = play(pod(`spec: {restartPolicy: Never, containers: [{name: a, image: "busybox:1.37", command: [sh, -c, "cat ${path}"]}]}`))
    expect(kubectl(run, 'kubectl logs x')).toBe(`cat: can't open '${path}': No such file or directory\n`)
  })
  it('an escaped dash makes no range', () => {
    expect(kubectl(play(pod(`spec: {restartPolicy: Never, containers: [{name: a, image: "busybox:1.37", command: [sh, -c, "echo a-bz | tr 'a\\\\-z' 'A+Z'"]}]}`)), 'kubectl logs x')).toBe('A+bZ\n')
  })
})

describe('texts that are made to take long', () => {
  it('the key of a pull secret with many stars', () => {
    const config = Buffer.from(JSON.stringify({ auths: { [`${'*a'.repeat(14)}b.io`]: { username: 'a', password: 'b' } } })).toString('base64')
    const run = play(`apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: ${config}}\n---\n${pod(`spec: {imagePullSecrets: [{name: s}], containers: [{name: a, image: "${'a'.repeat(60)}.io/x:1"}]}`)}`)
    expect(run.result.completed).toBe(true)
  })
  it('a duration of nothing but digits', () => {
    const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'fleets.game.example' }, spec: { group: 'game.example', scope: 'Namespaced', names: { kind: 'Fleet', plural: 'fleets', singular: 'fleet', listKind: 'FleetList' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { wait: { type: 'string', format: 'duration' } } } } }] } }
    const custom = new CustomKinds([definition])
    const fleet = (wait: string) => admit({ apiVersion: 'game.example/v1', kind: 'Fleet', metadata: { name: 'eu', namespace: 'game' }, wait }, { custom })
    expect(fleet('5m').stage).toBe('ok')
    expect(fleet('9'.repeat(100_000)).stage).toBe('invalid')
  })
})
