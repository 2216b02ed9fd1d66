/** Custom resources and their definitions. Their judge, with CEL and regular expressions in it, is large and seldom needed: a browser leaves it out of what it loads first and hands it in when a definition turns up. */
import type { K8sObject } from '../../k8s/object.ts'
import type { FieldError } from '../field.ts'
import type { CustomKind } from './definition.ts'
import { judge as everything, type CustomVerdict } from './judge.ts'

export { CustomKinds, isDefinition, type CustomKind } from './definition.ts'
export type { CustomVerdict } from './judge.ts'

export type CustomJudge = {
  custom: (sent: Readonly<Record<string, unknown>>, kind: CustomKind, old?: K8sObject) => CustomVerdict
  definition: (object: K8sObject, old?: K8sObject) => FieldError[]
  definitionFault: (object: K8sObject) => FieldError | undefined
  definitionWarnings: (object: K8sObject, old?: K8sObject) => string[]
}

// Undefined in a browser's first bundle (scripts/client-plugins.mjs).
let judge: CustomJudge | undefined = everything

/** Hands the judge in where it was left out. */
export function serveCustomKinds(given: CustomJudge): void {
  judge = given
}

/** Are custom resources judged here already? */
export function servesCustomKinds(): boolean {
  return judge !== undefined
}

/** What the API server says to a custom resource, or undefined while the judge is not there. */
export function judgeCustom(...asked: Parameters<CustomJudge['custom']>): CustomVerdict | undefined {
  return judge?.custom(...asked)
}

/** What it says to a definition: nothing while the judge is not there. */
export function definitionErrors(object: K8sObject, old?: K8sObject): FieldError[] {
  return judge?.definition(object, old) ?? []
}

/** The first value of a wrong type in the schemas inside of a definition's schemas. */
export function definitionFault(object: K8sObject): FieldError | undefined {
  return judge?.definitionFault(object)
}

export function definitionWarnings(object: K8sObject, old?: K8sObject): string[] {
  return judge?.definitionWarnings(object, old) ?? []
}
