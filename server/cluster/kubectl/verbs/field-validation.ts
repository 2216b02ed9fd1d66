/** --validate: whether the server refuses fields it does not know, warns of them or only drops them (cmd/util/helpers.go:GetValidationDirective). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import type { ApiError } from '../../types.ts'
import type { Console } from '../console.ts'
import { Refusal } from '../console.ts'

type Result = { object: K8sObject; warnings: string[] } | { error: ApiError }

function levelOf(console: Console): 'Strict' | 'Warn' | 'Ignore' {
  const text = console.flags.text('validate')
  if (['', 'strict', 'true', '1', 't', 'T', 'TRUE', 'True'].includes(text)) return 'Strict'
  if (text === 'warn') return 'Warn'
  if (['ignore', 'false', '0', 'f', 'F', 'FALSE', 'False'].includes(text)) return 'Ignore'
  throw new Refusal(`error: invalid - validate option ${JSON.stringify(text)}`)
}

/** Sends the object; where --validate is not strict, without the fields that the server does not know. */
export function validated<Given extends Result>(console: Console, object: K8sObject, send: (object: K8sObject) => Given): Given {
  const level = levelOf(console)
  const result = send(object)
  if (level === 'Strict' || !('error' in result) || result.error.reason !== 'BadRequest') return result
  const unknown = (result.error.causes ?? []).filter(({ message }) => message.startsWith('unknown field '))
  if (unknown.length === 0) return result
  const known = structuredClone(object)
  for (const { message } of unknown) drop(known, /"(.*)"/s.exec(message)![1]!)
  const again = send(known)
  return level === 'Warn' && !('error' in again) ? { ...again, warnings: [...unknown.map(({ message }) => message), ...again.warnings] } : again
}

/** Takes the field at `spec.containers[0].port` out of the object. */
function drop(object: Fields, path: string): void {
  const steps = path.split(/\.|(?=\[\d+\])/)
  let at: Fields | undefined = object
  for (const step of steps.slice(0, -1)) at = at?.[step.replace(/^\[(\d+)\]$/, '$1')] as Fields | undefined
  if (at) delete at[steps.at(-1)!]
}
