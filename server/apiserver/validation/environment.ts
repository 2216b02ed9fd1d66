/** Environment variables and the references behind them (core/validation.go: ValidateEnv, ValidateEnvFrom, validateObjectFieldSelector). */
import type { Fields } from '../../k8s/object.ts'
import { configMapKey, dns1123Label, dns1123Subdomain, qualifiedName, relaxedEnvironmentName } from '../../k8s/names.ts'
import { maskTrailingDash } from '../name-rule.ts'
import type { FieldError, Path } from '../field.ts'
import { invalid, invalidEach, notSupported, required } from '../field.ts'
import { noBacksteps } from './path-text.ts'

/** Field paths an environment variable may read, as the server lists them. */
const environmentFields = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs']

/** Field paths a downward API file may read. */
export const fileFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

/** Every field label that the Pod API knows (core/pods:ConvertDownwardAPIFieldLabel). */
const knownFields = new Set([...environmentFields, ...fileFields, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'spec.host'])

const resourceFields = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']
const hugePagesField = /^(requests|limits)\.hugepages-/
const byteDivisors = new Set(['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'])
const byteDivisorList = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the"

export function validateEnvironment(container: Fields, at: Path, errors: FieldError[]): void {
  const variables = (container.env ?? []) as Fields[]
  const list = at.child('env')
  variables.forEach((variable, index) => {
    const path = list.index(index)
    const name = (variable.name ?? '') as string
    if (name === '') errors.push(required(path.child('name')))
    else errors.push(...invalidEach(path.child('name'), name, relaxedEnvironmentName(name)))
    if (variable.valueFrom) validateValueFrom(variable, path.child('valueFrom'), errors)
  })
  validateEnvironmentFrom((container.envFrom ?? []) as Fields[], at.child('envFrom'), errors)
}

