/** Describers by kind. */
import type { K8sObject } from '../../../k8s/object.ts'
import type { Console } from '../console.ts'
import { describeAutoscaler, describeBudget, describeConfigMap, describeLimitRange, describeNamespace, describeQuota, describeRole, describeRoleBinding, describeSecret, describeServiceAccount } from './config.ts'
import { describeEndpoints, describeEndpointSlice, describeIngress, describeIngressClass, describeNetworkPolicy, describeService } from './network.ts'
import { describeNode } from './node.ts'
import { describePod } from './pod.ts'
import { describeClaim, describeOther, describePriorityClass, describeStorageClass, describeVolume } from './storage.ts'
import { describeCronJob, describeDaemonSet, describeDeployment, describeJob, describeReplicaSet, describeStatefulSet } from './workload.ts'

export type Describer = (console: Console, object: K8sObject, showEvents: boolean) => string

const describers: Record<string, Describer> = {
  Pod: describePod, Deployment: describeDeployment, ReplicaSet: describeReplicaSet, ReplicationController: describeReplicaSet, StatefulSet: describeStatefulSet, DaemonSet: describeDaemonSet, Job: describeJob, CronJob: describeCronJob,
  Service: describeService, Endpoints: describeEndpoints, EndpointSlice: describeEndpointSlice, Ingress: describeIngress, IngressClass: describeIngressClass, NetworkPolicy: describeNetworkPolicy,
  ConfigMap: describeConfigMap, Secret: describeSecret, ServiceAccount: describeServiceAccount, Role: describeRole, ClusterRole: describeRole, RoleBinding: describeRoleBinding, ClusterRoleBinding: describeRoleBinding,
  ResourceQuota: describeQuota, LimitRange: describeLimitRange, Namespace: describeNamespace, PodDisruptionBudget: describeBudget, HorizontalPodAutoscaler: describeAutoscaler,
  Node: describeNode, PersistentVolumeClaim: describeClaim, PersistentVolume: describeVolume, StorageClass: describeStorageClass, PriorityClass: describePriorityClass,
}

/** The describer of a kind; kinds without one are shown field by field. */
export function describerOf(kind: string): Describer {
  return describers[kind] ?? describeOther
}
