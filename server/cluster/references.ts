/** Reading the object references of scenario.yaml, and the pods behind a workload. */
import type { K8sObject, Ref } from '../k8s/object.ts'
import type { View } from './types.ts'
import { selects } from './selection.ts'
import { isNamespaced, resources } from './resources.ts'

/** `deployment/login` or `statefulset/data/mysql` as a Ref; a missing namespace is `namespace`, or '' for cluster-scoped kinds. Throws on an unknown kind, which is the author's mistake. */
export function refFrom(text: string, namespace: string): Ref {
  const [word = '', ...rest] = text.split('/')
  const kind = resources.find((resource) => resource.kind.toLowerCase() === word)?.kind
  if (!kind) throw new Error(`"${text}" names no kind the simulated cluster knows`)
  if (!isNamespaced(kind)) return { kind, namespace: '', name: rest[rest.length - 1] ?? '' }
  return rest.length > 1 ? { kind, namespace: rest[0]!, name: rest[1]! } : { kind, namespace, name: rest[0] ?? '' }
}

/** Pods of a workload: the pod itself, those it controls, and those its ReplicaSets or Jobs control. A Service stands for the pods it selects. */
export function podsOf(view: View, ref: Ref): readonly K8sObject[] {
  const owner = view.get(ref.kind, ref.namespace, ref.name)
  if (!owner) return []
  if (ref.kind === 'Pod') return [owner]
  if (ref.kind === 'Service') return view.list('Pod', ref.namespace).filter((pod) => selects({ matchLabels: owner.spec?.selector }, pod.metadata.labels))
  const uid = owner.metadata.uid ?? ''
  const between = ref.kind === 'Deployment' ? view.owned(uid, 'ReplicaSet') : ref.kind === 'CronJob' ? view.owned(uid, 'Job') : [owner]
  return between.flatMap((set) => view.owned(set.metadata.uid ?? '', 'Pod'))
}
