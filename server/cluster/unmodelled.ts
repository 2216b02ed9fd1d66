/** Fields the simulated cluster accepts but does not act on. A manifest that uses one gets a note; a decisive one leaves goals about its object undecided. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { refOf } from '../k8s/object.ts'
import { isModelledAnnotation } from './network/ingress.ts'
import type { Note } from './types.ts'
import type { Effect } from './unmodelled-effects.ts'

/** `path` below the place it is looked for; `[]` walks a list, and an empty path is the whole object. `unless`: values that change nothing; `when`: for which values alone it matters, in which objects. `effect` completes "… is not modelled: ". `everywhere`: may change what becomes of any object. */
type Row = { path: string; unless?: readonly unknown[]; when?: (value: unknown, object: K8sObject) => boolean; decisive: boolean; effect: Effect; everywhere?: true }

const otherVolumes = ['awsElasticBlockStore', 'azureDisk', 'azureFile', 'cephfs', 'cinder', 'csi', 'fc', 'flexVolume', 'flocker', 'gcePersistentDisk', 'gitRepo', 'glusterfs', 'iscsi', 'nfs', 'photonPersistentDisk', 'portworxVolume', 'quobyte', 'rbd', 'scaleIO', 'storageos', 'vsphereVolume']

const podRows: readonly Row[] = [
  { path: 'runtimeClassName', decisive: true, effect: 'another container runtime' },
  { path: 'resourceClaims', decisive: true, effect: 'devices allocated to the pod' },
  { path: 'hostUsers', unless: [true], decisive: false, effect: 'user namespaces' },
  { path: 'os.name', unless: ['linux'], decisive: true, effect: 'Windows nodes' },
  { path: 'securityContext.seLinuxOptions', decisive: true, effect: 'SELinux labels' },
  { path: 'securityContext.windowsOptions', decisive: true, effect: 'Windows nodes' },
  { path: 'hostnameOverride', decisive: false, effect: 'the host name a process sees' },
  { path: 'overhead', decisive: true, effect: 'what another container runtime takes for itself' },
  ...otherVolumes.map((kind): Row => ({ path: `volumes[].${kind}`, decisive: true, effect: 'this kind of volume' })),
  { path: 'volumes[].hostPath.path', when: (path) => /^\/+(var(\/+log(\/+(pods|containers)\b.*)?)?)?\/*$/.test(String(path)), decisive: false, effect: 'logs of containers below /var/log' },
  { path: 'volumes[].ephemeral.volumeClaimTemplate.spec.volumeMode', unless: ['Filesystem'], decisive: true, effect: 'raw block devices' },
  { path: 'volumes[].ephemeral.volumeClaimTemplate.spec.dataSource', decisive: true, effect: 'volumes made from snapshots or other claims' },
  { path: 'volumes[].ephemeral.volumeClaimTemplate.spec.dataSourceRef', decisive: true, effect: 'volumes made from snapshots or other claims' },
  { path: 'volumes[].emptyDir.medium', unless: ['', 'Memory'], decisive: true, effect: 'huge pages' },
]
const containerRows: readonly Row[] = [
  { path: 'volumeDevices', decisive: true, effect: 'raw block devices' },
  { path: 'volumeMounts[].mountPropagation', unless: ['None'], decisive: true, effect: 'mounts passed between container and node' },
  { path: 'resources.claims', decisive: true, effect: 'devices allocated to the container' },
  { path: 'resizePolicy', decisive: false, effect: 'resizing in place' },
  { path: 'securityContext.seLinuxOptions', decisive: true, effect: 'SELinux labels' },
  { path: 'securityContext.windowsOptions', decisive: true, effect: 'Windows nodes' },
  { path: 'securityContext.seccompProfile.localhostProfile', decisive: true, effect: 'profiles on the node' },
  { path: 'securityContext.appArmorProfile.localhostProfile', decisive: true, effect: 'profiles on the node' },
  { path: 'stdin', unless: [false], decisive: false, effect: 'a terminal attached to the container' },
  { path: 'tty', unless: [false], decisive: false, effect: 'a terminal attached to the container' },
  { path: 'securityContext.procMount', unless: ['Default'], decisive: false, effect: 'what a process sees below /proc' },
]
/** Mount options that change nothing a program here can notice; `ro` and `rw` are followed. */
const harmlessOption = /^(ro|rw|hard|soft|(no|rel|lazy)atime|nodiratime|discard|(nfs)?vers=.*|nconnect=.*|[rw]size=.*|timeo=.*|retrans=.*)$/
const mountOptionRow = (path: string): Row => ({ path, when: (options) => String(options).split(',').some((option) => !harmlessOption.test(option)), decisive: true, effect: 'mount options that may say whose files are or what may be done with them' })
/** Was it written by a person? The server gives the field a value of its own too. */
const isApplied = (name: string) => (value: unknown, object: K8sObject): boolean => (object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '').includes(`"${name}":${JSON.stringify(value)}`)

const kindRows: Readonly<Record<string, readonly Row[]>> = {
  Service: [
    { path: 'spec.trafficDistribution', decisive: false, effect: 'a preference for near endpoints' },
    { path: 'spec.loadBalancerClass', decisive: true, effect: 'another load balancer' },
    { path: 'spec.loadBalancerIP', unless: [''], decisive: true, effect: 'whether the load balancer may have this address' },
    { path: 'spec.healthCheckNodePort', when: isApplied('healthCheckNodePort'), decisive: true, effect: 'what kube-proxy answers on this port' },
    { path: 'spec.ipFamilies', unless: [['IPv4']], decisive: true, effect: 'IPv6' },
    { path: 'spec.ipFamilyPolicy', unless: ['SingleStack', 'PreferDualStack'], decisive: true, effect: 'IPv6' },
  ],
  Ingress: [
    { path: 'spec.defaultBackend.resource', decisive: true, effect: 'backends that are no Service' },
    { path: 'spec.rules[].http.paths[].backend.resource', decisive: true, effect: 'backends that are no Service' },
  ],
  Job: [{ path: 'spec.managedBy', decisive: true, effect: 'another Job controller' }],
  StatefulSet: [
    { path: 'spec.volumeClaimTemplates[].spec.volumeMode', unless: ['Filesystem'], decisive: true, effect: 'raw block devices' },
    { path: 'spec.volumeClaimTemplates[].spec.dataSource', decisive: true, effect: 'volumes made from snapshots or other claims' },
    { path: 'spec.volumeClaimTemplates[].spec.dataSourceRef', decisive: true, effect: 'volumes made from snapshots or other claims' },
  ],
  PersistentVolume: [mountOptionRow('spec.mountOptions[]')],
  StorageClass: [mountOptionRow('mountOptions[]')],
  ReplicationController: [{ path: '', decisive: true, effect: 'its controller' }],
  CustomResourceDefinition: [{ path: '', decisive: true, effect: 'resources that it defines' }],
  ValidatingAdmissionPolicyBinding: [{ path: '', decisive: true, everywhere: true, effect: 'admission by policies in CEL' }],
  MutatingAdmissionPolicyBinding: [{ path: '', decisive: true, everywhere: true, effect: 'admission by policies in CEL' }],
  ValidatingWebhookConfiguration: [{ path: '', decisive: true, everywhere: true, effect: 'admission by webhooks' }],
  MutatingWebhookConfiguration: [{ path: '', decisive: true, everywhere: true, effect: 'admission by webhooks' }],
  PersistentVolumeClaim: [
    { path: 'spec.volumeMode', unless: ['Filesystem'], decisive: true, effect: 'raw block devices' },
    { path: 'spec.dataSource', decisive: true, effect: 'volumes made from snapshots or other claims' },
    { path: 'spec.dataSourceRef', decisive: true, effect: 'volumes made from snapshots or other claims' },
    { path: 'spec.volumeAttributesClassName', decisive: false, effect: 'volume attributes classes' },
  ],
}

const templates: Readonly<Record<string, string>> = { Pod: 'spec', Deployment: 'spec.template.spec', ReplicaSet: 'spec.template.spec', StatefulSet: 'spec.template.spec', DaemonSet: 'spec.template.spec', Job: 'spec.template.spec', CronJob: 'spec.jobTemplate.spec.template.spec' }

/** The steps of a path; `walks`: the value is a list to be walked. */
type Step = { name: string; walks: boolean }
const stepsOfPath = new Map<string, readonly Step[]>()

function stepsOf(path: string): readonly Step[] {
  let steps = stepsOfPath.get(path)
  if (!steps) stepsOfPath.set(path, (steps = path === '' ? [] : path.split('.').map((step) => ({ name: step.replace(/\[\]$/, ''), walks: step.endsWith('[]') }))))
  return steps
}

/** Values at a path, with the path to each; lists are walked where the path says `[]`. */
function* valuesAt(value: unknown, steps: readonly Step[], at: string, from = 0): Iterable<{ value: unknown; at: string }> {
  const step = steps[from]
  if (step === undefined) {
    if (value !== undefined && value !== null) yield { value, at }
    return
  }
  const next = value !== null && typeof value === 'object' ? (value as Fields)[step.name] : undefined
  if (next === undefined) return
  if (!step.walks) yield* valuesAt(next, steps, `${at}.${step.name}`, from + 1)
  else if (Array.isArray(next)) for (const [i, item] of next.entries()) yield* valuesAt(item, steps, `${at}.${step.name}[${i}]`, from + 1)
}

function* notesOf(object: K8sObject, root: unknown, rows: readonly Row[], place: string): Iterable<Note> {
  for (const row of rows) {
    for (const { value, at } of valuesAt(root, stepsOf(row.path), place)) {
      if (row.unless?.some((harmless) => JSON.stringify(harmless) === JSON.stringify(value)) || row.when?.(value, object) === false) continue
      const path = at.replace(/^\./, '')
      yield { text: `${path === '' ? `${object.kind} ${object.metadata.name}` : path} is not modelled: ${row.effect}`, ...(row.everywhere ? {} : { ref: refOf(object) }), ...(path === '' ? {} : { path }), decisive: row.decisive }
    }
  }
}

const ofAnnotations: Effect = 'what the Ingress controller makes of it'

/** Notes for every field of an admitted object that the simulator does not act on. */
export function unmodelledIn(object: K8sObject): Note[] {
  const notes = [...notesOf(object, object, kindRows[object.kind] ?? [], '')]
  const asked = object.kind === 'Ingress' ? Object.entries(object.metadata.annotations ?? {}).filter(([key, value]) => /(^|\.)ingress\.kubernetes\.io\//.test(key) && !isModelledAnnotation(key, value, object)) : []
  for (const [key] of asked) notes.push({ text: `metadata.annotations ${key} is not modelled: ${ofAnnotations}`, ref: refOf(object), path: 'metadata.annotations', decisive: true })
  const place = templates[object.kind]
  if (place === undefined) return notes
  const pod = [...valuesAt(object, stepsOf(place), '')][0]?.value
  notes.push(...notesOf(object, pod, podRows, place))
  for (const group of ['initContainers', 'containers']) for (const { value, at } of valuesAt(pod, stepsOf(`${group}[]`), place)) notes.push(...notesOf(object, value, containerRows, at))
  return notes
}

/** Every row of the tables, for the reference: where the field is, what it would do, and whether goals about the object stay undecided. */
export function unmodelledFields(): { where: string; path: string; effect: string; decisive: boolean; harmless: string }[] {
  const shown = (where: string, rows: readonly Row[]) => rows.map(({ path, unless, when, decisive, effect }) => ({ where, path, effect, decisive, harmless: when ? 'anything else' : (unless ?? []).map((value) => JSON.stringify(value)).join(', ') }))
  return [...shown('pod spec', podRows), ...shown('container', containerRows), ...Object.entries(kindRows).flatMap(([kind, rows]) => shown(kind, rows))]
}
