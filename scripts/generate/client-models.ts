/** Reads the models of a @kubernetes/client-node package: types, kinds and field descriptions. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `type` is the client's own notation: `string`, `number`, `Array<V1Container>`, `{ [key: string]: string; }`. */
export type ModelField = { name: string; type: string; format: string; about: string }
export type Model = { about: string; fields: ModelField[] }
export type Kind = { apiVersion: string; kind: string; model: string; namespaced: boolean; plural: string }
export type Client = { models: Map<string, Model>; kinds: Kind[] }

/** Reads the package in `folder`; undefined when it is not installed. */
export function readClient(folder: string): Client | undefined {
  const source = join(folder, 'dist', 'gen')
  if (!existsSync(source)) return undefined
  const kinds = servedApis(source).flatMap((file) => kindsOf(readFileSync(join(source, 'apis', file), 'utf8')))
  const models = new Map<string, Model>()
  const waiting = [...kinds.map((kind) => kind.model), 'V1Status']
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (models.has(name)) continue
    const model = readModel(join(source, 'models'), name)
    models.set(name, model)
    for (const field of model.fields) waiting.push(...referredModels(field))
  }
  return { models, kinds: kinds.sort((a, b) => compare(`${a.apiVersion} ${a.kind}`, `${b.apiVersion} ${b.kind}`)) }
}

/** The models a field's type names. V1MicroTime is a text, not a model. */
export function referredModels(field: ModelField): string[] {
  return (field.type.match(/\b(?:[A-Z][a-z]+)?V\d\w+/g) ?? []).filter((name) => name !== 'V1MicroTime')
}

/** The API classes in use: the package also carries files of versions that are gone. */
function servedApis(source: string): string[] {
  const index = readFileSync(join(source, 'types', 'ObservableAPI.js'), 'utf8')
  return [...new Set([...index.matchAll(/from ["']\.\.\/apis\/(\w+Api\.js)["']/g)].map((match) => match[1]!))].sort()
}

/** The creating requests of an API class name its kinds: `POST /apis/apps/v1/namespaces/{namespace}/deployments` with a V1Deployment. */
function kindsOf(text: string): Kind[] {
  const found: Kind[] = []
  for (const [, body] of text.matchAll(/async create\w+\([^)]*\) \{([\s\S]*?)\n {4}\}/g)) {
    const path = /localVarPath = '([^']+)'/.exec(body!)?.[1]
    const model = /serialize\(body, "(\w+)"/.exec(body!)?.[1]
    if (!path || !model || path.includes('{name}') || model === 'any') continue
    const parts = path.split('/').filter((part) => part !== '')
    const apiVersion = parts[0] === 'api' ? parts[1]! : `${parts[1]}/${parts[2]}`
    found.push({ apiVersion, kind: goName(model), model, namespaced: path.includes('{namespace}'), plural: parts[parts.length - 1]! })
  }
  return found
}

/** `V1Deployment` → `Deployment`, `CoreV1Event` → `Event`: the Go name of a model. */
export function goName(model: string): string {
  return model.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, '')
}

/** `V1beta1Thing` → `v1beta1`: the Go package of a model. */
export function goPackage(model: string): string {
  return /^(?:[A-Z][a-z]+)?(V\d+(?:(?:alpha|beta)\d+)?)(?=[A-Z])/.exec(model)![1]!.toLowerCase()
}

function readModel(folder: string, name: string): Model {
  const code = readFileSync(join(folder, `${name}.js`), 'utf8')
  const start = code.indexOf(`${name}.attributeTypeMap = [`)
  const list = code.slice(code.indexOf('[', start), code.indexOf('];', start) + 1)
  const attributes = JSON.parse(list) as { name: string; baseName: string; type: string; format: string }[]
  const { about, fields } = readDescriptions(readFileSync(join(folder, `${name}.d.ts`), 'utf8'))
  return { about, fields: attributes.map(({ name: property, baseName, type, format }) => ({ name: baseName, type, format, about: fields.get(property) ?? '' })) }
}

function readDescriptions(text: string): { about: string; fields: Map<string, string> } {
  const fields = new Map<string, string>()
  for (const [, comment, name] of text.matchAll(/\/\*\*\n((?:\s*\*(?!\/)[^\n]*\n)*)\s*\*\/\n\s*'([^']+)'\??:/g)) fields.set(name!, prose(comment!))
  const about = /\/\*\*\n((?:\s*\*(?!\/)[^\n]*\n)*)\s*\*\/\nexport declare class/.exec(text)?.[1]
  return { about: about ? prose(about) : '', fields }
}

function prose(comment: string): string {
  return comment.replace(/^\s*\* ?/gm, '').trim().replace(/\\(['"])/g, '$1')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
