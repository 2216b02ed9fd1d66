/** The -o formats that every verb with objects shares: yaml, json, name, jsonpath, custom-columns. */
import type { K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import type { Console } from '../console.ts'
import { Refusal } from '../console.ts'
import { jsonText } from './json.ts'
import { JsonPathError, printed, readTemplate, relaxed, render, select } from './jsonpath.ts'
import type { Template } from './jsonpath.ts'
import { kindName } from './table.ts'
import { tabulated } from './tabwriter.ts'
import { yamlText } from './yaml.ts'

const formats = 'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml'

export type Format = { name: '' | 'wide' | 'yaml' | 'json' | 'name' | 'jsonpath' | 'jsonpath-as-json' | 'custom-columns'; argument: string }

/** Reads -o; refuses what kubectl would, and says which formats this console does not fill in. */
export function readFormat(console: Console): Format {
  const text = console.flags.text('output')
  const [name = '', ...rest] = text.split('=')
  const argument = rest.join('=')
  if (name === 'jsonpath-file' || name === 'custom-columns-file') {
    const file = console.session.files?.[argument]
    if (file === undefined) throw new Refusal(`error: error reading --template ${argument}, open ${argument}: no such file or directory`)
    return { name: name === 'jsonpath-file' ? 'jsonpath' : 'custom-columns', argument: name === 'jsonpath-file' ? file : file.trim().split('\n').map((line) => line.trim().split(/\s+/)).reduce((header, line) => header.map((title, i) => `${title}:${line[i]}`)).join(',') }
  }
  if (/^(go-template|go-template-file|template|templatefile|kyaml)$/.test(name)) throw new Refusal(`error: -o ${name} is not available in this console; use -o json, yaml, jsonpath or custom-columns`)
  if (!['', 'wide', 'yaml', 'json', 'name', 'jsonpath', 'jsonpath-as-json', 'custom-columns'].includes(name)) throw new Refusal(`error: unable to match a printer suitable for the output format "${text}", allowed formats are: ${formats}`)
  if (name === 'jsonpath' && argument === '') throw new Refusal('error: template format specified but no template given')
  if (name === 'custom-columns' && argument === '') throw new Refusal('error: custom-columns format specified but no custom columns given')
  return { name: name as Format['name'], argument }
}

/** Many objects as the List that kubectl makes of them. */
export function listOf(objects: readonly K8sObject[]): Record<string, unknown> {
  return { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } }
}

/** Prints objects in a format other than the table; `single`: one object was asked for by name. */
export function printFormatted(console: Console, objects: readonly K8sObject[], format: Format, single: boolean): void {
  const data = single ? objects[0] : listOf(objects)
  if (format.name === 'name') for (const object of objects) console.out(kindName(object))
  else if (format.name === 'yaml') console.out(yamlText(data).replace(/\n$/, ''))
  else if (format.name === 'json') console.out(jsonText(data))
  else if (format.name === 'custom-columns') console.out(customColumns(objects, format.argument, !console.flags.on('no-headers')))
  else printPath(console, data, format)
}

function printPath(console: Console, data: unknown, { name, argument }: Format): void {
  const template = templateOf(argument)
  const strict = console.flags.text('allow-missing-template-keys') === 'false'
  try {
    if (name === 'jsonpath-as-json') console.out(jsonText(select(template, data, strict)))
    else {
      const text = render(template, data, strict)
      if (text !== '') console.write(text)
    }
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error
    throw new Refusal([`error: error executing jsonpath "${argument}": Error executing template: ${error.message}. Printing more information for debugging the template:`, '\ttemplate was:', `\t\t${argument}`, '\tobject given to jsonpath engine was:', `\t\t${goSyntax(data)}`, '', ''].join('\n'))
  }
}

/** A value as Go's %#v writes what was decoded from JSON. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value === 'object' && value !== null) return `map[string]interface {}{${Object.entries(value).filter(([, inner]) => inner !== undefined).sort(([a], [b]) => compareText(a, b)).map(([key, inner]) => `${JSON.stringify(key)}:${goSyntax(inner)}`).join(', ')}}`
  return value === null ? 'interface {}(nil)' : typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function templateOf(text: string): Template {
  try {
    return readTemplate(text)
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error
    throw new Refusal(`error: error parsing jsonpath ${text}, ${error.message}`)
  }
}

/** `NAME:.metadata.name,IP:.status.podIP` (cmd/get/customcolumn.go). */
function customColumns(objects: readonly K8sObject[], spec: string, headers: boolean): string {
  const columns = spec.split(',').map((part) => {
    const at = part.indexOf(':')
    if (at < 0) throw new Refusal(`error: unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    try {
      return { title: part.slice(0, at), template: readTemplate(relaxed(part.slice(at + 1))) }
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error
      throw new Refusal(`error: ${error.message}`)
    }
  })
  const rows = objects.map((object) => columns.map(({ template }) => select(template, object).map(printedCell).join(',') || '<none>').join('\t'))
  return tabulated([...(headers ? [columns.map((column) => column.title).join('\t')] : []), ...rows].join('\n'))
}

/** Custom columns print structures with Go's %v: `map[a:1]`, `[a b]`. */
function printedCell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printedCell).join(' ')}]`
  if (typeof value === 'object' && value !== null) return `map[${Object.keys(value).sort().map((key) => `${key}:${printedCell((value as Record<string, unknown>)[key])}`).join(' ')}]`
  return printed(value)
}

/** The value of an expression for sorting; undefined when the field is not there. */
export function sortValue(expression: string): (object: K8sObject) => unknown {
  try {
    const template = readTemplate(relaxed(expression))
    return (object) => select(template, object)[0]
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error
    throw new Refusal(`error: ${error.message}`)
  }
}
