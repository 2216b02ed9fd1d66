/** Every controller of the control plane, the scheduler last. */
import type { Controller } from '../types.ts'
import { createScheduler } from '../scheduler/index.ts'
import { cronJobController } from './cronjob/index.ts'
import { createDaemonSetController } from './daemonset.ts'
import { createDeploymentController } from './deployment/index.ts'
import { disruptionController } from './disruption.ts'
import { endpointsController } from './endpoints.ts'
import { endpointSliceMirroringController } from './endpointslice-mirroring.ts'
import { createEndpointSliceController } from './endpointslice.ts'
import { createEphemeralVolumeController } from './ephemeral-volume.ts'
import { garbageCollector } from './garbage-collector.ts'
import { createHpaController } from './hpa/index.ts'
import { createIngressController } from './ingress.ts'
import { createJobController } from './job/index.ts'
import { namespaceController } from './namespace.ts'
import { nodeLifecycleController } from './node-lifecycle.ts'
import { createPersistentVolumeController } from './persistentvolume/index.ts'
import { createReplicaSetController } from './replicaset.ts'
import { resourceQuotaController } from './resourcequota.ts'
import { createServiceController } from './service.ts'
import { serviceAccountTokenController } from './service-account-token.ts'
import { createStatefulSetController } from './statefulset.ts'

/** A fresh set for one cluster: several remember back-offs, queues or samples. */
export function createControllers(): Controller[] {
  return [
    cronJobController,
    createDaemonSetController(),
    createDeploymentController(),
    disruptionController,
    endpointsController,
    createEndpointSliceController(),
    endpointSliceMirroringController,
    createEphemeralVolumeController(),
    garbageCollector,
    createHpaController(),
    createIngressController(),
    createJobController(),
    namespaceController,
    nodeLifecycleController,
    createPersistentVolumeController(),
    createReplicaSetController(),
    resourceQuotaController,
    createServiceController(),
    serviceAccountTokenController,
    createStatefulSetController(),
    createScheduler(),
  ]
}
