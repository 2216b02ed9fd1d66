/** The kinds that run Pods: their defaulting and validation, put together for the registry. */
import { dns1123Label } from '../../k8s/names.ts'
import { defaultDaemonSet, defaultDeployment, defaultReplicaSet, defaultStatefulSet } from '../defaults/apps.ts'
import { defaultCronJob, defaultJob } from '../defaults/batch.ts'
import { defaultPod, defaultPodTemplate, defaultReplicationController } from '../defaults/core-pod.ts'
import { preparePod, preparePodTemplate, preparePodUpdate, withPreparedTemplate, withPreparedTemplateUpdate } from '../defaults/pod-prepare.ts'
import { prepareCronJob, prepareJob, prepareStatefulSet } from '../defaults/workload-prepare.ts'
import type { KindSpec } from '../kinds.ts'
import { maskTrailingDash } from '../name-rule.ts'
import { validateControllerRevision, validateDaemonSet, validateDaemonSetUpdate, validateDeployment, validateDeploymentUpdate, validateReplicaSet, validateReplicaSetUpdate } from './apps.ts'
import { validateCronJob, validateCronJobUpdate, validateJob } from './batch.ts'
import { validateJobUpdate } from './job-update.ts'
import { validatePodUpdate } from './pod-update.ts'
import { validatePod, validatePodTemplateObject } from './pod.ts'
import { validateReplicationController } from './replication-controller.ts'
import { validateStatefulSet, validateStatefulSetUpdate } from './statefulset.ts'
import { warningsForCronJob, warningsForDaemonSet, warningsForJob, warningsForPod, warningsForPodTemplate, warningsForReplicas, warningsForStatefulSet } from './workload-warnings.ts'

const template = { namespaced: true, prepare: withPreparedTemplate, prepareUpdate: withPreparedTemplateUpdate } as const

export const workloadKinds: readonly KindSpec[] = [
  { apiVersion: 'v1', kind: 'Pod', namespaced: true, defaults: defaultPod, prepare: preparePod, prepareUpdate: preparePodUpdate, validate: validatePod, validateUpdate: validatePodUpdate, warnings: warningsForPod },
  { apiVersion: 'v1', kind: 'PodTemplate', namespaced: true, defaults: defaultPodTemplate, prepare: preparePodTemplate, prepareUpdate: preparePodTemplate, validate: validatePodTemplateObject, warnings: warningsForPodTemplate },
  { ...template, apiVersion: 'v1', kind: 'ReplicationController', defaults: defaultReplicationController, validate: validateReplicationController, warnings: warningsForReplicas },
  { ...template, apiVersion: 'apps/v1', kind: 'ReplicaSet', defaults: defaultReplicaSet, validate: validateReplicaSet, validateUpdate: validateReplicaSetUpdate, warnings: warningsForReplicas },
  { ...template, apiVersion: 'apps/v1', kind: 'Deployment', defaults: defaultDeployment, validate: validateDeployment, validateUpdate: validateDeploymentUpdate, warnings: warningsForReplicas },
  { ...template, apiVersion: 'apps/v1', kind: 'DaemonSet', defaults: defaultDaemonSet, validate: validateDaemonSet, validateUpdate: validateDaemonSetUpdate, warnings: warningsForDaemonSet },
  {
    ...template, apiVersion: 'apps/v1', kind: 'StatefulSet', name: (name, isPrefix) => dns1123Label(isPrefix ? maskTrailingDash(name) : name),
    defaults: defaultStatefulSet, prepare: prepareStatefulSet, validate: validateStatefulSet, validateUpdate: validateStatefulSetUpdate, warnings: warningsForStatefulSet,
  },
  { apiVersion: 'apps/v1', kind: 'ControllerRevision', namespaced: true, validate: (object) => validateControllerRevision(object), validateUpdate: validateControllerRevision },
  { ...template, apiVersion: 'batch/v1', kind: 'Job', defaults: defaultJob, prepare: prepareJob, validate: (object) => validateJob(object), validateUpdate: validateJobUpdate, warnings: warningsForJob },
  { ...template, apiVersion: 'batch/v1', kind: 'CronJob', defaults: defaultCronJob, prepare: prepareCronJob, validate: validateCronJob, validateUpdate: validateCronJobUpdate, warnings: warningsForCronJob },
]
