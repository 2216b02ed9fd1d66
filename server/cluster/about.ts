/** What the simulated cluster models, part by part, in sentences: for docs/reference/cluster.md and whoever wants to show them. Controllers describe themselves; the other parts are described here. */
import { createControllers } from './controllers/index.ts'
import { refusalMs } from './kubelet/node-admission.ts'
import { firstBackoffMs, longestWaitMs, maxBackoffMs, retryMs, spread } from './kubelet/backoff.ts'
import { refreshMs } from './kubelet/mounting.ts'
import { nextContainerMs, sandboxMs } from './kubelet/worker.ts'
import { defaultLimits } from './loop.ts'
import { ingressAddress } from './network/ingress.ts'

/** `source`: where Kubernetes does it. */
export type Part = { name: string; about: string; source: string }

const parts: readonly Part[] = [
  { name: 'API server', source: 'pkg/apis, pkg/registry, staging/src/k8s.io/apiserver/pkg/admission', about: 'Decodes strictly, defaults, validates and converts nothing: one version per kind. Admission runs in the order of kube-apiserver: namespaces, ServiceAccounts with their tokens and pull secrets, priority, tolerations, LimitRange defaults and limits, default storage and ingress classes, Pod Security, quota last. Creates, updates (with the immutability rules), three-way applies, merge patches, graceful deletion with propagation, and evictions. Not modelled: webhooks and CEL admission policies, managed fields and server-side apply, priority and fairness, audit.' },
  { name: 'RBAC', source: 'plugin/pkg/auth/authorizer/rbac, pkg/registry/rbac/validation', about: 'Roles, ClusterRoles with aggregation and the built-in ones, bindings; refusals worded as the server words them. What people do in the console is done as an administrator unless --as says otherwise, steps of a scenario likewise with `as`; who writes roles and bindings that way must hold what they grant, or have the verbs escalate and bind. Not modelled: other authorizers, certificates.' },
  { name: 'Pod worker', source: 'pkg/kubelet/kubelet.go:SyncPod, pod_workers.go, kuberuntime_manager.go, kubelet_pods.go:getPhase, status/generate.go', about: 'One sync at a time per pod: volumes, sandbox and address, init containers in turn, native sidecars, then all containers one after the other. Phase, conditions and container states lag behind as in the real kubelet: the waiting reason shown is that of the sync before. Crash back-off per container, pull back-off per image, postStart and preStop, termination with one grace period for all and sidecars last, activeDeadlineSeconds, restarts of containers whose image changes, restart policies and rules of single containers, and the restart of all containers in place. Not modelled: ephemeral containers, in-place resize, user namespaces, static pods, CPU and memory managers.' },
  { name: 'Probes', source: 'pkg/kubelet/prober, pkg/probe', about: 'httpGet, tcpSocket, exec and grpc, each on its own clock that starts when the pod is added; the readiness clock starts again with each status written while the container is not ready. Thresholds, on-hold after a kill, initial results, errors that are no failures (a missing binary, an unknown port name), TLS or its absence. A redirect to the same host is followed up to ten times; one to another host succeeds with ProbeWarning, as does any other answer of 3xx.' },
  { name: 'Admission by the kubelet', source: 'pkg/kubelet/lifecycle/predicate.go', about: 'A pod bound by hand is refused where cpu, memory, storage or the number of pods do not suffice, or its node affinity does not match: OutOfcpu and the like; also where another pod has its host port, where it does not tolerate a NoExecute taint, and under pressure. A critical pod for which only resources are missing makes others go: the fewest, BestEffort first.' },
  { name: 'Eviction', source: 'pkg/kubelet/eviction, pkg/kubelet/qos, mm/oom_kill.c', about: 'Memory pressure by what the pods of a node hold, or by a process that a step of the scenario starts: checked every ten seconds, the pods ranked by request, priority and excess, critical ones spared; the condition and its taint last five minutes, and BestEffort pods are refused meanwhile. A node\'s memory is what its pods may hold; the system lives beside it. When everything is gone between two checks the kernel kills the container with the highest score. Disk pressure in the same way when less than 15 % of a node\'s ephemeral storage is left by layers, logs (which the kubelet turns over at 10 MiB), emptyDir and hostPath volumes, files put on the node and a process that a step starts. Limits of emptyDir volumes and ephemeral storage are checked every ten seconds. Not modelled: soft thresholds, inodes, room that images take and its garbage collection, a separate image file system, swap.' },
  { name: 'Images', source: 'pkg/kubelet/images, pkg/credentialprovider, containerd', about: 'Pull policies, registries that need credentials, are down or speak the wrong protocol, missing tags and platforms with containerd\'s words, pull secrets by host, and since 1.35 the check that a pod may use an image another one pulled with credentials. One pull per node at a time. Not modelled: mirrors, garbage collection, layers.' },
  { name: 'Volumes', source: 'pkg/volume, pkg/kubelet/volumemanager, pkg/controller/volume/attachdetach', about: 'ConfigMap, Secret, projected, downward API, emptyDir (also in memory), hostPath, and claims with binding and access modes; a ReadWriteOnce volume on one node at a time (attaching takes no time; a lost node keeps it for six minutes after its pod is gone). Items, optional, modes, subPath, fsGroup, read-only mounts; files follow a changed object at the pod\'s next resync, subPath files never. A hostPath finds the folders, devices and the socket that every node has, what the scenario puts there (`files` of a node), and what other pods wrote; its type is checked. Whether a program may write is worked out from owner, mode and capabilities. Not modelled: container logs below /var/log, links, volumes of other kinds.' },
  { name: 'Environment', source: 'pkg/kubelet/kubelet_pods.go:makeEnvironmentVariables, envvars', about: 'env and envFrom in their order with expansion, Service variables, field and resource references, variables from files that an init container wrote, and the errors that keep a container from being created.' },
  { name: 'Programs', source: 'profiles in scenario.yaml', about: 'A container runs a profile: start-up, ports, paths and their dependencies, variables, files it needs and writes, memory with Go\'s collector, processor with throttling, signals, draining, reloading, calls to the API server, leader election; or a shell script with the common tools. Out of memory is computed to the millisecond. Not modelled: the program\'s own code, throughput of networks and disks.' },
  { name: 'Services', source: 'pkg/proxy/topology.go, pkg/proxy/iptables', about: 'Cluster IPs, node ports, load balancers, external IPs, traffic policies, ClientIP affinity, headless and ExternalName; kube-proxy follows endpoints after the scenario\'s proxyLag. Refused where nothing serves, lost where a port has no rule. Endpoints take turns instead of chance. A pod that is gone refuses while kube-proxy still sends to it, and does not answer at its own address; a node without power answers nothing. Not modelled: conntrack, IPVS, nftables, IPv6, topology hints.' },
  { name: 'Clients', source: 'traffic of scenario.yaml; grpc-go, gorilla/websocket, ingress-nginx', about: 'Load generators over TCP, UDP, HTTP, gRPC and WebSocket, inside and outside the cluster. Clients of gRPC keep their connection and stay with its pod until it ends, grows too old or the server stops; they pick one address or take turns, and back off when they cannot connect. WebSocket connections last until their time is over, the pod ends, or a proxy or load balancer finds them silent; players come back with back-off. An Ingress speaks gRPC where the annotation backend-protocol says so, and keeps silent connections for its time-outs. Not modelled: HTTP connections that are kept, streams of gRPC, retries by the program, nginx annotations beside backend-protocol (HTTP, GRPC), proxy-read-timeout and proxy-send-timeout.' },
  { name: 'DNS', source: 'pkg/kubelet/network/dns, coredns plugin/kubernetes', about: 'resolv.conf by policy and dnsConfig, search lists and ndots, A records of Services, headless endpoints, host names and pods, SRV records of named ports, PTR records of cluster IPs and endpoints, chains of ExternalName as CNAME, hosts outside; questions need a CoreDNS pod and the sender\'s egress to it. A profile with `libc: musl` leaves the search list out for names with ndots dots. nslookup and dig ask for each type. Not modelled: caching, TXT and SOA questions.' },
  { name: 'NetworkPolicy', source: 'k8s.io/api/networking/v1, test/e2e/network/netpol', about: 'Both directions, after address translation, with named ports and ranges, peers and blocks; replies, a pod to itself and a node to its own pods are always allowed; what is denied is lost. A block matches pod addresses. Not modelled: established connections that outlive a change, vendors\' policies.' },
  { name: 'Events', source: 'client-go/tools/record/events_cache.go', about: 'Counted when they repeat, combined when more than ten differ within ten minutes, 25 at once and then one in five minutes per object and source (what is dropped still counts), gone after an hour.' },
  { name: 'kubectl', source: 'staging/src/k8s.io/kubectl, pkg/printers/internalversion', about: 'The verbs of the help text, with the tables, descriptions, ages and errors of kubectl 1.36. Not modelled: plugins, go-template, interactive sessions, edit, debug, port-forward.' },
]

