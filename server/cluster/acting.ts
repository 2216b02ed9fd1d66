/** The cluster as somebody uses it who is no administrator: every write is authorised, and roles and bindings are checked for escalation. */
import type { Ref } from '../k8s/object.ts'
import { applyThrough } from './api.ts'
import type { LiveCluster } from './cluster.ts'
import { subjectOf } from './kubectl/console.ts'
import type { Subject } from './rbac.ts'
import { evaluate, forbiddenError } from './rbac.ts'
import { apiAs } from './rbac-escalation.ts'
import { isNamespaced, resourceOf } from './resources.ts'
import type { Api, ApiError, Cluster } from './types.ts'

/** The 403 for a request, or undefined when it is allowed. */
export function refusalFor(cluster: Cluster, subject: Subject, verb: string, ref: Ref, subresource?: string): ApiError | undefined {
  const { group, plural } = resourceOf(ref.kind)
  const request = { verb, group, resource: plural, namespace: isNamespaced(ref.kind) ? ref.namespace : '', ...(ref.name ? { name: ref.name } : {}), ...(subresource ? { subresource } : {}) }
  return evaluate(subject, request, cluster.view).allowed ? undefined : forbiddenError(subject, request)
}

/** A view of the cluster whose API acts for a user, named as `--as` names one. */
export function actingAs(cluster: LiveCluster, user: string): LiveCluster {
  const subject = subjectOf(user, [])!
  const inner = apiAs(cluster, subject)
  const at = (object: { kind: string; metadata: { namespace?: string; name: string } }, name = object.metadata.name): Ref => ({ kind: object.kind, namespace: object.metadata.namespace ?? cluster.scenario.namespace, name })
  const asked = <Result>(verb: string, ref: Ref, act: () => Result, subresource?: string): Result | { error: ApiError } => {
    const error = refusalFor(cluster, subject, verb, ref, subresource)
    return error ? { error } : act()
  }
  const api: Api = {
    ...inner,
    create: (object) => asked('create', at(object, ''), () => inner.create(object)),
    update: (object) => asked('patch', at(object), () => inner.update(object)),
    patch: (ref, merge) => asked('patch', ref, () => inner.patch(ref, merge)),
    apply: (object) => asked('get', at(object), () => applyThrough(cluster, api, object)),
    delete: (ref, options) => asked('delete', ref, () => inner.delete(ref, options)),
    evict: (ref) => asked('create', ref, () => inner.evict(ref), 'eviction'),
  }
  return Object.create(cluster, { api: { value: api } }) as LiveCluster
}
