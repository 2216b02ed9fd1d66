/** What a column of `kubectl get` is, and the two that most tables have. */
import type { K8sObject } from '../../../k8s/object.ts'
import { ageOf } from './time.ts'

export type Column = { title: string; /** Only with -o wide. */ wide?: boolean; cell(object: K8sObject, nowMs: number): string }
export type Columns = Record<string, readonly Column[]>

/** A column for a plain value: empty when absent. */
export function column(title: string, cell: (object: K8sObject, nowMs: number) => unknown): Column {
  return { title, cell: (object, nowMs) => String(cell(object, nowMs) ?? '') }
}

export function wideColumn(title: string, cell: (object: K8sObject, nowMs: number) => unknown): Column {
  return { ...column(title, cell), wide: true }
}

export const name: Column = { title: 'Name', cell: (object) => object.metadata.name }
export const age: Column = { title: 'Age', cell: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs) }
