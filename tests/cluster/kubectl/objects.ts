/** One object or two of every kind, with the states that tables and descriptions must show. */
import type { Fields, K8sObject } from '../../../server/k8s/object.ts'
import { at } from './still-cluster.ts'

function object(apiVersion: string, kind: string, name: string, rest: Fields = {}, metadata: Fields = {}): K8sObject {
  return { apiVersion, kind, metadata: { name, namespace: 'game', uid: `uid-${kind}-${name}`, ...metadata }, ...rest }
}
const wide = (apiVersion: string, kind: string, name: string, rest: Fields = {}, metadata: Fields = {}): K8sObject => object(apiVersion, kind, name, rest, { namespace: undefined, ...metadata })
const owned = (kind: string, name: string, apiVersion = 'apps/v1'): Fields => ({ ownerReferences: [{ apiVersion, kind, name, uid: `uid-${kind}-${name}`, controller: true }] })

const template: Fields = {
  metadata: { labels: { app: 'login' }, annotations: { 'example.com/team': 'accounts' } },
  spec: {
    serviceAccountName: 'login', priorityClassName: 'game-high', nodeSelector: { pool: 'game' },
    initContainers: [{ name: 'migrate', image: 'login:1.8.2', args: ['migrate', '--wait'] }],
    containers: [
      {
        name: 'app', image: 'login:1.8.2', command: ['/app/login'], ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }, { containerPort: 9090, protocol: 'TCP', hostPort: 9090 }],
        resources: { requests: { cpu: '250m', memory: '128Mi' }, limits: { memory: '256Mi' } },
        livenessProbe: { tcpSocket: { port: 8080 }, initialDelaySeconds: 5, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
        readinessProbe: { httpGet: { path: '/ready', port: 'http', scheme: 'HTTP' }, timeoutSeconds: 2, periodSeconds: 5, successThreshold: 1, failureThreshold: 3 },
        startupProbe: { grpc: { port: 9090, service: '' }, timeoutSeconds: 1, periodSeconds: 2, successThreshold: 1, failureThreshold: 30 },
        envFrom: [{ configMapRef: { name: 'login-config' } }, { prefix: 'DB_', secretRef: { name: 'db', optional: true } }],
        env: [
          { name: 'LEVEL', value: 'info' }, { name: 'MOTD', value: 'one\ntwo' }, { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } }, { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }, { name: 'KEY', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }, { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'login-config', key: 'mode', optional: true } } },
        ],
        volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'config', mountPath: '/etc/login/app.yaml', subPath: 'app.yaml', readOnly: true }],
      },
      { name: 'log', image: 'busybox:1.37', command: ['sh', '-c', 'tail -F /data/log\nexit 1'], livenessProbe: { exec: { command: ['cat', '/tmp/ok'] } } },
    ],
    volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }, { name: 'config', configMap: { name: 'login-config' } }, { name: 'tls', secret: { secretName: 'login-tls', optional: true } }, { name: 'store', persistentVolumeClaim: { claimName: 'data' } }, { name: 'host', hostPath: { path: '/var/log', type: 'Directory' } }, { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }],
    tolerations: [{ key: 'game', operator: 'Equal', value: 'yes', effect: 'NoSchedule' }, { operator: 'Exists' }],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'login' } } }],
  },
}

const selector = { matchLabels: { app: 'login' } }
const conditions = (...list: [string, string, string][]): Fields[] => list.map(([type, status, reason]) => ({ type, status, reason, message: `${reason} it is.`, lastTransitionTime: at(30), lastUpdateTime: at(30) }))

