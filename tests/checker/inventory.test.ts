import { describe, expect, it } from 'vitest'
import { Inventory } from '../../server/checker/index.ts'
import { editDistance, nearestName } from '../../server/checker/inventory.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const object = (kind: string, name: string, namespace?: string, rest: Fields = {}): K8sObject => ({ apiVersion: 'v1', kind, metadata: { name, ...(namespace ? { namespace } : {}) }, ...rest })
const set = (name: string, labels: Record<string, string>, namespace = 'game'): K8sObject => object('StatefulSet', name, namespace, { spec: { template: { metadata: { labels }, spec: { containers: [] } } } })

describe('what is missing', () => {
  const all = new Inventory([object('ConfigMap', 'login', 'game'), object('ConfigMap', 'shard-1', 'game'), object('ConfigMap', 'open'), object('ConfigMap', 'web', 'edge')])
  const closed = new Inventory(all.objects, true)

  it.each([
    ['is here', 'game', 'login', undefined, undefined],
    ['may be in the cluster', 'game', 'chat', undefined, 'There is no ConfigMap "chat" in these manifests.'],
    ['is written almost alike', 'game', 'logni', 'There is no ConfigMap "logni" in these manifests, but there is "login".', 'There is no ConfigMap "logni" in these manifests, but there is "login".'],
    ['differs in its number only', 'game', 'shard-2', undefined, 'There is no ConfigMap "shard-2" in these manifests.'],
    ['is in another namespace', 'game', 'web', 'ConfigMap "web" is only in namespace "edge", not in "game".', 'ConfigMap "web" is only in namespace "edge", not in "game".'],
    ['leaves its namespace open', 'game', 'open', undefined, 'ConfigMap "open" is only in namespace "default", not in "game".'],
  ])('%s', (_, namespace, name, said, saidWhenClosed) => {
    expect(all.missing('ConfigMap', namespace, name)?.clause.en).toBe(said)
    expect(closed.missing('ConfigMap', namespace, name)?.clause.en).toBe(saidWhenClosed)
  })

  it('takes no namespace and "default" for one', () => {
    expect(all.find('ConfigMap', 'default', 'open')).toBe(all.find('ConfigMap', '', 'open'))
    expect(all.list('ConfigMap', 'default').map(({ metadata }) => metadata.name)).toEqual(['open'])
  })

  it('compares names within a bound, the same way each time', () => {
    const many = Array.from({ length: 1000 }, (_, index) => object('ConfigMap', `config-${String.fromCharCode(97 + (index % 26))}${index}`, 'game'))
    const names = Array.from({ length: 1000 }, (_, index) => `konfig-z${index}`)
    const answers = (): (string | undefined)[] => {
      const inventory = new Inventory(many)
      return names.map((name) => inventory.similar('ConfigMap', 'game', name)?.metadata.name)
    }
    expect(answers()).toEqual(answers())
    expect(answers()[0]).toBeDefined()
    expect(answers()[999]).toBeUndefined()
  })
})

describe('selected pods', () => {
  const world = set('world', { app: 'world', tier: 'game' })
  const all = new Inventory([world, set('chat', { app: 'chat', tier: 'game' }), set('world', { app: 'world' }, 'test'), object('Service', 'world', 'game', { spec: { selector: { app: 'world' } } })])
  const names = (selector: Record<string, string>): string[] => all.selectedBy(selector, 'game').map((workload) => workload.object.metadata.name)

  it.each([
    [{ tier: 'game' }, ['world', 'chat']],
    [{ tier: 'game', app: 'world' }, ['world']],
    [{ app: 'nobody' }, []],
    [{}, []],
    [{ 'statefulset.kubernetes.io/pod-name': 'world-0' }, ['world']],
    [{ 'statefulset.kubernetes.io/pod-name': 'world-x' }, []],
    [{ app: 'chat', 'statefulset.kubernetes.io/pod-name': 'world-0' }, []],
  ])('%o', (selector, expected) => {
    expect(names(selector as Record<string, string>)).toEqual(expected)
  })

  it('by expressions, and all of a namespace', () => {
    expect(all.matching({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['chat'] }] }, 'game').map(({ object: { metadata } }) => metadata.name)).toEqual(['world'])
    expect(all.matching({}, 'game')).toHaveLength(2)
    expect(all.matching(undefined, 'game')).toEqual([])
  })

  it('know their Services', () => {
    expect(all.servicesOf(world).map(({ metadata }) => metadata.name)).toEqual(['world'])
  })
})

describe('distances of names', () => {
  it.each([['login', 'login', 0], ['login', 'logni', 1], ['login', 'logins', 1], ['login', 'lgin', 1], ['login', 'lagon', 2], ['ab', 'ba', 1], ['aaa', 'aa', 1], ['login', 'match', 3]])('%s, %s: %i', (a, b, distance) => {
    expect(Math.min(3, editDistance(a, b, 2))).toBe(distance)
    expect(Math.min(3, editDistance(b, a, 2))).toBe(distance)
  })

  it('are small for names that may be meant', () => {
    expect(nearestName('regsitry', ['registry', 'redis'])).toBe('registry')
    expect(nearestName('db', ['da', 'dc'])).toBeUndefined()
  })
})