/** Every part, the controllers by name after the others. */
export function describeParts(): { parts: readonly Part[]; controllers: { name: string; about: string }[] } {
  return { parts, controllers: createControllers().map(({ name, about }) => ({ name, about })) }
}

/** A number that stands for something Kubernetes spreads at random or a machine takes as long as it does. */
export type Constant = { what: string; value: string; real: string; source: string }

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`)

export const constants: readonly Constant[] = [
  { what: 'From binding to the sandbox with its address', value: seconds(sandboxMs), real: '0.3 to 3 s', source: 'CNI and containerd' },
  { what: 'Each further container of the same sync', value: seconds(nextContainerMs), real: '0.1 to 1 s', source: 'containerd' },
  { what: 'An exit is noticed', value: 'at the next whole second', real: 'relist every second', source: 'pkg/kubelet/pleg/generic.go' },
  { what: 'Retry of a sync that failed', value: seconds(retryMs), real: '10 s × 1 to 1.5', source: 'pkg/kubelet/pod_workers.go:completeWork' },
  { what: 'Crash and pull back-off', value: `${seconds(firstBackoffMs)}, doubling to ${seconds(maxBackoffMs)}`, real: 'the same', source: 'client-go/util/flowcontrol/backoff.go' },
  { what: 'Wake-up during a crash back-off', value: `what is left, at most ${seconds(longestWaitMs)}, × ${spread}`, real: '× 1 to 1.5', source: 'pkg/kubelet/pod_workers.go:completeWork' },
  { what: 'Files follow a changed ConfigMap or Secret', value: `at the pod's next ${seconds(refreshMs)}`, real: '60 s × 1 to 1.5, and the cache', source: 'pkg/kubelet/pod_workers.go' },
  { what: 'Mount retries', value: '0.5 s, doubling to 122 s', real: 'the same', source: 'pkg/util/goroutinemap/exponentialbackoff' },
  { what: 'A pod bound by hand is refused', value: seconds(refusalMs), real: 'under a second', source: 'pkg/kubelet/kubelet.go:HandlePodAdditions' },
  { what: 'A silent node is unknown', value: '50 s', real: 'the same', source: 'pkg/controller/nodelifecycle (NodeMonitorGracePeriod)' },
  { what: 'kube-proxy follows a slice', value: 'proxyLag of the scenario, 1 s by default', real: '1 s and more', source: 'pkg/proxy (minSyncPeriod)' },
  { what: 'Watches, controllers, EndpointSlice batches', value: 'at the same instant: admission, controllers, scheduler, kubelet', real: 'milliseconds; slices up to 1 s', source: 'informers' },
  { what: 'Autoscaler', value: 'at multiples of 15 s', real: 'every 15 s', source: 'pkg/controller/podautoscaler' },
  { what: 'Metrics', value: 'first sample 15 s after the start', real: '15 to 30 s', source: 'metrics-server' },
  { what: 'Claims that are pending', value: 'looked at again every 15 s; provisioning 1 s', real: 'the same; what the driver takes', source: 'pkg/controller/volume/persistentvolume' },
  { what: 'Load balancer and Ingress addresses', value: `5 s (Ingress: ${ingressAddress})`, real: 'what the provider takes', source: 'cloud-provider' },
  { what: 'Scheduling back-off', value: '1 s, doubling to 10 s; flushed after 5 min', real: 'the same', source: 'pkg/scheduler/internal/queue' },
  { what: 'A run ends with an outcome', value: `after ${defaultLimits.events} actions, ${defaultLimits.perInstant} at one instant, 5000 objects or ${defaultLimits.timeMs / 3_600_000} h, or its length`, real: '', source: '' },
]

