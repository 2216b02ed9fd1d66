/** Granting what one does not hold: refused with the server's words, unless `escalate` or `bind` says otherwise. */
import { describe, expect, test } from 'vitest'
import type { LiveCluster } from '../../server/cluster/cluster.ts'
import { escalation } from '../../server/cluster/rbac-escalation.ts'
import { serviceAccountSubject } from '../../server/cluster/rbac.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'
import { told } from './kubectl/still-cluster.ts'
import { startCluster } from './control-plane.ts'
import { scenarioSchema, simulate } from '../../server/cluster/index.ts'
import { deploymentOf, fileOf } from '../support/exercise.ts'

const rbac = 'rbac.authorization.k8s.io'
const deployer = 'system:serviceaccount:game:deployer'
const groups = '["system:serviceaccounts" "system:serviceaccounts:game" "system:authenticated"]'
const own: Fields[] = [{ apiGroups: [rbac], resources: ['roles', 'rolebindings'], verbs: ['create', 'get', 'list', 'patch', 'update'] }, { apiGroups: ['', 'apps'], resources: ['pods', 'deployments'], verbs: ['get', 'list'] }]
function clusterWith(rules: Fields[] = own, ...objects: K8sObject[]): LiveCluster {
  const cluster = startCluster()
  const role = (kind: string, name: string, given: Fields[]): K8sObject => ({ apiVersion: `${rbac}/v1`, kind, metadata: { name, ...(kind === 'Role' ? { namespace: 'game' } : {}) }, rules: given })
  for (const object of [role('Role', 'deployer', rules), role('ClusterRole', 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]), { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: 'deployer', namespace: 'game' }, roleRef: { apiGroup: rbac, kind: 'Role', name: 'deployer' }, subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'game' }] } as K8sObject, ...objects]) cluster.api.create(object)
  return cluster
}
const as = (cluster: LiveCluster, line: string): string => told(cluster, `${line} --as=${deployer}`)

describe('a role', () => {
  test('with rights the writer has is written, for fewer verbs and one name too', () => {
    expect(as(clusterWith(), 'create role r --verb=get --resource=pods --resource-name=a')).toBe('role.rbac.authorization.k8s.io/r created\n')
  })
  test('with others is refused; missing verbs of one resource stand together', () => {
    expect(as(clusterWith(), 'create role r --verb=get,list,delete,watch --resource=pods,secrets')).toBe(
      `Error from server (Forbidden): roles.${rbac} "r" is forbidden: user "${deployer}" (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list" "delete" "watch"]}\nexit 1\n`,
    )
  })
  test('is written all the same by who may escalate, or belongs to system:masters', () => {
    expect(as(clusterWith([...own, { apiGroups: [rbac], resources: ['roles'], verbs: ['escalate'] }]), 'create role r --verb=get --resource=secrets')).toContain('created')
    expect(told(clusterWith(), 'create role r --verb=get --resource=secrets --as=ann --as-group=system:masters')).toContain('created')
    expect(told(clusterWith(), 'create role r --verb=get --resource=secrets')).toContain('created')
  })
  test('cannot be widened by a patch either, and stays as it was', () => {
    const cluster = clusterWith()
    expect(as(cluster, `patch role deployer --type=merge -p '{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}'`)).toContain('is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}')
    expect(cluster.view.get('Role', 'game', 'deployer')!.rules).toEqual(own)
  })
  test('that gathers others needs everything', () => {
    const subject = { user: 'ann', groups: ['system:authenticated'] }
    const gather = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'all' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }, rules: [] } as K8sObject
    expect(escalation(subject, gather, undefined, clusterWith().view)!.message).toBe(`clusterroles.${rbac} "all" is forbidden: must have cluster-admin privileges to use an aggregationRule`)
  })
})

