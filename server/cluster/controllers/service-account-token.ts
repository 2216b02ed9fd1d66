/** Secrets of type kubernetes.io/service-account-token: filled for the account they name, and deleted with it (pkg/controller/serviceaccount/tokens_controller.go). */
import type { K8sObject } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { Controller } from '../types.ts'
import { parseKey } from './keys.ts'

const nameKey = 'kubernetes.io/service-account.name'
const uidKey = 'kubernetes.io/service-account.uid'

function isToken(object: K8sObject): boolean {
  return object.kind === 'Secret' && object.type === 'kubernetes.io/service-account-token'
}

export const serviceAccountTokenController: Controller = {
  name: 'serviceaccount-token',
  source: 'pkg/controller/serviceaccount/tokens_controller.go:syncSecret, generateTokenIfNeeded',
  about: 'Puts token, ca.crt and namespace into Secrets of type kubernetes.io/service-account-token, and deletes those whose account does not exist. A token is a name for the account, not a signed one.',
  keys({ object }, cluster) {
    if (isToken(object)) return [keyOf(object)]
    if (object.kind !== 'ServiceAccount') return []
    return cluster.view.list('Secret', object.metadata.namespace ?? '').filter((secret) => isToken(secret) && secret.metadata.annotations?.[nameKey] === object.metadata.name).map(keyOf)
  },
  reconcile(key, cluster) {
    const { namespace, name } = parseKey(key)
    const secret = cluster.view.get('Secret', namespace, name)
    if (!secret || !isToken(secret) || secret.metadata.deletionTimestamp) return
    const account = cluster.view.get('ServiceAccount', namespace, secret.metadata.annotations?.[nameKey] ?? '')
    const uid = secret.metadata.annotations?.[uidKey]
    if (!account || (uid !== undefined && uid !== account.metadata.uid)) return void cluster.api.delete(refOf(secret))
    const certificate = (cluster.view.get('ConfigMap', namespace, 'kube-root-ca.crt')?.data?.['ca.crt'] ?? '') as string
    const wanted: Record<string, string> = { 'ca.crt': btoa(certificate), namespace: btoa(namespace), token: btoa(`token-of-${account.metadata.name}`) }
    // The certificate and the namespace follow, a token that is there stays.
    const data = Object.fromEntries(Object.entries(wanted).filter(([item, value]) => (item === 'token' ? !secret.data?.token : secret.data?.[item] !== value)))
    if (Object.keys(data).length > 0 || uid === undefined) cluster.api.patch(refOf(secret), { metadata: { annotations: { [uidKey]: account.metadata.uid } }, data }, 'tokens-controller')
  },
}
