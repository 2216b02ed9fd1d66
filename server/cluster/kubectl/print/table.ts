/** Tables of `kubectl get`: columns per kind, and how rows become text. */
import type { K8sObject } from '../../../k8s/object.ts'
import { resourceOf } from '../../resources.ts'
import type { Column, Columns } from './column.ts'
import { age, column, name } from './column.ts'
import { batchColumns } from './columns-batch.ts'
import { clusterColumns } from './columns-cluster.ts'
import { configColumns } from './columns-config.ts'
import { networkColumns } from './columns-network.ts'
import { workloadColumns } from './columns-workload.ts'
import { formatLabels } from './labels.ts'
import { tabulated } from './tabwriter.ts'

/** Kinds without a printer of their own (printers/tableconvertor.go:defaultTableConvertor). */
const plainColumns: readonly Column[] = [name, { title: 'Created At', cell: (object) => object.metadata.creationTimestamp ?? '<unknown>' }]

/** The scale of something, which get --subresource=scale asks for (printers/internalversion/printers.go:printScale). */
const scaleColumns: readonly Column[] = [name, column('Desired', ({ spec }) => spec?.replicas ?? 0), column('Available', ({ status }) => status?.replicas ?? 0), age]

const columnsByKind: Columns = { Scale: scaleColumns, ...workloadColumns, ...batchColumns, ...networkColumns, ...configColumns, ...clusterColumns }

/** The columns of a kind; every table starts with NAME except that of events. */
export function columnsOf(kind: string): readonly Column[] {
  return columnsByKind[kind] ?? plainColumns
}

export type TableOptions = { wide: boolean; namespaces: boolean; kinds: boolean; labels: boolean; labelColumns: readonly string[]; headers: boolean }

/** `pod/web`, `deployment.apps/web`: the name with its kind, as several kinds at once and -o name print it. */
export function kindName(object: K8sObject): string {
  const { group } = resourceOf(object.kind, object.apiVersion)
  return `${object.kind.toLowerCase()}${group ? `.${group}` : ''}/${object.metadata.name}`
}

/** The cells of one object, in the order of the headers. */
function cellsOf(object: K8sObject, columns: readonly Column[], options: TableOptions, nowMs: number): string[] {
  const cells = columns.map((column) => oneLine(column.cell(object, nowMs)))
  const nameAt = columns.findIndex((column) => column.title === 'Name')
  if (options.kinds && nameAt >= 0) cells[nameAt] = kindName(object) + cells[nameAt]!.slice(object.metadata.name.length)
  const labels = options.labelColumns.map((label) => object.metadata.labels?.[label] ?? '<none>')
  return [...(options.namespaces ? [object.metadata.namespace ?? ''] : []), ...cells, ...labels, ...(options.labels ? [formatLabels(object.metadata.labels)] : [])]
}

/** A cell ends at its first line break, marked by dots. */
function oneLine(text: string): string {
  const at = text.search(/[\f\n\r]/)
  return at < 0 ? text : `${text.slice(0, at)}...`
}

/** Header and rows as they would be printed, before columns are aligned: cells joined by tabs. */
export function tableLines(objects: readonly K8sObject[], kind: string, options: TableOptions, nowMs: number): string[] {
  const columns = columnsOf(kind).filter((column) => options.wide || !column.wide)
  const titles = [...(options.namespaces ? ['NAMESPACE'] : []), ...columns.map((column) => column.title.toUpperCase()), ...options.labelColumns.map((label) => label.split('/').at(-1)!.toUpperCase()), ...(options.labels ? ['LABELS'] : [])]
  const rows = objects.map((object) => cellsOf(object, columns, options, nowMs).join('\t'))
  return options.headers ? [titles.join('\t'), ...rows] : rows
}

/** The table of one kind, without the final line break. */
export function tableText(objects: readonly K8sObject[], kind: string, options: TableOptions, nowMs: number): string {
  return tabulated(tableLines(objects, kind, options, nowMs).join('\n'))
}
