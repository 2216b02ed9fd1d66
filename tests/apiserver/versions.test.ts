import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import { apiLifeOf, deprecationWarning, isRemoved } from '../../server/apiserver/versions.ts'
import { schemasOf } from '../../server/k8s/schemas/schema.ts'

describe('API versions', () => {
  it('that were removed name their replacement, and are unknown to the server', () => {
    const life = apiLifeOf('extensions/v1beta1', 'Ingress')!
    expect([life.removed, life.replacement, isRemoved(life, '1.36')]).toEqual(['1.22', 'networking.k8s.io/v1', true])
    expect(admit({ apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'i' } }).stage).toBe('unknown')
    expect(apiLifeOf('policy/v1beta1', 'PodSecurityPolicy')!.replacement).toBeUndefined()
    expect(apiLifeOf('v1', 'Pod')).toBeUndefined()
  })

  it('that are gone are in no schema, and their replacements are', () => {
    const rows = ['extensions/v1beta1 Deployment', 'apps/v1beta1 StatefulSet', 'apps/v1beta2 DaemonSet', 'networking.k8s.io/v1beta1 Ingress', 'batch/v1beta1 CronJob', 'policy/v1beta1 PodDisruptionBudget', 'autoscaling/v2beta2 HorizontalPodAutoscaler', 'discovery.k8s.io/v1beta1 EndpointSlice', 'flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema', 'storage.k8s.io/v1beta1 CSIStorageCapacity']
    for (const row of rows) {
      const [apiVersion, kind] = row.split(' ') as [string, string]
      const life = apiLifeOf(apiVersion, kind)!
      expect([row, schemasOf('1.36').kind(apiVersion, kind)]).toEqual([row, undefined])
      expect([row, schemasOf('1.36').kind(life.replacement!, life.replacementKind ?? kind) !== undefined]).toEqual([row, true])
    }
  })

  it('that are deprecated but served give the warning of the server', () => {
    expect(deprecationWarning('v1', 'Endpoints', '1.36')).toBe('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice')
    expect(deprecationWarning('storage.k8s.io/v1beta1', 'VolumeAttributesClass', '1.36')).toBe('storage.k8s.io/v1beta1 VolumeAttributesClass is deprecated in v1.34+, unavailable in v1.37+; use storage.k8s.io/v1 VolumeAttributesClass')
    expect(admit({ apiVersion: 'resource.k8s.io/v1beta1', kind: 'ResourceClaim', metadata: { name: 'r' } }).warnings).toEqual(['resource.k8s.io/v1beta1 ResourceClaim is deprecated in v1.35+, unavailable in v1.38+'])
    expect(admit({ apiVersion: 'resource.k8s.io/v1beta1', kind: 'ResourceClaim', metadata: { name: 'r' } }, { version: '1.34' }).warnings).toEqual([])
    expect(deprecationWarning('batch/v1beta1', 'CronJob', '1.36')).toBeUndefined()
    expect(admit({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e' } }).warnings).toEqual(['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'])
  })
})
