/** `--overrides` of kubectl run: a JSON merge over the pod that the flags made. */
import { readPatch } from './patch.ts'
import type { K8sObject } from '../../../k8s/object.ts'
import { mergePatch } from '../../merge.ts'
import { Refusal } from '../console.ts'

/** The pod with the overrides merged in (RFC 7386). Refuses text that is no object. */
export function overridden(text: string, pod: K8sObject): K8sObject {
  const value = readPatch(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal(`error: Invalid JSON Patch`)
  return mergePatch(pod, value) as K8sObject
}