const runningPod = object('v1', 'Pod', 'login-6d4-x7k2p', {
  spec: { ...template.spec, nodeName: 'node-1', priority: 1000, readinessGates: [{ conditionType: 'example.com/open' }] },
  status: {
    phase: 'Running', podIP: '10.244.1.7', podIPs: [{ ip: '10.244.1.7' }], hostIP: '10.0.0.11', startTime: at(2), qosClass: 'Burstable',
    conditions: conditions(['PodReadyToStartContainers', 'True', ''], ['Initialized', 'True', ''], ['Ready', 'False', 'ContainersNotReady'], ['ContainersReady', 'False', 'ContainersNotReady'], ['PodScheduled', 'True', '']),
    initContainerStatuses: [{ name: 'migrate', ready: true, restartCount: 0, image: 'login:1.8.2', imageID: 'login@sha256:11', containerID: 'containerd://aa', state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: at(3), finishedAt: at(5), containerID: 'containerd://aa' } } }],
    containerStatuses: [
      { name: 'app', ready: true, started: true, restartCount: 1, image: 'login:1.8.2', imageID: 'login@sha256:11', containerID: 'containerd://bb', state: { running: { startedAt: at(40) } }, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: at(6), finishedAt: at(38), containerID: 'containerd://b0' } } },
      { name: 'log', ready: false, started: false, restartCount: 4, image: 'busybox:1.37', imageID: 'busybox@sha256:22', containerID: 'containerd://cc', state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } }, lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'no such file', startedAt: at(80), finishedAt: at(81), containerID: 'containerd://cc' } } },
    ],
  },
}, { labels: { app: 'login', 'pod-template-hash': '6d4' }, annotations: { 'example.com/long': 'x'.repeat(150), 'example.com/lines': 'one\ntwo', 'kubectl.kubernetes.io/last-applied-configuration': '{}' }, creationTimestamp: at(1), ...owned('ReplicaSet', 'login-6d4') })

