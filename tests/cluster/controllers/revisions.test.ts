/** ControllerRevisions of StatefulSets and DaemonSets: what rollout history shows, where undo goes back to, what revisionHistoryLimit leaves. */
import { describe, expect, test } from 'vitest'
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { told } from '../kubectl/still-cluster.ts'
import { pods, startCluster } from '../control-plane.ts'

function set(kind: string, version: string, extra: Fields = {}, cause?: string): K8sObject {
  const spec = kind === 'StatefulSet' ? { replicas: 1, serviceName: 'db', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } } : { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 3 } } }
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'db', namespace: 'game', ...(cause ? { annotations: { 'kubernetes.io/change-cause': cause } } : {}) }, spec: { ...spec, selector: { matchLabels: { app: 'db' } }, ...extra, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: `db:${version}` }] } } } }
}
function rolled(kind: string, versions: string[], extra: Fields = {}): LiveCluster {
  const cluster = startCluster()
  for (const version of versions) {
    cluster.api.apply(set(kind, version, extra, `to ${version}`))
    cluster.advance(cluster.now + 30_000)
  }
  return cluster
}
const numbers = (cluster: LiveCluster): number[] => cluster.view.list('ControllerRevision', 'game').map((one) => one.revision as number).sort((a, b) => a - b)
const images = (cluster: LiveCluster): string[] => [...new Set(pods(cluster, 'db').map((pod) => pod.spec.containers[0].image as string))]

describe.each(['StatefulSet', 'DaemonSet'])('%s', (kind) => {
  const word = kind.toLowerCase()
  test('shows its history with the cause of each change', () => {
    const cluster = rolled(kind, ['1', '2'])
    expect(told(cluster, `rollout history ${word}/db`)).toBe(`${word}.apps/db \nREVISION  CHANGE-CAUSE\n1         to 1\n2         to 2\n\n`)
    expect(told(cluster, `rollout history ${word}/db --revision=1`)).toContain('db:1')
    expect(told(cluster, `rollout history ${word}/db --revision=9`)).toBe('error: unable to find the specified revision\nexit 1\n')
    expect(told(cluster, 'get controllerrevisions --no-headers')).toMatch(new RegExp(`^db-\\w+ +${word}.apps/db +1 `, 'm'))
    expect(told(cluster, 'get controllerrevisions -o yaml')).toContain('$patch: replace')
  })
  test('goes back to the revision before, or to the one named, and renumbers it', () => {
    const cluster = rolled(kind, ['1', '2', '3'])
    expect(told(cluster, `rollout undo ${word}/db`)).toBe(`${word}.apps/db rolled back\n`)
    cluster.advance(cluster.now + 30_000)
    expect([images(cluster), numbers(cluster)]).toEqual([['db:2'], [1, 3, 4]])
    told(cluster, `rollout undo ${word}/db --to-revision=1`)
    cluster.advance(cluster.now + 30_000)
    expect([images(cluster), numbers(cluster)]).toEqual([['db:1'], [3, 4, 5]])
    expect(told(cluster, `rollout undo ${word}/db --to-revision=7`)).toBe('error: unable to find specified revision 7 in history\nexit 1\n')
    expect(told(cluster, `rollout undo ${word}/db --to-revision=5`)).toContain('skipped rollback (current template already matches revision 5)')
  })
  test('has nothing to go back to after one revision', () => expect(told(rolled(kind, ['1']), `rollout undo ${word}/db`)).toBe('error: no last revision to roll back to\nexit 1\n'))
  test('keeps revisionHistoryLimit old ones', () => {
    expect(numbers(rolled(kind, ['1', '2', '3', '4'], { revisionHistoryLimit: 1 }))).toEqual([3, 4])
    expect(numbers(rolled(kind, ['1', '2', '3'], { revisionHistoryLimit: 0 }))).toEqual([3])
  })
})

test('a revision that pods still have is not deleted', () => {
  const cluster = rolled('StatefulSet', ['1', '2', '3'], { replicas: 2, revisionHistoryLimit: 0, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } })
  expect(images(cluster).sort()).toEqual(['db:1', 'db:3'])
  expect(numbers(cluster)).toEqual([1, 3])
})
