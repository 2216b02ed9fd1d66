/** ConfigMap, Secret, Namespace and ServiceAccount (core:ValidateConfigMap, ValidateSecret, ValidateNamespace, ValidateServiceAccount). */
import { decodeBase64, encodeBase64 } from '../../k8s/base64.ts'
import { byteLength } from '../../k8s/go-text.ts'
import { jsonFault } from '../../k8s/json-fault.ts'
import { configMapKey, qualifiedName } from '../../k8s/names.ts'
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { fieldPath, forbidden, invalid, invalidEach, required, root, tooLong, type FieldError, type Path } from '../field.ts'
import { immutable, isSame } from '../metadata.ts'

const bytesMax = 1024 * 1024
const data = fieldPath('data')

/** Bytes of base64 text once decoded; line breaks do not count. */
function decodedLength(text: string): number {
  const bare = text.replace(/[\r\n]/g, '')
  return Math.floor((bare.length * 3) / 4) - (bare.endsWith('==') ? 2 : bare.endsWith('=') ? 1 : 0)
}

export function configMapErrors(map: K8sObject, old?: K8sObject): FieldError[] {
  const errors = old?.immutable === true ? frozenErrors(map, old, ['data', 'binaryData']) : []
  const texts: Record<string, string> = map.data ?? {}
  const binaries: Record<string, string> = map.binaryData ?? {}
  let bytes = 0
  for (const key of Object.keys(texts)) {
    errors.push(...invalidEach(data.key(key), key, configMapKey(key)))
    if (Object.hasOwn(binaries, key)) errors.push(invalid(data.key(key), key, 'duplicate of key present in binaryData'))
    bytes += byteLength(texts[key]!)
  }
  for (const key of Object.keys(binaries)) {
    errors.push(...invalidEach(fieldPath('binaryData').key(key), key, configMapKey(key)))
    bytes += decodedLength(binaries[key]!)
  }
  if (bytes > bytesMax) errors.push(tooLong(root.shown('[]'), bytesMax))
  return errors
}

function frozenErrors(object: K8sObject, old: K8sObject, fields: readonly string[]): FieldError[] {
  const says = 'field is immutable when `immutable` is set'
  const errors: FieldError[] = object.immutable === true ? [] : [forbidden(fieldPath('immutable'), says)]
  for (const name of fields) if (!isSame(object[name], old[name])) errors.push(forbidden(fieldPath(name), says))
  return errors
}

/** The keys a Secret of each type must have (core:ValidateSecret). */
const neededKeys: Record<string, readonly string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}

export function secretErrors(secret: K8sObject, old?: K8sObject): FieldError[] {
  const errors: FieldError[] = old ? immutable(secret.type, old.type, fieldPath('type')) : []
  if (old?.immutable === true) errors.push(...frozenErrors(secret, old, ['data']))
  const values: Record<string, string> = secret.data ?? {}
  let bytes = 0
  for (const key of Object.keys(values)) {
    errors.push(...invalidEach(data.key(key), key, configMapKey(key)))
    bytes += decodedLength(values[key]!)
  }
  if (bytes > bytesMax) errors.push(tooLong(data, bytesMax))
  return [...errors, ...secretTypeErrors(secret, values)]
}

function secretTypeErrors(secret: K8sObject, values: Readonly<Record<string, string>>): FieldError[] {
  const type: string = secret.type ?? ''
  if (type === 'kubernetes.io/service-account-token') return secret.metadata.annotations?.['kubernetes.io/service-account.name'] ? [] : [required(fieldPath('metadata', 'annotations').key('kubernetes.io/service-account.name'))]
  if (type === 'kubernetes.io/basic-auth') return Object.hasOwn(values, 'username') || Object.hasOwn(values, 'password') ? [] : [required(data.key('username')), required(data.key('password'))]
  const needed = Object.hasOwn(neededKeys, type) ? neededKeys[type]! : []
  const errors: FieldError[] = []
  for (const key of needed) {
    if (!Object.hasOwn(values, key) || (type === 'kubernetes.io/ssh-auth' && values[key] === '')) errors.push(required(data.key(key)))
    else if (type.startsWith('kubernetes.io/docker')) {
      const problem = jsonProblem(base64Text(values[key]!))
      if (problem !== undefined) errors.push(invalid(data.key(key), '<secret contents redacted>', problem))
    }
  }
  return errors
}

/** The bytes of base64 text, one character each. */
function base64Text(text: string): string {
  const decoded = decodeBase64(text)
  return 'bytes' in decoded ? Array.from(decoded.bytes, (byte) => String.fromCharCode(byte)).join('') : ''
}

/** Why a text is not a JSON object, worded as encoding/json words it; undefined when it is one. */
function jsonProblem(text: string): string | undefined {
  const fault = jsonFault(text)
  if (fault !== undefined) return fault
  const value: unknown = JSON.parse(text)
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
}

export function namespaceObjectErrors(namespace: K8sObject): FieldError[] {
  const finalizers: string[] = namespace.spec?.finalizers ?? []
  return finalizers.flatMap((finalizer) => finalizerErrors(finalizer, fieldPath('spec', 'finalizers')))
}

function finalizerErrors(finalizer: string, path: Path): FieldError[] {
  const errors = invalidEach(path, finalizer, qualifiedName(finalizer))
  if (!finalizer.includes('/') && !['kubernetes', 'orphan', 'foregroundDeletion'].includes(finalizer)) errors.push(invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'))
  return errors
}

/** stringData joins data, as base64; data of a key given twice is the text's (core/v1 conversion of Secret). */
export function mergedSecret(secret: K8sObject): K8sObject {
  const { stringData, ...rest } = secret
  if (!stringData) return secret
  const merged: Record<string, string> = { ...rest.data }
  for (const key of Object.keys(stringData as Fields)) merged[key] = base64Of(stringData[key])
  return { ...rest, apiVersion: secret.apiVersion, kind: secret.kind, metadata: secret.metadata, data: merged }
}

/** UTF-8 text as base64. */
function base64Of(text: string): string {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return encodeBase64(bytes)
}