describe('a binding', () => {
  test('to a role the writer holds is written; to one with more it is not', () => {
    expect(as(clusterWith(), 'create rolebinding b --role=deployer --serviceaccount=game:other')).toContain('created')
    expect(as(clusterWith(), 'create rolebinding b --clusterrole=reader --serviceaccount=game:other')).toContain('created')
    expect(as(clusterWith(), 'create rolebinding b --clusterrole=cluster-admin --serviceaccount=game:deployer')).toBe(
      `error: failed to create rolebinding: rolebindings.${rbac} "b" is forbidden: user "${deployer}" (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}\nexit 1\n`,
    )
  })
  test('is written by who may bind that very role', () => {
    const cluster = clusterWith([...own, { apiGroups: [rbac], resources: ['clusterroles'], verbs: ['bind'], resourceNames: ['edit'] }])
    expect(as(cluster, 'create rolebinding b --clusterrole=edit --serviceaccount=game:other')).toContain('created')
    expect(as(cluster, 'create rolebinding c --clusterrole=admin --serviceaccount=game:other')).toContain('not currently held')
  })
  test('to a role that does not exist is refused, though an administrator may write it', () => {
    expect(as(clusterWith(), 'create rolebinding b --role=ghost --serviceaccount=game:other')).toContain(`role.${rbac} "ghost" not found`)
    expect(told(clusterWith(), 'create rolebinding b --role=ghost --serviceaccount=game:other')).toContain('created')
  })
})

test('subresources: */scale covers deployments/scale, pods does not cover pods/log', () => {
  const subject = serviceAccountSubject('game', 'deployer')
  const cluster = clusterWith([{ apiGroups: ['*'], resources: ['*/scale', 'pods'], verbs: ['*'] }])
  const role = (resource: string): K8sObject => ({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: 'r', namespace: 'game' }, rules: [{ apiGroups: ['apps'], resources: [resource], verbs: ['get'] }] }) as K8sObject
  expect(['deployments/scale', 'pods', 'pods/log'].map((resource) => escalation(subject, role(resource), undefined, cluster.view) === undefined)).toEqual([true, true, false])
})

test('can-i lists what the subject may do and knows odd verbs', () => {
  const cluster = clusterWith()
  expect(as(cluster, 'auth can-i --list')).toMatch(/pods +\[\] +\[\] +\[get list\]/)
  expect(as(cluster, 'auth can-i look pods')).toBe("no\nWarning: verb 'look' is not a known verb\n\nexit 1\n")
  expect(as(cluster, 'auth whoami')).toBe(`ATTRIBUTE   VALUE\nUsername    ${deployer}\nGroups      [system:serviceaccounts system:serviceaccounts:game system:authenticated]\n`)
})

describe('a step of a scenario that acts as someone', () => {
  const given = fileOf(...clusterWith().view.list('Role').concat(clusterWith().view.list('RoleBinding')).map(({ apiVersion, kind, metadata: { name, namespace }, rules, roleRef, subjects }) => ({ apiVersion, kind, metadata: { name, namespace }, ...(rules ? { rules } : { roleRef, subjects }) })))
  const played = (steps: Fields[]) => simulate({ scenario: scenarioSchema.parse({ given: ['given.yaml'], runs: [{ name: 'main', steps }], goals: [{ id: 'any', admitted: {} }] }), given: { 'given.yaml': given, 'grant.yaml': fileOf({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: 'grant', namespace: 'game' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] }) }, files: { 'a.yaml': fileOf(deploymentOf()) } })
  const refused = ({ result }: ReturnType<typeof played>): string[] => result.timeline.filter((entry) => entry.kind === 'step-refused').map((entry) => entry.text)
  test('is refused what they may not do, and what they may not grant', () => {
    const grant = played([{ at: 1, as: deployer, apply: ['grant.yaml'] }])
    expect(grant.result.applied.at(-1)!.message).toContain('is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}')
    expect(refused(played([{ at: 1, as: deployer, delete: 'deployment/login' }]))).toEqual([`deployments.apps "login" is forbidden: User "${deployer}" cannot delete resource "deployments" in API group "apps" in the namespace "game"`])
    expect(refused(played([{ at: 1, as: deployer, scale: { workload: 'deployment/login', replicas: 0 } }]))[0]).toContain('cannot patch resource "deployments/scale" in API group "apps"')
    expect(refused(played([{ at: 1, delete: 'deployment/login' }]))).toEqual([])
  })
})