/** Where the model is known to differ from a cluster although it acts on the field, or where sources disagree and what was chosen. */
export const deviations: readonly string[] = [
  'The hash in names of ReplicaSets and pods is not the one Kubernetes would compute; random names, addresses and uids come from the scenario\'s seed.',
  'Everything that answers at once answers at the same instant, so a claim and its pod in one file skip the event WaitForFirstConsumer, which a cluster often shows for a moment.',
  'CrashLoopBackOff that would be seen for the half second of a start is in the record of the run but not in what kubectl prints at whole seconds.',
  'After some minutes of a crash loop counts in the event list stand still: the kubelet\'s own limit of events drops the rest, and the next one let through shows the true count.',
  '`kubectl rollout status` of a StatefulSet speaks of a partitioned roll out even where no partition is set, as the sources of 1.36 do: the server fills in partition 0.',
  'YAML that does not parse is refused in the words of go-yaml for tabs, missing colons, wrong indentation and open quotes, and in other words for what is rarer.',
  'A Service whose targetPort names no port of the pods: `kubectl describe service` prints the bare addresses and `kubectl get endpoints` nothing, as the sources of 1.36 do.',
  'Whether an application listens at the very instant of its start is decided a moment after the first readiness probe, so that probe is refused.',
  'The message of a denied connection is a time-out; some network plugins reject instead.',
  'STATUS of an evicted pod is that of its containers, as printPod lets them override the reason.',
]