const pods: K8sObject[] = [
  runningPod,
  object('v1', 'Pod', 'queued', { spec: { containers: [{ name: 'app', image: 'login:1.8.2' }] }, status: { phase: 'Pending', qosClass: 'BestEffort', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] } }, { creationTimestamp: at(60) }),
  object('v1', 'Pod', 'leaving', { spec: { nodeName: 'node-2', containers: [{ name: 'app', image: 'login:1.8.2', resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1536Mi' } } }] }, status: { phase: 'Running', podIP: '10.244.2.3', containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: { startedAt: at(4) } } }] } }, { deletionTimestamp: at(110), deletionGracePeriodSeconds: 30 }),
]

const workloads: K8sObject[] = [
  object('apps/v1', 'Deployment', 'login', { spec: { replicas: 3, selector, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: 1 } }, minReadySeconds: 5, template }, status: { replicas: 4, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 2, unavailableReplicas: 2, conditions: conditions(['Available', 'True', 'MinimumReplicasAvailable'], ['Progressing', 'True', 'ReplicaSetUpdated']) } }, { labels: { app: 'login', tier: 'front' }, annotations: { 'deployment.kubernetes.io/revision': '2' } }),
  object('apps/v1', 'ReplicaSet', 'login-6d4', { spec: { replicas: 1, selector: { matchLabels: { app: 'login', 'pod-template-hash': '6d4' } }, template: { ...template, metadata: { ...template.metadata, labels: { app: 'login', 'pod-template-hash': '6d4' } } } }, status: { replicas: 1, readyReplicas: 0 } }, { ...owned('Deployment', 'login'), annotations: { 'deployment.kubernetes.io/revision': '2' }, creationTimestamp: at(1) }),
  object('apps/v1', 'ReplicaSet', 'login-59c', { spec: { replicas: 3, selector: { matchLabels: { app: 'login', 'pod-template-hash': '59c' } }, template: { metadata: { labels: { app: 'login', 'pod-template-hash': '59c' } }, spec: { containers: [{ name: 'app', image: 'login:1.8.1' }] } } }, status: { replicas: 3, readyReplicas: 3, conditions: conditions(['ReplicaFailure', 'True', 'FailedCreate']) } }, owned('Deployment', 'login')),
  object('apps/v1', 'StatefulSet', 'store', { spec: { replicas: 2, selector: { matchLabels: { app: 'store' } }, serviceName: 'store', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }, template: { metadata: { labels: { app: 'store' } }, spec: { containers: [{ name: 'db', image: 'mysql:8.4' }] } }, volumeClaimTemplates: [{ metadata: { name: 'data', labels: { a: '1', b: '2' } }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard-rwo', resources: { requests: { storage: '10Gi' } } } }] }, status: { replicas: 2, readyReplicas: 1 } }),
  object('apps/v1', 'DaemonSet', 'agent', { spec: { selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: { nodeSelector: { 'kubernetes.io/os': 'linux' }, containers: [{ name: 'agent', image: 'agent:2' }] } } }, status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 2, updatedNumberScheduled: 3, numberAvailable: 2, numberMisscheduled: 0 } }),
  object('apps/v1', 'ControllerRevision', 'store-5d9', { revision: 3, data: {} }, owned('StatefulSet', 'store')),
]

const jobTemplate = { metadata: { labels: { job: 'x' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'tools:1' }] } }
const batch: K8sObject[] = [
  object('batch/v1', 'Job', 'done', { spec: { completions: 1, parallelism: 1, completionMode: 'NonIndexed', backoffLimit: 6, suspend: false, selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } }, template: jobTemplate }, status: { succeeded: 1, startTime: at(5), completionTime: at(47), ready: 0, conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }, { type: 'Complete', status: 'True' }] } }),
  object('batch/v1', 'Job', 'failing', { spec: { completions: 3, parallelism: 2, completionMode: 'Indexed', backoffLimit: 1, activeDeadlineSeconds: 600, selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u2' } }, template: jobTemplate }, status: { active: 1, failed: 1, startTime: at(20), completedIndexes: '0' } }, { ...owned('CronJob', 'nightly', 'batch/v1') }),
  object('batch/v1', 'Job', 'queue', { spec: { parallelism: 3, template: jobTemplate }, status: { conditions: [{ type: 'Suspended', status: 'True' }] } }),
  object('batch/v1', 'Job', 'lost', { spec: { completions: 1, parallelism: 1, template: jobTemplate }, status: { failed: 2, startTime: at(20), conditions: [{ type: 'Failed', status: 'True' }] } }),
  object('batch/v1', 'CronJob', 'nightly', { spec: { schedule: '0 3 * * *', timeZone: 'Asia/Shanghai', suspend: false, concurrencyPolicy: 'Forbid', successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1, startingDeadlineSeconds: 60, jobTemplate: { spec: { template: jobTemplate } } }, status: { active: [{ kind: 'Job', name: 'failing' }], lastScheduleTime: at(20) } }),
  object('batch/v1', 'CronJob', 'paused', { spec: { schedule: '@hourly', suspend: true, concurrencyPolicy: 'Allow', jobTemplate: { spec: { template: jobTemplate } } } }),
  object('autoscaling/v2', 'HorizontalPodAutoscaler', 'login', { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'login' }, minReplicas: 2, maxReplicas: 10, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }, { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '200Mi' } } }, { type: 'Pods', pods: { metric: { name: 'players' }, target: { type: 'AverageValue', averageValue: '50' } } }], behavior: { scaleDown: { stabilizationWindowSeconds: 300, selectPolicy: 'Min', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } } }, status: { currentReplicas: 3, desiredReplicas: 3, currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 45, averageValue: '112m' } } }], conditions: conditions(['AbleToScale', 'True', 'ReadyForNewScale'], ['ScalingActive', 'True', 'ValidMetricFound']) } }),
  object('policy/v1', 'PodDisruptionBudget', 'login', { spec: { minAvailable: 2, selector }, status: { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 } }),
  object('policy/v1', 'PodDisruptionBudget', 'store', { spec: { maxUnavailable: '30%', selector: { matchLabels: { app: 'store' } } }, status: {} }),
]

