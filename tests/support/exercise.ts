/** A small game for tests of goals: a login Deployment with a Service, its profile, and whatever a test changes about them. */
import { scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { GoalResult, Simulation } from '../../server/cluster/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

export const login = 'registry.game.example/login:1.8.2'

/** Container fields are laid over an ordinary gateway with a readiness probe. */
export function deploymentOf(container: Fields = {}, spec: Fields = {}, pod: Fields = {}): K8sObject {
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'login', namespace: 'game' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'login' } }, ...spec, template: { metadata: { labels: { app: 'login' } }, spec: { containers: [{ name: 'gateway', image: login, ports: [{ name: 'http', containerPort: 8080 }], readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 5 }, ...container }], ...pod } } },
  }
}

export function serviceOf(spec: Fields = {}): K8sObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'login', namespace: 'game' }, spec: { selector: { app: 'login' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec } }
}

/** JSON is YAML, so objects can be handed in as files. */
export function fileOf(...objects: readonly unknown[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n')
}

export type Exercise = { objects?: readonly unknown[]; before?: readonly unknown[]; profile?: Fields; run?: Fields; scenario?: Fields; limits?: { events: number; perInstant: number; timeMs?: number }; goal: Fields }

/** Plays one run and judges one goal, `id: g`. */
export function judge({ objects = [deploymentOf(), serviceOf()], before, profile = {}, run = {}, scenario = {}, limits, goal }: Exercise): { goal: GoalResult; simulation: Simulation } {
  const parsed = scenarioSchema.parse({
    registries: { 'registry.game.example': {} },
    images: [{ name: login, profile: 'login' }, { name: 'registry.game.example/login:1.9.0', profile: 'login' }],
    profiles: { login: { image: { user: 10001, entrypoint: ['/app/login'] }, start: { time: '3s' }, listen: [{ port: 8080 }], http: { '/livez': {}, '/readyz': {}, '/': {} }, ...profile } },
    runs: [{ name: 'main', warmup: '30s', length: '120s', ...run }],
    goals: [{ id: 'g', ...goal }],
    ...scenario,
  })
  const simulation = simulate({ scenario: parsed, given: {}, files: { 'a.yaml': fileOf(...objects) }, goals: parsed.goals, ...(limits ? { limits } : {}), ...(before ? { before: { 'a.yaml': fileOf(...before) } } : {}) })
  return { goal: simulation.goals[0]!, simulation }
}

export function verdictOf(exercise: Exercise): string {
  return judge(exercise).goal.verdict
}
