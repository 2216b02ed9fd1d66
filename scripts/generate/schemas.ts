/** Makes server/k8s/schemas/generated/: the structure of every built-in kind for each Kubernetes version, and the documentation of their fields. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { goName, goPackage, readClient, referredModels, type Client, type ModelField } from './client-models.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const target = join(project, 'server', 'k8s', 'schemas', 'generated')

/** The newest version comes first; the others are kept as what differs from it. */
const clients = [
  { version: '1.36', folder: '@kubernetes/client-node' },
  { version: '1.34', folder: 'client-node-1.34' },
]

/**
 * 1.35, of which no client package is on npm, as what was other than in 1.36 (k8s.io/api v0.35: types.go of the groups named here).
 * `-field` was not there yet, `field:type` has gone since; a type without a colon after its name was not there at all.
 */
const minor135 = {
  kinds: {
    gone: ['scheduling.k8s.io/v1alpha1 Workload V1alpha1Workload workloads 1'],
    added: ['admissionregistration.k8s.io/v1/MutatingAdmissionPolicy', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding', 'resource.k8s.io/v1alpha3/ResourcePoolStatusRequest', 'resource.k8s.io/v1beta2/DeviceTaintRule', 'scheduling.k8s.io/v1alpha2/PodGroup', 'scheduling.k8s.io/v1alpha2/Workload'],
  },
  fields: {
    V1PodSpec: '-schedulingGroup workloadRef:V1WorkloadReference',
    V1PodStatus: '-nodeAllocatableResourceClaimStatuses',
    V1ResourceHealth: '-message',
    V1VolumeMountStatus: '-volumeStatus',
    V1ListMeta: '-shardInfo',
    V1CSIDriverSpec: '-preventPodSchedulingIfMissing',
    V1beta1PodCertificateRequestSpec: '-stubPKCS10Request',
    V1Device: '-nodeAllocatableResourceMappings',
    V1DeviceAttribute: '-bools -ints -strings -versions',
    V1beta1BasicDevice: '-nodeAllocatableResourceMappings',
    V1beta1DeviceAttribute: '-bools -ints -strings -versions',
    V1beta2Device: '-nodeAllocatableResourceMappings',
    V1beta2DeviceAttribute: '-bools -ints -strings -versions',
  } as Record<string, string>,
  types: {
    V1WorkloadReference: 'name:s podGroup:s podGroupReplicaKey:s',
    V1alpha1Workload: 'apiVersion:s kind:s metadata:V1ObjectMeta spec:V1alpha1WorkloadSpec',
    V1alpha1WorkloadSpec: 'controllerRef:V1alpha1TypedLocalObjectReference podGroups:[V1alpha1PodGroup',
    V1alpha1TypedLocalObjectReference: 'apiGroup:s kind:s name:s',
    V1alpha1PodGroup: 'name:s policy:V1alpha1PodGroupPolicy',
    V1alpha1PodGroupPolicy: 'basic:V1alpha1BasicSchedulingPolicy gang:V1alpha1GangSchedulingPolicy',
    V1alpha1BasicSchedulingPolicy: '',
    V1alpha1GangSchedulingPolicy: 'minCount:i',
  } as Record<string, string>,
}

/** Fields that Go declares as resource.Quantity, which the client package types as plain text. The names hold for every version of a type. */
const quantityFields = new Set(
  [
    'CSIStorageCapacity.capacity CSIStorageCapacity.maximumVolumeSize CapacityRequestPolicy.default CapacityRequestPolicyRange.max CapacityRequestPolicyRange.min CapacityRequestPolicyRange.step',
    'Counter.value DeviceCapacity.value EmptyDirVolumeSource.sizeLimit HPAScalingRules.tolerance MetricTarget.averageValue MetricTarget.value MetricValueStatus.averageValue MetricValueStatus.value',
    'NodeAllocatableResourceMapping.allocationMultiplier ResourceFieldSelector.divisor CapacityRequestPolicy.validValues',
  ].flatMap((line) => line.split(' ')),
)

/** Fields that Go declares as maps of quantities. Those of core resource lists are rounded up to a thousandth. */
const quantityMaps = new Set(
  [
    'CapacityRequirements.requests ContainerStatus.allocatedResources DeviceRequestAllocationResult.consumedCapacity LimitRangeItem.default LimitRangeItem.defaultRequest LimitRangeItem.max',
    'LimitRangeItem.maxLimitRequestRatio LimitRangeItem.min NodeStatus.allocatable NodeStatus.capacity NodeAllocatableResourceClaimStatus.resources Overhead.podFixed PersistentVolumeClaimStatus.allocatedResources',
    'PersistentVolumeClaimStatus.capacity PersistentVolumeSpec.capacity PodSpec.overhead PodStatus.allocatedResources ResourceQuotaSpec.hard ResourceQuotaStatus.hard ResourceQuotaStatus.used',
    'ResourceRequirements.limits ResourceRequirements.requests VolumeResourceRequirements.limits VolumeResourceRequirements.requests',
  ].flatMap((line) => line.split(' ')),
)

/** Writes all files; says what it wrote. */
export function generateSchemas(): void {
  const newest = readClient(join(project, 'node_modules', clients[0]!.folder))
  if (!newest) throw new Error('@kubernetes/client-node is not installed: run `npm ci` first.')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(join(target, 'documentation'), { recursive: true })
  const base = structureOf(newest)
  writeModule('newest.ts', 'newest', { version: clients[0]!.version, ...base })
  const older = clients.slice(1).map(({ version, folder }) => {
    const client = readClient(join(project, 'node_modules', folder))
    if (!client) throw new Error(`${folder} is not installed: run \`npm ci\` first.`)
    return { version, ...difference(base, structureOf(client)) }
  })
  older.push({ version: '1.35', ...structure135(base) })
  writeModule('older.ts', 'older', older)
  writeDocumentation(newest)
  const bytes = readdirSync(target).filter((file) => file.endsWith('.ts')).reduce((sum, file) => sum + readFileSync(join(target, file)).length, 0)
  console.log(`schemas: ${base.kinds.length} kinds, ${Object.keys(base.types).length} types, ${Math.round(bytes / 1024)} KiB`)
}

/** `kinds`: apiVersion, kind, type, plural, namespaced (1 or 0). `types`: name → `field:type` pairs; the notation is that of server/k8s/schemas/schema.ts. */
type Structure = { kinds: string[]; types: Record<string, string> }

function structureOf(client: Client): Structure {
  const types: Record<string, string> = {}
  for (const [name, model] of [...client.models].sort(([a], [b]) => (a < b ? -1 : 1))) types[name] = model.fields.map((field) => `${field.name}:${notation(name, field)}`).join(' ')
  return { kinds: client.kinds.map((kind) => `${kind.apiVersion} ${kind.kind} ${kind.model} ${kind.plural} ${kind.namespaced ? 1 : 0}`), types }
}

function notation(model: string, field: ModelField): string {
  const place = `${goName(model)}.${field.name}`
  if (quantityFields.has(place)) return field.type.startsWith('Array') ? '[q' : 'q'
  if (quantityMaps.has(place)) return goPackage(model) === 'v1' && !place.startsWith('Capacity') && !place.startsWith('Device') ? '{Q' : '{q'
  if (place === 'ManagedFieldsEntry.fieldsV1') return 'j'
  return typeNotation(field.type, field.format)
}

function typeNotation(type: string, format: string): string {
  const list = /^Array<(.*)>$/.exec(type)
  if (list) return `[${typeNotation(list[1]!, format)}`
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map) return `{${typeNotation(map[1]!, format)}`
  if (type === 'string') return format === 'byte' ? 'y' : 's'
  if (type === 'number') return format === 'int64' ? 'l' : format === 'int32' ? 'i' : 'd'
  if (type === 'boolean') return 'b'
  if (type === 'Date') return 't'
  if (type === 'V1MicroTime') return 'u'
  if (type === 'IntOrString') return 'x'
  if (type === 'any' || type === 'object') return 'j'
  return type
}