const slice = (name: string, service: string, rest: Fields): K8sObject => object('discovery.k8s.io/v1', 'EndpointSlice', name, { addressType: 'IPv4', ...rest }, { labels: { 'kubernetes.io/service-name': service } })
const endpoint = (address: string, ready = true): Fields => ({ addresses: [address], conditions: { ready, serving: ready, terminating: false }, nodeName: 'node-1', targetRef: { kind: 'Pod', name: `pod-${address}`, namespace: 'game' } })
const network: K8sObject[] = [
  object('v1', 'Service', 'login', { spec: { type: 'ClusterIP', clusterIP: '10.96.1.2', clusterIPs: ['10.96.1.2'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', selector: { app: 'login' }, sessionAffinity: 'None', internalTrafficPolicy: 'Cluster', ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }, { name: 'metrics', port: 9090, protocol: 'TCP', targetPort: 9090 }] } }, { labels: { app: 'login' } }),
  object('v1', 'Service', 'edge', { spec: { type: 'LoadBalancer', clusterIP: '10.96.1.3', clusterIPs: ['10.96.1.3'], selector: { app: 'edge' }, sessionAffinity: 'ClientIP', externalTrafficPolicy: 'Local', healthCheckNodePort: 31001, loadBalancerSourceRanges: ['203.0.113.0/24'], ports: [{ port: 443, nodePort: 30443, protocol: 'TCP', targetPort: 8443 }] }, status: { loadBalancer: { ingress: [{ ip: '203.0.113.9', ipMode: 'VIP' }, { hostname: 'a-very-long-name.elb.example.com' }] } } }),
  object('v1', 'Service', 'pending', { spec: { type: 'LoadBalancer', clusterIP: '10.96.1.4', clusterIPs: ['10.96.1.4'], ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] }, status: { loadBalancer: {} } }),
  object('v1', 'Service', 'store', { spec: { type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'], selector: { app: 'store' }, ports: [{ port: 3306, protocol: 'TCP', targetPort: 3306 }] } }),
  object('v1', 'Service', 'outside', { spec: { type: 'ExternalName', externalName: 'db.example.com' } }),
  slice('login-abc12', 'login', { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }, { name: 'metrics', port: 9090, protocol: 'TCP' }], endpoints: ['10.244.1.7', '10.244.1.8', '10.244.1.9', '10.244.1.10'].map((address) => endpoint(address)) }),
  slice('store-abc12', 'store', { ports: [{ name: '', port: 3306, protocol: 'TCP' }], endpoints: [endpoint('10.244.3.3', false)] }),
  slice('edge-abc12', 'edge', { ports: [], endpoints: [] }),
  ...[
    { name: 'login', labels: { app: 'login' }, subsets: [{ addresses: ['10.244.1.10', '10.244.1.7', '10.244.1.8', '10.244.1.9'].map((ip) => ({ ip })), ports: [{ name: 'http', port: 8080, protocol: 'TCP' }, { name: 'metrics', port: 9090, protocol: 'TCP' }] }] },
    { name: 'store', labels: {}, subsets: [{ notReadyAddresses: [{ ip: '10.244.3.3' }], ports: [{ port: 3306, protocol: 'TCP' }] }] },
    { name: 'edge', labels: {} },
  ].map(({ name, labels, ...rest }) => object('v1', 'Endpoints', name, rest, { labels: { ...labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }, annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-05T10:00:40Z' } })),
  object('networking.k8s.io/v1', 'Ingress', 'front', { spec: { ingressClassName: 'nginx', defaultBackend: { service: { name: 'edge', port: { number: 443 } } }, tls: [{ hosts: ['play.example.com'], secretName: 'play-tls' }, { hosts: ['x.example.com'] }], rules: [{ host: 'play.example.com', http: { paths: [{ path: '/login', pathType: 'Prefix', backend: { service: { name: 'login', port: { name: 'http' } } } }, { path: '/', pathType: 'Prefix', backend: { service: { name: 'nowhere', port: { number: 80 } } } }] } }, { http: { paths: [{ path: '/any', backend: { service: { name: 'login', port: { number: 80 } } } }] } }] }, status: { loadBalancer: { ingress: [{ ip: '203.0.113.10' }] } } }),
  object('networking.k8s.io/v1', 'Ingress', 'many', { spec: { rules: ['a', 'b', 'c', 'd', 'e'].map((host) => ({ host: `${host}.example.com` })) } }),
  wide('networking.k8s.io/v1', 'IngressClass', 'nginx', { spec: { controller: 'ingress.game.example/nginx', parameters: { apiGroup: 'example.com', kind: 'Settings', name: 'main' } } }),
  object('networking.k8s.io/v1', 'NetworkPolicy', 'deny', { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [] } }),
  object('networking.k8s.io/v1', 'NetworkPolicy', 'login', { spec: { podSelector: selector, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 8080, protocol: 'TCP' }, { port: 30000, endPort: 30100, protocol: 'UDP' }], from: [{ podSelector: { matchLabels: { app: 'edge' } }, namespaceSelector: { matchLabels: { team: 'net' } } }, { ipBlock: { cidr: '10.0.0.0/16', except: ['10.0.9.0/24'] } }] }, {}] } }),
]

const config: K8sObject[] = [
  object('v1', 'ConfigMap', 'login-config', { data: { mode: 'ranked', 'app.yaml': 'level: info\nport: 8080\n' }, binaryData: { blob: 'AAEC' } }),
  object('v1', 'Secret', 'db', { type: 'Opaque', data: { password: 'c2VjcmV0', user: 'cm9vdA==' } }),
  object('v1', 'ServiceAccount', 'login', { imagePullSecrets: [{ name: 'pull' }, { name: 'db' }] }),
  object('rbac.authorization.k8s.io/v1', 'Role', 'reader', { rules: [{ apiGroups: ['', 'apps'], resources: ['pods', 'deployments'], verbs: ['get', 'list'] }, { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }, { apiGroups: [''], resources: ['configmaps'], resourceNames: ['login-config'], verbs: ['update'] }] }),
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'reader', { roleRef: { kind: 'Role', name: 'reader' }, subjects: [{ kind: 'ServiceAccount', name: 'login', namespace: 'game' }, { kind: 'User', name: 'ann' }, { kind: 'Group', name: 'ops' }] }),
  wide('rbac.authorization.k8s.io/v1', 'ClusterRole', 'metrics', { rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] }),
  wide('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'metrics', { roleRef: { kind: 'ClusterRole', name: 'metrics' }, subjects: [{ kind: 'Group', name: 'ops' }] }),
  object('v1', 'ResourceQuota', 'compute', { spec: { scopes: ['NotTerminating'], hard: {} }, status: { hard: { pods: '10', 'requests.cpu': '4', 'limits.memory': '8Gi' }, used: { pods: '3', 'requests.cpu': '1500m', 'limits.memory': '3Gi' } } }),
  object('v1', 'LimitRange', 'defaults', { spec: { limits: [{ type: 'Container', max: { memory: '1Gi' }, min: { memory: '32Mi' }, default: { cpu: '500m', memory: '256Mi' }, defaultRequest: { cpu: '100m' }, maxLimitRequestRatio: { cpu: '5' } }] } }),
  wide('v1', 'Namespace', 'game', { status: { phase: 'Active' } }, { labels: { 'kubernetes.io/metadata.name': 'game' } }),
  wide('v1', 'Namespace', 'old', { status: { phase: 'Terminating', conditions: conditions(['NamespaceContentRemaining', 'True', 'SomeResourcesRemain']) } }),
  wide('scheduling.k8s.io/v1', 'PriorityClass', 'game-high', { value: 100000, globalDefault: false, description: 'Players are waiting.', preemptionPolicy: 'Never' }),
]

const nodeInfo = { machineID: 'm', systemUUID: 's', bootID: 'b', kernelVersion: '6.12.0', osImage: 'Debian GNU/Linux 12 (bookworm)', containerRuntimeVersion: 'containerd://2.1.5', kubeletVersion: 'v1.36.0', operatingSystem: 'linux', architecture: 'amd64' }
const node = (name: string, address: string, ready: string, spec: Fields = {}, labels: Record<string, string> = {}): K8sObject => wide('v1', 'Node', name, { spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'], ...spec }, status: { addresses: [{ type: 'InternalIP', address }, { type: 'Hostname', address: name }], capacity: { cpu: '4', memory: '8Gi', pods: '110', 'nvidia.com/gpu': '1' }, allocatable: { cpu: '3500m', memory: '7Gi', pods: '110', 'ephemeral-storage': '50Gi', 'nvidia.com/gpu': '1' }, conditions: [{ type: 'Ready', status: ready, reason: 'KubeletReady', message: 'kubelet is posting ready status', lastHeartbeatTime: at(90), lastTransitionTime: at(10) }], nodeInfo } }, { labels: { 'kubernetes.io/hostname': name, ...labels } })
const cluster: K8sObject[] = [
  node('node-1', '10.0.0.11', 'True', { taints: [{ key: 'game', value: 'yes', effect: 'NoSchedule' }, { key: 'alpha', effect: 'NoExecute' }] }, { 'node-role.kubernetes.io/control-plane': '' }),
  node('node-2', '10.0.0.12', 'Unknown', { unschedulable: true }),
  object('v1', 'PersistentVolumeClaim', 'data', { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard-rwo', volumeName: 'pvc-1', volumeMode: 'Filesystem', resources: { requests: { storage: '10Gi' } } }, status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' } } }, { finalizers: ['kubernetes.io/pvc-protection'] }),
  object('v1', 'PersistentVolumeClaim', 'waits', { spec: { accessModes: ['ReadWriteMany'], storageClassName: 'standard-rwo', volumeMode: 'Filesystem', resources: { requests: { storage: '1Gi' } } }, status: { phase: 'Pending' } }),
  wide('v1', 'PersistentVolume', 'pvc-1', { spec: { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], persistentVolumeReclaimPolicy: 'Delete', storageClassName: 'standard-rwo', volumeMode: 'Filesystem', claimRef: { namespace: 'game', name: 'data' }, csi: { driver: 'csi.game.example', volumeHandle: 'vol-1', fsType: 'ext4', volumeAttributes: { b: '2', a: '1' } }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }, { key: 'pool', operator: 'Exists' }] }] } } }, status: { phase: 'Bound' } }, { finalizers: ['kubernetes.io/pv-protection', 'external-attacher/csi-game-example'] }),
  wide('storage.k8s.io/v1', 'StorageClass', 'standard-rwo', { provisioner: 'csi.game.example', reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer', allowVolumeExpansion: true }, { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }),
  wide('storage.k8s.io/v1', 'CSIDriver', 'csi.game.example', { spec: { attachRequired: true, fsGroupPolicy: 'File' } }),
  wide('storage.k8s.io/v1', 'VolumeAttachment', 'va-1', { spec: { attacher: 'csi.game.example', nodeName: 'node-1', source: { persistentVolumeName: 'pvc-1' } }, status: { attached: true } }),
]

const event = (name: string, about: K8sObject, type: string, reason: string, message: string, first: number, last: number, count: number, more: Fields = {}): K8sObject => object('v1', 'Event', name, { involvedObject: { kind: about.kind, namespace: about.metadata.namespace, name: about.metadata.name, uid: about.metadata.uid, apiVersion: about.apiVersion }, type, reason, message, count, firstTimestamp: at(first), lastTimestamp: at(last), source: { component: 'kubelet', host: 'node-1' }, reportingComponent: 'kubelet', reportingInstance: 'node-1', ...more }, { creationTimestamp: at(first) })
const inContainer = (involved: K8sObject, container: string): Fields => ({ involvedObject: { kind: 'Pod', namespace: 'game', name: involved.metadata.name, uid: involved.metadata.uid, apiVersion: 'v1', fieldPath: `spec.containers{${container}}` } })
const events: K8sObject[] = [
  event('e1', runningPod, 'Normal', 'Scheduled', 'Successfully assigned game/login-6d4-x7k2p to node-1', 2, 2, 1, { source: { component: 'default-scheduler' }, reportingComponent: 'default-scheduler', reportingInstance: '' }),
  event('e2', runningPod, 'Normal', 'Pulled', 'Container image "login:1.8.2" already present on machine and can be accessed by the pod', 6, 40, 2, inContainer(runningPod, 'app')),
  event('e3', runningPod, 'Warning', 'BackOff', 'Back-off restarting failed container log in pod login-6d4-x7k2p_game(uid)', 30, 100, 7, inContainer(runningPod, 'log')),
  event('e4', pods[1]!, 'Warning', 'FailedScheduling', '0/2 nodes are available: 2 Insufficient cpu.', 60, 90, 3, { source: { component: 'default-scheduler' }, reportingComponent: 'default-scheduler' }),
  event('e5', workloads[0]!, 'Normal', 'ScalingReplicaSet', 'Scaled up replica set login-6d4 from 0 to 1', 1, 1, 1, { source: { component: 'deployment-controller' }, reportingComponent: 'deployment-controller', reportingInstance: '' }),
  { ...event('e6', { ...cluster[0]!, apiVersion: 'v1' }, 'Normal', 'NodeReady', 'Node node-1 status is now: NodeReady', 10, 10, 1), metadata: { name: 'e6', namespace: 'default', creationTimestamp: at(10) } },
]

export const everyKind: readonly K8sObject[] = [...pods, ...workloads, ...batch, ...network, ...config, ...cluster, ...events]
