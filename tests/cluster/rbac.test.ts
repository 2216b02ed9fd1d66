import { describe, expect, test } from 'vitest'
import type { K8sObject } from '../../server/k8s/object.ts'
import { canI, evaluate, forbiddenError, ruleAllows, serviceAccountSubject } from '../../server/cluster/rbac.ts'
import { startCluster } from './control-plane.ts'

const group = 'rbac.authorization.k8s.io'
const app = serviceAccountSubject('game', 'app')
const role = (kind: string, name: string, rules: object[], extra: object = {}): K8sObject => ({ apiVersion: `${group}/v1`, kind, metadata: { name, ...(kind === 'Role' ? { namespace: 'game' } : {}) }, rules, ...extra }) as K8sObject
const binding = (kind: string, roleKind: string, roleName: string, subject: object): K8sObject => ({ apiVersion: `${group}/v1`, kind, metadata: { name: `b-${roleName}`, ...(kind === 'RoleBinding' ? { namespace: 'game' } : {}) }, roleRef: { apiGroup: group, kind: roleKind, name: roleName }, subjects: [subject] })
const account = { kind: 'ServiceAccount', name: 'app', namespace: 'game' }
const view = (...objects: K8sObject[]) => {
  const cluster = startCluster()
  for (const object of objects) cluster.api.create(object)
  return cluster.view
}

describe('one rule', () => {
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }
  const pods = { verb: 'get', group: '', resource: 'pods', namespace: 'game' }
  test.each([
    ['the resource', rule, pods, true], ['another verb', rule, { ...pods, verb: 'delete' }, false], ['a subresource', rule, { ...pods, subresource: 'log' }, false], ['another group', rule, { ...pods, group: 'apps' }, false],
    ['a named subresource', { ...rule, resources: ['pods/log'] }, { ...pods, subresource: 'log' }, true], ['*/scale', { ...rule, resources: ['*/scale'] }, { ...pods, subresource: 'scale' }, true], ['everything', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { ...pods, subresource: 'exec' }, true],
    ['its name', { ...rule, resourceNames: ['a'] }, { ...pods, name: 'a' }, true], ['another name', { ...rule, resourceNames: ['a'] }, { ...pods, name: 'b' }, false], ['a list when names are given', { ...rule, resourceNames: ['a'] }, { ...pods, verb: 'list' }, false],
  ])('%s', (_name, given, request, expected) => expect(ruleAllows(given, request)).toBe(expected))
})

test('a RoleBinding gives rights in its namespace only, also when it binds a ClusterRole', () => {
  const there = view(role('ClusterRole', 'reader', [{ apiGroups: ['', 'apps'], resources: ['pods', 'nodes'], verbs: ['list'] }]), binding('RoleBinding', 'ClusterRole', 'reader', account))
  expect(evaluate(app, { verb: 'list', group: '', resource: 'pods', namespace: 'game' }, there)).toEqual({ allowed: true, reason: 'RBAC: allowed by RoleBinding "b-reader/game" of ClusterRole "reader" to ServiceAccount "app/game"' })
  expect(evaluate(app, { verb: 'list', group: '', resource: 'pods', namespace: 'default' }, there).allowed).toBe(false)
  expect(evaluate(app, { verb: 'list', group: '', resource: 'nodes', namespace: '' }, there).allowed).toBe(false)
})

test('a binding to a role that is not there grants nothing and says so', () => {
  expect(evaluate(app, { verb: 'list', group: '', resource: 'pods', namespace: 'game' }, view(binding('RoleBinding', 'Role', 'ghost', account)))).toEqual({ allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "ghost" not found' })
})

test('groups, view without secrets, aggregation', () => {
  const there = view(binding('ClusterRoleBinding', 'ClusterRole', 'view', { kind: 'Group', name: 'system:serviceaccounts:game' }), role('ClusterRole', 'more', [{ apiGroups: ['game.example'], resources: ['matches'], verbs: ['get'] }], { metadata: { name: 'more', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } } }))
  const may = (resource: string, verb: string, apiGroup = ''): boolean => evaluate(app, { verb, group: apiGroup, resource, namespace: 'game' }, there).allowed
  expect([may('pods', 'list'), may('secrets', 'get'), may('pods', 'delete'), may('matches', 'get', 'game.example')]).toEqual([true, false, false, true])
})

test('texts', () => {
  const text = (request: Parameters<typeof forbiddenError>[1]): string => forbiddenError(app, request).message
  expect(text({ verb: 'list', group: '', resource: 'pods', namespace: 'game' })).toBe('pods is forbidden: User "system:serviceaccount:game:app" cannot list resource "pods" in API group "" in the namespace "game"')
  expect(text({ verb: 'get', group: '', resource: 'pods', name: 'x', namespace: 'game' })).toBe('pods "x" is forbidden: User "system:serviceaccount:game:app" cannot get resource "pods" in API group "" in the namespace "game"')
  expect(text({ verb: 'list', group: '', resource: 'nodes', namespace: '' })).toBe('nodes is forbidden: User "system:serviceaccount:game:app" cannot list resource "nodes" in API group "" at the cluster scope')
  expect(canI(app, 'list', 'po', 'game', view())).toEqual({ answer: 'no', warnings: [], reason: '' })
  expect(canI(app, 'list', 'foo', 'game', view()).warnings).toEqual(["the server doesn't have a resource type 'foo'"])
  expect(canI(app, 'list', 'nodes', 'game', view()).warnings).toEqual([`resource 'nodes' is not namespace scoped`])
})
