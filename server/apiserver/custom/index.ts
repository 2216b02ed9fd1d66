/** Custom resources. Their judge, with CEL and regular expressions in it, is large and seldom needed: a browser leaves it out of what it loads first and hands it in when a definition turns up. */
import type { K8sObject } from '../../k8s/object.ts'
import type { CustomKind } from './definition.ts'
import { judgeCustom as everything, type CustomVerdict } from './judge.ts'

export { CustomKinds, isDefinition, type CustomKind } from './definition.ts'
export type { CustomVerdict } from './judge.ts'

export type CustomJudge = (sent: Readonly<Record<string, unknown>>, kind: CustomKind, old?: K8sObject) => CustomVerdict

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
export function judgeCustom(...asked: Parameters<CustomJudge>): CustomVerdict | undefined {
  return judge?.(...asked)
}
