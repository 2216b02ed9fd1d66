import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const config = (metadata: Fields): K8sObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata } })
const said = (object: K8sObject): string[] => admit(object).errors.map((error) => `${error.path}: ${error.message}`)
const owner = { kind: 'Deployment', uid: 'u', name: 'web', apiVersion: 'apps/v1', controller: true }
const budget = (metadata: Fields): K8sObject => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'a', ...metadata }, spec: { minAvailable: 1 } })

describe('metadata of a new object', () => {
  it.each<[string, K8sObject, string[]]>([
    ['an owner of no known version', config({ ownerReferences: [{ ...owner, apiVersion: '/apps/v1' }] }), ['metadata.ownerReferences.apiVersion: Invalid value: "/apps/v1": version must not be empty']],
    ['an owner of a version without a group', config({ ownerReferences: [{ ...owner, apiVersion: 'v1' }] }), []],
    [
      'two controllers, printed in the order of their type',
      config({ ownerReferences: [owner, { blockOwnerDeletion: false, ...owner }] }),
      ['metadata.ownerReferences: Invalid value: [{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u","controller":true},{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u","controller":true,"blockOwnerDeletion":false}]: Only one reference can have Controller set to true. Found "true" in references for Deployment/web and Deployment/web'],
    ],
    ['fields managed by no known operation', config({ managedFields: [{ operation: 'Patch', fieldsType: 'FieldsV2', manager: 'm'.repeat(129) }] }), ['metadata.managedFields[0].operation: Invalid value: "Patch": must be `Apply` or `Update`', 'metadata.managedFields[0].fieldsType: Invalid value: "FieldsV2": must be `FieldsV1`', 'metadata.managedFields[0].manager: Too long: may not be more than 128 bytes']],
    ['fields managed as kubectl writes it', config({ managedFields: [{ operation: 'Update', fieldsType: 'FieldsV1', manager: 'kubectl', fieldsV1: {} }] }), []],
    ['a finalizer without a domain', config({ finalizers: ['mine'] }), ['metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']],
    ['a finalizer without a domain where only apimachinery looks', budget({ finalizers: ['mine'] }), []],
    ['a generation that the server counts itself', budget({ generation: -1 }), []],
    ['a generation of a kind without generations', config({ generation: -1 }), ['metadata.generation: Invalid value: -1: must be greater than or equal to 0']],
  ])('%s', (_name, given, expected) => expect(said(given)).toEqual(expected))
})