/** The kinds of an older version, and the types that the newest has not, or has otherwise. */
function difference(base: Structure, older: Structure): Structure {
  return { kinds: older.kinds, types: Object.fromEntries(Object.entries(older.types).filter(([name, fields]) => base.types[name] !== fields)) }
}

/** The structure of 1.35 in the form of `difference`. Fails when a field it takes away is not there, so that a newer client package is noticed. */
function structure135(base: Structure): Structure {
  const { kinds, fields, types } = minor135
  const changed = Object.entries(fields).map(([type, edits]): [string, string] => {
    const pairs = (base.types[type] ?? '').split(' ')
    for (const edit of edits.split(' ')) {
      if (!edit.startsWith('-')) pairs.push(edit)
      else if (!pairs.some((pair) => pair.startsWith(`${edit.slice(1)}:`))) throw new Error(`${type} has no field ${edit.slice(1)} to take away for 1.35.`)
    }
    return [type, pairs.filter((pair) => !edits.split(' ').includes(`-${pair.slice(0, pair.indexOf(':'))}`)).sort().join(' ')]
  })
  const kept = base.kinds.filter((kind) => !kinds.added.includes(kind.split(' ', 2).join('/')))
  if (kept.length !== base.kinds.length - kinds.added.length) throw new Error('A kind that 1.36 added is not in the client package.')
  return { kinds: [...kept, ...kinds.gone].sort(), types: { ...Object.fromEntries(changed), ...types } }
}

/** One file per kind, so that a browser loads only what it shows: type → [about, { field: about }]. */
function writeDocumentation(client: Client): void {
  const loaders: string[] = []
  for (const kind of client.kinds) {
    const documents: Record<string, [string, Record<string, string>]> = {}
    const waiting = [kind.model]
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const model = client.models.get(name)
      if (!model || Object.hasOwn(documents, name)) continue
      documents[name] = [model.about, Object.fromEntries(model.fields.filter((field) => field.about !== '').map((field) => [field.name, field.about]))]
      for (const field of model.fields) waiting.push(...referredModels(field))
    }
    const file = `${kind.apiVersion.replace('/', '_')}_${kind.kind}.ts`
    writeModule(join('documentation', file), 'documentation', documents)
    loaders.push(`  '${kind.apiVersion}/${kind.kind}': () => import('./${file}'),`)
  }
  const type = 'Record<string, () => Promise<{ documentation: Record<string, [string, Record<string, string>]> }>>'
  writeFileSync(join(target, 'documentation', 'index.ts'), `/** Generated. Loads the documentation of one kind. */\nexport const documentationOf: ${type} = {\n${loaders.join('\n')}\n}\n`)
}

/** A module whose value is parsed from text: engines read that faster than an object literal. */
function writeModule(file: string, name: string, value: unknown): void {
  writeFileSync(join(target, file), `/** Generated from @kubernetes/client-node by \`npm run generate\`. Do not edit. */\nexport const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))})\n`)
}
