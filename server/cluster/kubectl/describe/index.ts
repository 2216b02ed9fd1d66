/** Describers by kind. */
import type { K8sObject } from '../../../k8s/object.ts'
import type { Console } from '../console.ts'
import { describePod } from './pod.ts'

export type Describer = (console: Console, object: K8sObject, showEvents: boolean) => string

const describers: Record<string, Describer> = { Pod: describePod }

/** The describer of a kind. */
export function describerOf(kind: string): Describer {
  return describers[kind] ?? describePod
}
