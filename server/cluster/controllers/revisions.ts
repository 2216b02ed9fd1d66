/** ControllerRevisions: the pod templates a StatefulSet or DaemonSet has had, by number (pkg/controller/history/controller_history.go, daemon/update.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { refOf } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'
import { equal, ownedBy } from '../pods.ts'
import { claim } from './claim.ts'
import { templateHash } from './template-hash.ts'

/** Label that says which revision a pod of a StatefulSet or DaemonSet has. */
export const revisionLabel = 'controller-revision-hash'

/** The pod template of a revision; it is stored as a patch that replaces the whole template (getPatch). */
export function templateOf(revision: K8sObject): K8sObject {
  const { $patch: _directive, ...template } = (revision.data as Fields).spec.template
  return template as K8sObject
}

/**
 * Sees to it that the present template has a revision with the highest number, and gives that revision: a template that was there before is renumbered, not stored twice
 * (getStatefulSetRevisions, constructHistory). Revisions without an owner that carry the set's labels are adopted.
 */
export function currentRevision(set: K8sObject, cluster: Cluster): K8sObject {
  const known = claim(set, 'ControllerRevision', cluster)
  const same = known.filter((revision) => equal(templateOf(revision), set.spec.template)).sort((a, b) => a.revision - b.revision).at(-1)
  const next = known.reduce((most, revision) => (revision === same ? most : Math.max(most, revision.revision as number)), 0) + 1
  if (same && (same.revision as number) >= next) return same
  const hash = templateHash(set.spec.template)
  const name = same?.metadata.name ?? `${set.metadata.name}-${hash}`
  if (same) cluster.put({ ...same, revision: next })
  else cluster.api.create(snapshot(set, name, hash, next))
  return cluster.view.get('ControllerRevision', set.metadata.namespace ?? '', name) ?? snapshot(set, name, hash, next)
}

function snapshot(set: K8sObject, name: string, hash: string, revision: number): K8sObject {
  const { annotations } = set.metadata
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace: set.metadata.namespace,
      labels: { ...set.spec.template.metadata?.labels, [set.kind === 'DaemonSet' ? revisionLabel : 'controller.kubernetes.io/hash']: hash },
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ownerReferences: [ownedBy(set)],
    },
    data: { spec: { template: { ...set.spec.template, $patch: 'replace' } } },
    revision,
  }
}

/** Deletes the oldest revisions beyond revisionHistoryLimit; those in use stay and, for a StatefulSet, do not count (truncateHistory, cleanupHistory). */
export function trimRevisions(set: K8sObject, current: K8sObject, isLive: (revision: K8sObject) => boolean, cluster: Cluster): void {
  const limit = (set.spec.revisionHistoryLimit ?? 10) as number
  const old = cluster.view.owned(set.metadata.uid ?? '', 'ControllerRevision').filter((revision) => revision.metadata.name !== current.metadata.name)
  const idle = old.filter((revision) => !isLive(revision)).sort((a, b) => a.revision - b.revision)
  const excess = (set.kind === 'DaemonSet' ? old.length : idle.length) - limit
  for (const revision of idle.slice(0, Math.max(0, excess))) cluster.api.delete(refOf(revision))
}
