/** Errors as the API server words them (apimachinery/pkg/api/errors). */
import type { ApiError } from '../types.ts'
import type { K8sObject } from '../../k8s/object.ts'
import { groupResource } from '../resources.ts'

export function forbidden(object: K8sObject, why: string): ApiError {
  return { code: 403, reason: 'Forbidden', message: `${groupResource(object.kind, object.apiVersion)} "${object.metadata.name}" is forbidden: ${why}` }
}

export function notFound(kind: string, name: string, apiVersion?: string): ApiError {
  return { code: 404, reason: 'NotFound', message: `${groupResource(kind, apiVersion)} "${name}" not found` }
}

export function alreadyExists(object: K8sObject): ApiError {
  return { code: 409, reason: 'AlreadyExists', message: `${groupResource(object.kind, object.apiVersion)} "${object.metadata.name}" already exists` }
}

export function conflict(object: K8sObject): ApiError {
  return { code: 409, reason: 'Conflict', message: `Operation cannot be fulfilled on ${groupResource(object.kind, object.apiVersion)} "${object.metadata.name}": the object has been modified; please apply your changes to the latest version and try again` }
}

/** `Deployment.apps "web" is invalid: spec.x: …`; several errors stand in brackets. */
export function invalid(object: K8sObject, causes: readonly { path: string; message: string }[]): ApiError {
  const group = object.apiVersion.includes('/') ? `.${object.apiVersion.slice(0, object.apiVersion.indexOf('/'))}` : ''
  const texts = causes.map((cause) => `${cause.path}: ${cause.message}`)
  return {
    code: 422,
    reason: 'Invalid',
    message: `${object.kind}${group} "${object.metadata.name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    causes: causes.map((cause) => ({ field: cause.path, message: cause.message })),
  }
}