function validateValueFrom(variable: Fields, at: Path, errors: FieldError[]): void {
  const source = variable.valueFrom as Fields
  let sources = 0
  if (source.fieldRef) {
    sources++
    validateFieldReference(source.fieldRef, environmentFields, at.child('fieldRef'), errors)
  }
  if (source.resourceFieldRef) {
    sources++
    validateResourceReference(source.resourceFieldRef, false, at.child('resourceFieldRef'), errors)
  }
  for (const name of ['configMapKeyRef', 'secretKeyRef']) {
    if (!source[name]) continue
    sources++
    validateKeyReference(source[name] as Fields, at.child(name), errors)
  }
  if (source.fileKeyRef) {
    sources++
    validateFileKeyReference(source.fileKeyRef, at.child('fileKeyRef'), errors)
  }
  if (sources === 0) errors.push(invalid(at, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
  else if (variable.value) errors.push(invalid(at, '', 'may not be specified when `value` is not empty'))
  else if (sources > 1) errors.push(invalid(at, '', 'may not have more than one field specified at a time'))
}

/** validateObjectFieldSelector. `supported` is the sorted list of whole paths allowed here. */
export function validateFieldReference(reference: Fields, supported: readonly string[], at: Path, errors: FieldError[]): void {
  const version = (reference.apiVersion ?? '') as string
  const label = (reference.fieldPath ?? '') as string
  if (version === '') return void errors.push(required(at.child('apiVersion')))
  if (label === '') return void errors.push(required(at.child('fieldPath')))
  const subscripted = splitSubscript(label)
  const refusal = fieldLabelRefusal(version, label, subscripted)
  if (refusal) return void errors.push(invalid(at.child('fieldPath'), label, `error converting fieldPath: ${refusal}`))
  const path = label === 'spec.host' ? 'spec.nodeName' : label
  if (subscripted) {
    const [map, key] = subscripted
    const name = map === 'metadata.annotations' ? key.toLowerCase() : key
    errors.push(...invalidEach(at.shown('', 'fieldPath'), name, qualifiedName(name)))
  } else if (!supported.includes(path)) errors.push(notSupported(at.child('fieldPath'), path, supported))
}

/** `metadata.labels['a']` → the map and the key (pkg/fieldpath:SplitMaybeSubscriptedPath). */
function splitSubscript(label: string): [string, string] | undefined {
  if (!label.endsWith("']")) return undefined
  const open = label.indexOf("['")
  return open > 0 && open + 2 <= label.length - 2 ? [label.slice(0, open), label.slice(open + 2, -2)] : undefined
}

function fieldLabelRefusal(version: string, label: string, subscripted: readonly [string, string] | undefined): string | undefined {
  if (version !== 'v1') return `unsupported pod version: ${version}`
  if (subscripted) return subscripted[0] === 'metadata.annotations' || subscripted[0] === 'metadata.labels' ? undefined : `field label does not support subscript: ${label}`
  return knownFields.has(label) ? undefined : `field label not supported: ${label}`
}

/** validateContainerResourceFieldSelector; in a volume the container must be named. */
export function validateResourceReference(reference: Fields, isVolume: boolean, at: Path, errors: FieldError[]): void {
  const resource = (reference.resource ?? '') as string
  if (isVolume && !reference.containerName) errors.push(required(at.child('containerName')))
  else if (resource === '') errors.push(required(at.child('resource')))
  else if (!resourceFields.includes(resource) && !hugePagesField.test(resource)) errors.push(notSupported(at.child('resource'), resource, resourceFields))
  validateDivisor(resource, (reference.divisor ?? '0') as string, at.child('divisor'), errors)
}

function validateDivisor(resource: string, divisor: string, at: Path, errors: FieldError[]): void {
  if (divisor === '0') return
  const what = resource.slice(resource.indexOf('.') + 1)
  if (resource === 'limits.cpu' || resource === 'requests.cpu') {
    if (divisor !== '1m' && divisor !== '1') errors.push(invalid(at, resource, "only divisor's values 1m and 1 are supported with the cpu resource"))
    return
  }
  const isBytes = resourceFields.includes(resource) || hugePagesField.test(resource)
  if (!isBytes || byteDivisors.has(divisor)) return
  errors.push(invalid(at, resource, `${byteDivisorList} ${what === 'memory' ? 'memory' : what === 'ephemeral-storage' ? 'local ephemeral storage' : 'hugepages'} resource`))
}

/** validateConfigMapKeySelector and validateSecretKeySelector, which are the same. */
function validateKeyReference(reference: Fields, at: Path, errors: FieldError[]): void {
  const name = (reference.name ?? '') as string
  errors.push(...invalidEach(at.child('name'), name, dns1123Subdomain(name)))
  const key = (reference.key ?? '') as string
  if (key === '') errors.push(required(at.child('key')))
  else errors.push(...invalidEach(at.child('key'), key, configMapKey(key)))
}

/** validateFileKeySelector: a key in an env file of an emptyDir volume. */
function validateFileKeyReference(reference: Fields, at: Path, errors: FieldError[]): void {
  const { volumeName = '', path = '', key = '' } = reference as Record<string, string>
  if (key === '') errors.push(required(at.child('key')))
  else errors.push(...invalidEach(at.child('key'), key, relaxedEnvironmentName(key)))
  if (volumeName === '') errors.push(required(at.child('volumeName')))
  else errors.push(...invalidEach(at.child('volumeName'), volumeName, dns1123Label(volumeName)))
  if (path === '') errors.push(required(at.child('path')))
  else noBacksteps(path, at.child('path'), errors)
}

/** ValidateEnvFrom: the errors about the number of sources sit on the list. */
function validateEnvironmentFrom(sources: readonly Fields[], list: Path, errors: FieldError[]): void {
  sources.forEach((source, index) => {
    const path = list.index(index)
    if (source.prefix) errors.push(...invalidEach(path.child('prefix'), source.prefix, relaxedEnvironmentName(source.prefix as string)))
    let found = 0
    for (const kind of ['configMapRef', 'secretRef']) {
      if (!source[kind]) continue
      found++
      const name = ((source[kind] as Fields).name ?? '') as string
      if (name === '') errors.push(required(path.child(kind, 'name')))
      else errors.push(...invalidEach(path.child(kind, 'name'), name, dns1123Subdomain(maskTrailingDash(name))))
    }
    const at = list.shown('', index)
    if (found === 0) errors.push(invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (found > 1) errors.push(invalid(at, '', 'may not have more than one field specified at a time'))
  })
}
