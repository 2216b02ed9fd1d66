/** Defaults of the apps group (pkg/apis/apps/v1/defaults.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { defaultTemplate } from './core-pod.ts'
import { deepCopy } from './deep-copy.ts'

/** A copy of the spec whose pod template has its defaults. */
function specWithTemplate(object: K8sObject): Fields {
  const spec: Fields = deepCopy((object.spec ?? {}) as Fields)
  spec.template ??= {}
  defaultTemplate(spec.template)
  return spec
}

/** SetDefaults_Deployment. The selector is never defaulted in apps/v1. */
export function defaultDeployment(object: K8sObject): K8sObject {
  const spec = specWithTemplate(object)
  spec.replicas ??= 1
  const strategy: Fields = (spec.strategy ??= {})
  if (!strategy.type) strategy.type = 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {}
    strategy.rollingUpdate.maxUnavailable ??= '25%'
    strategy.rollingUpdate.maxSurge ??= '25%'
  }
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  return { ...object, spec }
}

/** SetDefaults_ReplicaSet. */
export function defaultReplicaSet(object: K8sObject): K8sObject {
  const spec = specWithTemplate(object)
  spec.replicas ??= 1
  return { ...object, spec }
}

/** SetDefaults_DaemonSet. */
export function defaultDaemonSet(object: K8sObject): K8sObject {
  const spec = specWithTemplate(object)
  const strategy: Fields = (spec.updateStrategy ??= {})
  if (!strategy.type) strategy.type = 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {}
    strategy.rollingUpdate.maxUnavailable ??= 1
    strategy.rollingUpdate.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= 10
  return { ...object, spec }
}

/** SetDefaults_StatefulSet, and the claims of volumeClaimTemplates. */
export function defaultStatefulSet(object: K8sObject): K8sObject {
  const spec = specWithTemplate(object)
  if (!spec.podManagementPolicy) spec.podManagementPolicy = 'OrderedReady'
  const strategy: Fields = (spec.updateStrategy ??= {})
  if (!strategy.type) {
    strategy.type = 'RollingUpdate'
    strategy.rollingUpdate ??= {}
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0
  const retention: Fields = (spec.persistentVolumeClaimRetentionPolicy ??= {})
  if (!retention.whenDeleted) retention.whenDeleted = 'Retain'
  if (!retention.whenScaled) retention.whenScaled = 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= 'v1'
    claim.kind ??= 'PersistentVolumeClaim'
    claim.spec ??= {}
    claim.spec.volumeMode ??= 'Filesystem'
    claim.status ??= {}
    if (!claim.status.phase) claim.status.phase = 'Pending'
  }
  return { ...object, spec }
}
