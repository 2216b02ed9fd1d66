/** Paths that definitions give to fields: `.spec.replicas`, `.labels['a.b']` (apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go: ValidFieldPath). */
import { isFields } from '../../k8s/podspec.ts'
import { root, type Path } from '../field.ts'
import { propertyOf, valuesOf, type Schema } from './definition.ts'

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' }

/** The place that a path leads to and its schema, or what is wrong with the path. Keys in brackets only where they are allowed. */
export function findField(text: string, schema: Schema, mayBracket: boolean): { path: Path; schema: Schema | undefined } | { fault: string } {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/g) ?? []
  const nowhere = { fault: 'does not refer to a valid field' }
  let path = root
  let at: Schema | undefined = schema
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    if (token === '[' && !mayBracket) return { fault: 'array notation is not allowed' }
    if (token !== '[' && token !== '.') return { fault: `expected [ or . but got: ${token}` }
    let name = tokens[++index]
    if (name === undefined) return { fault: 'unexpected end of JSON path' }
    if (token === '[') {
      if (name.length < 2 || !name.startsWith("'") || !name.endsWith("'")) return { fault: `expected single quoted string but got ${name}` }
      const strange = [...name.matchAll(/\\(.)/g)].find(([, letter]) => !Object.hasOwn(escapes, letter!))
      if (strange) return { fault: `invalid string literal: invalid escape char ${strange[0]}` }
      name = name.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => escapes[letter]!)
    }
    if (isFields(at?.['properties'])) {
      at = propertyOf(at, name)
      if (!at) return nowhere
      path = path.child(name)
    } else if (at?.['additionalProperties'] !== undefined) {
      at = valuesOf(at)
      path = path.key(name)
    } else return nowhere
    if (token !== '[') continue
    const end = tokens[++index]
    if (end === undefined) return { fault: 'unexpected end of JSON path' }
    if (end !== ']') return { fault: `expected ] but got ${end}` }
  }
  return { path, schema: at }
}
