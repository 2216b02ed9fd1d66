import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run as runElsewhere, type CelInput } from '@bufbuild/cel'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { admit } from '../../../server/apiserver/index.ts'
import { compilePolicy, lintPolicy } from '../../../server/k8s/cel/policy.ts'
import { toCel } from '../../../server/k8s/cel/values.ts'
import { parseManifest } from '../../../server/k8s/manifest.ts'
import type { K8sObject } from '../../../server/k8s/object.ts'

const questions = fileURLToPath(new URL('../../../questions', import.meta.url))

/** Every policy that ships, with the folder of its question. */
const shipped = readdirSync(questions, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path) === 'scenario.yaml')
  .flatMap((path) => {
    const goals = ((parse(readFileSync(join(questions, path), 'utf8')) as { goals?: { policy?: { object?: string; expression: string } }[] }).goals ?? [])
    return goals.flatMap(({ policy }) => (policy ? [{ folder: dirname(path), ...policy }] : []))
  })

/** The objects of each variant of a question's manifests, defaulted as the API server would. */
function variantsOf(folder: string): { name: string; objects: K8sObject[] }[] {
  const paths = readdirSync(join(questions, folder), { recursive: true, encoding: 'utf8' }).filter((path) => /^(broken|repairs|near-misses)\/.*\.ya?ml$/.test(path))
  const names = [...new Set(paths.map((path) => (path.startsWith('broken/') ? 'broken' : path.split('/').slice(0, 2).join('/'))))]
  return names.map((name) => ({
    name,
    objects: paths.filter((path) => path.startsWith(`${name}/`)).flatMap((path) => parseManifest(readFileSync(join(questions, folder, path), 'utf8')).documents.flatMap(({ object }) => (object ? [admit(object).object] : []))),
  }))
}

/** What another implementation says; objects become its maps. */
function elsewhere(expression: string, values: Record<string, unknown>): unknown {
  const result: unknown = runElsewhere(expression, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toCel(value) as CelInput])))
  return typeof result === 'boolean' ? result : 'error'
}

function here(expression: string, values: { object: unknown; oldObject: unknown; objects: unknown[] }): unknown {
  const policy = compilePolicy(expression)
  const result = policy.ok ? policy.evaluate(values) : 'error'
  return typeof result === 'boolean' ? result : 'error'
}

describe('the policies that ship', () => {
  it('are some', () => expect(shipped.length).toBeGreaterThan(0))

  it.each(shipped.map((policy) => [policy.folder, policy] as const))('%s: two implementations agree on every variant', (folder, { object: wanted, expression }) => {
    const seen: unknown[] = []
    for (const { objects } of variantsOf(folder)) {
      const [kind, name] = [wanted?.split('/')[0], wanted?.split('/').at(-1)]
      for (const object of wanted === undefined ? [null] : objects.filter((candidate) => candidate.kind.toLowerCase() === kind && candidate.metadata.name === name)) {
        const values = { object, oldObject: null, objects }
        const result = here(expression, values)
        expect(result).toBe(elsewhere(expression, values))
        seen.push(result)
      }
    }
    expect(seen).toContain(true)
  })

  it.each(shipped.map((policy) => [policy.folder, policy] as const))('%s: names only fields that exist', (_folder, { object, expression }) => {
    const word = object?.split('/')[0]
    const kinds: Record<string, string> = { deployment: 'Deployment', statefulset: 'StatefulSet', daemonset: 'DaemonSet', pod: 'Pod', service: 'Service', configmap: 'ConfigMap', secret: 'Secret', job: 'Job', cronjob: 'CronJob', ingress: 'Ingress' }
    expect(lintPolicy(expression, word && kinds[word])).toBeUndefined()
  })
})

describe('two implementations', () => {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'login', labels: { app: 'login', 'a/b': '' } }, spec: { replicas: 3, ratio: 0.5, paused: false, template: { spec: { containers: [{ name: 'app', image: 'app:1', ports: [{ containerPort: 80 }] }, { name: 'log', image: 'log:2' }] } } } }
  test.each([
    'object.spec.replicas >= 2',
    'object.spec.replicas + 1 == 4 && object.spec.replicas % 2 == 1',
    'object.spec.ratio * 2.0 == 1.0',
    'object.metadata.labels.all(k, k.size() > 2)',
    "object.metadata.labels['a/b'] == ''",
    "'app' in object.metadata.labels && !('web' in object.metadata.labels)",
    'object.spec.template.spec.containers.all(c, has(c.ports))',
    'object.spec.template.spec.containers.exists_one(c, has(c.ports))',
    "object.spec.template.spec.containers.map(c, c.name) == ['app', 'log']",
    "object.spec.template.spec.containers.filter(c, c.image.matches('^app:[0-9]+$')).size() == 1",
    "object.spec.template.spec.containers.exists(c, c.image.endsWith(':2') || c.missing == 1)",
    'object.spec.missing == 1',
    'has(object.spec.missing)',
    "object.metadata.name.startsWith('log') ? object.spec.replicas == 3 : false",
    "string(object.spec.replicas) == '3'",
    'type(object.spec.replicas) == int',
    "objects.exists(o, o.kind == 'Deployment') && objects.size() == 1",
    'oldObject == null',
    'object.spec.paused || object.spec.replicas / 2 == 1',
    "object.spec.replicas > '2'",
    "timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-02T00:00:00Z')",
    "duration('90s') == duration('1m30s')",
  ])('agree on %s', (expression) => {
    const values = { object, oldObject: null, objects: [object] }
    expect(here(expression, values)).toBe(elsewhere(expression, values))
  })
})

describe('lintPolicy', () => {
  test.each<[string, string | undefined, string | undefined]>([
    ['object.spec.replicas >= 2', 'Deployment', undefined],
    ['object.spec.replica >= 2', 'Deployment', 'No such key: replica at 1:13'],
    ['has(object.spec.strategy.typ)', 'Deployment', 'No such key: typ at 1:26'],
    ['object.spec.template.spec.containers.all(c,\n  c.imag != "")', 'StatefulSet', 'No such key: imag at 2:5'],
    ['object.spec.replicas', 'Deployment', 'the result is int, but a policy gives bool at 1:1'],
    ['object.spec.replicas == "2"', 'Deployment', 'no such overload: int == string at 1:1'],
    ['object.metadata.labels["anything"] == "x" && object.spec.ports.all(p, p.port > 0 && p.targetPort == 80)', 'Service', undefined],
    ['object.spec.anything == 1', undefined, undefined],
    ['object.spec.', undefined, 'Expected IDENTIFIER, got EOF at 1:13'],
    ['subject == 1', undefined, 'Unknown variable: subject at 1:1'],
    ['object.metadata.name.matches(5)', 'Pod', "found no matching overload for 'string.matches(int)' at 1:1"],
  ])('%s', (expression, kind, expected) => {
    const problem = lintPolicy(expression, kind)
    expect(problem && `${problem.message} at ${problem.line}:${problem.column}`).toBe(expected)
  })
})
