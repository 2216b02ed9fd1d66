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
  for (const { steps = [] } of unknown) drop(known, steps)
  const again = send(known)
  return level === 'Warn' && !('error' in again) ? { ...again, warnings: [...unknown.map(({ message }) => message), ...again.warnings] } : again
}

/** Takes a field out of the object. The steps are a stranger's words: only what the object itself has is followed. */
function drop(object: Fields, steps: readonly (string | number)[]): void {
  let at: Fields = object
  for (const step of steps.slice(0, -1)) {
    if (!Object.hasOwn(at, step) || typeof at[step] !== 'object' || at[step] === null) return
    at = at[step] as Fields
  }
  const last = steps.at(-1)
  if (last !== undefined) delete at[last]
}
