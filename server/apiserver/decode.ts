/** Typed and strict decoding of one object, as kube-apiserver decodes JSON into its Go types (sigs.k8s.io/json and the types' own UnmarshalJSON). */
import { decodeBase64, encodeBase64, isBase64 } from '../k8s/base64.ts'
import { quote } from '../k8s/go-text.ts'
import { timeError } from '../k8s/go-time.ts'
import { NumberText } from '../k8s/number-text.ts'
import { canonicalQuantity, parseQuantity } from '../k8s/quantity.ts'
import type { ObjectType, Shape } from '../k8s/schemas/schema.ts'
import type { FieldError, Segments } from './field.ts'
import { embeddedName, goTypeName } from './go-types.ts'

/**
 * `object` is a new object whose values have the declared types: nulls are gone, quantities are canonical texts. `typeError` is the one error the server answers with;
 * `unknown` are the fields that strict decoding refuses.
 */
export type Decoded = { object: Record<string, unknown>; typeError?: FieldError; unknown: FieldError[] }

/** Decodes `value` as `type`. Never throws; depth is that of the value. */
export function decode(value: Readonly<Record<string, unknown>>, type: ObjectType): Decoded {
  const decoder = new Decoder(type)
  const object = decoder.struct(value, type)
  const typeError = decoder.aborts.sort(bySentOrder)[0] ?? decoder.typeErrors.sort(bySentOrder)[0]
  return { object, ...(typeError ? { typeError } : {}), unknown: atMost(strictErrorsMax, decoder.unknown) }
}

/** So many the strict decoder tells (sigs.k8s.io/json: saveStrictError). */
const strictErrorsMax = 100

function atMost(count: number, errors: FieldError[]): FieldError[] {
  return errors.length > count ? errors.sort(bySentOrder).slice(0, count) : errors
}

/** The server sees keys in order, because kubectl sends JSON objects with sorted keys; of several type errors it names the first. */
export function bySentOrder(a: FieldError, b: FieldError): number {
  for (let index = 0; index < a.segments.length && index < b.segments.length; index++) {
    const left = a.segments[index]!
    const right = b.segments[index]!
    if (left !== right) return left < right ? -1 : 1
  }
  return a.segments.length - b.segments.length
}

class Decoder {
  /** Errors of types that decode themselves (quantity, time, int-or-string): the first ends decoding and outranks errors before it. */
  readonly aborts: FieldError[] = []
  readonly typeErrors: FieldError[] = []
  readonly unknown: FieldError[] = []
  private readonly at: (string | number)[] = []
  private owner: ObjectType | undefined
  private field = ''
  private readonly rootType: ObjectType

  constructor(rootType: ObjectType) {
    this.rootType = rootType
  }

  struct(value: Readonly<Record<string, unknown>>, type: ObjectType): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    const { owner, field } = this
    for (const key of Object.keys(value)) {
      const shape = type.fields.get(key)
      this.at.push(key)
      if (shape === undefined) this.unknownField()
      else {
        const raw = value[key]
        if (raw !== null && raw !== undefined) {
          this.owner = type
          this.field = key
          const decoded = this.value(raw, shape)
          if (decoded !== undefined) out[key] = decoded
        }
      }
      this.at.pop()
    }
    this.owner = owner
    this.field = field
    return out
  }

  private value(raw: unknown, shape: Shape): unknown {
    switch (shape.is) {
      case 'string':
        return typeof raw === 'string' ? raw : this.mismatch(raw, shape)
      case 'object':
        return isObject(raw) ? this.struct(raw, shape.type) : this.mismatch(raw, shape)
      case 'list':
        return Array.isArray(raw) ? this.list(raw, shape.of) : this.mismatch(raw, shape)
      case 'map':
        return isObject(raw) ? this.map(raw, shape.of) : this.mismatch(raw, shape)
      case 'boolean':
        return typeof raw === 'boolean' ? raw : this.mismatch(raw, shape)
      case 'int32':
      case 'int64':
        return this.integer(raw, shape)
      case 'double':
        return this.double(raw, shape)
      case 'quantity':
        return this.quantity(raw, shape.milli)
      case 'intOrString':
        return typeof raw === 'string' ? raw : this.aborting(() => this.integer(raw, { is: 'int32' }))
      case 'time':
      case 'microTime':
        return this.time(raw, shape.is === 'microTime')
      case 'bytes':
        return this.bytes(raw, shape)
      default:
        return plainValue(raw)
    }
  }

  private list(raw: readonly unknown[], of: Shape): unknown[] {
    const out: unknown[] = []
    raw.forEach((item, index) => {
      this.at.push(index)
      out.push(item === null || item === undefined ? zeroOf(of) : (this.value(item, of) ?? zeroOf(of)))
      this.at.pop()
    })
    return out
  }

  private map(raw: Readonly<Record<string, unknown>>, of: Shape): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    for (const key of Object.keys(raw)) {
      this.at.push(key)
      const item = raw[key]
      const decoded = item === null || item === undefined ? zeroOf(of) : (this.value(item, of) ?? zeroOf(of))
      if (key === '__proto__') Object.defineProperty(out, key, { value: decoded, enumerable: true, configurable: true, writable: true })
      else out[key] = decoded
      this.at.pop()
    }
    return out
  }

  private integer(raw: unknown, shape: Shape): number | undefined {
    if (typeof raw === 'number' && Number.isInteger(raw) && (shape.is === 'int32' ? raw >= -2147483648 && raw <= 2147483647 : Number.isSafeInteger(raw))) return raw
    if (typeof raw !== 'number' && !(raw instanceof NumberText)) return this.mismatch(raw, shape)
    const text = String(raw)
    if (shape.is === 'int64' && /^-?[0-9]+$/.test(text)) {
      const exact = BigInt(text)
      if (exact >= -(2n ** 63n) && exact < 2n ** 63n) return Number(text)
    }
    return this.refuse(`number ${text}`, shape.is)
  }

  private double(raw: unknown, shape: Shape): number | undefined {
    if (typeof raw !== 'number' && !(raw instanceof NumberText)) return this.mismatch(raw, shape)
    const value = Number(raw)
    return Number.isFinite(value) ? value : this.refuse(`number ${String(raw)}`, 'float64')
  }

  private quantity(raw: unknown, milli: boolean): string | undefined {
    // A text is read as it stands in JSON, escapes and all.
    const text = typeof raw === 'string' ? JSON.stringify(raw).slice(1, -1).trim() : typeof raw === 'number' || raw instanceof NumberText ? String(raw) : JSON.stringify(raw)
    const canonical = canonicalQuantity(text, milli ? 'milli' : 'nano')
    if (canonical !== undefined) return canonical
    const parsed = parseQuantity(text)
    if ('error' in parsed) this.abort(parsed.error)
    return undefined
  }

  private time(raw: unknown, micro: boolean): string | undefined {
    if (typeof raw !== 'string') return this.aborting(() => this.mismatch(raw, { is: 'string' }))
    const wrong = timeError(raw, micro)
    if (wrong === undefined) return raw
    this.abort(wrong)
    return undefined
  }

  private bytes(raw: unknown, shape: Shape): string | undefined {
    if (typeof raw === 'string') {
      if (isBase64(raw)) return raw
      const decoded = decodeBase64(raw)
      if ('bytes' in decoded) return encodeBase64(decoded.bytes)
      this.typeErrors.push(this.error('decode', `illegal base64 data at input byte ${decoded.badAt}`))
      return undefined
    }
    return Array.isArray(raw) ? encodeBase64(raw.map((item) => this.byte(item))) : this.mismatch(raw, shape)
  }

  private byte(raw: unknown): number {
    if (raw === null) return 0
    if (typeof raw === 'number' && Number.isInteger(raw) && raw >= 0 && raw < 256) return raw
    this.refuse(typeof raw === 'number' || raw instanceof NumberText ? `number ${String(raw)}` : kindOf(raw), 'uint8')
    return 0
  }

  private aborting<T>(decoding: () => T): T {
    const before = this.typeErrors.length
    const decoded = decoding()
    if (this.typeErrors.length > before) this.aborts.push(this.typeErrors[before]!)
    return decoded
  }

  private abort(message: string): void {
    this.aborts.push(this.error('decode', message))
  }

  private mismatch(raw: unknown, shape: Shape): undefined {
    return this.refuse(kindOf(raw), goTypeName(shape, this.owner!, this.field))
  }

  private refuse(value: string, type: string): undefined {
    this.typeErrors.push(this.error('decode', `json: cannot unmarshal ${value} into Go struct field ${this.owner!.name}.${goNamesOf(this.at, this.rootType).join('.')} of type ${type}`))
    return undefined
  }

  private unknownField(): void {
    const path = printPath(this.at)
    this.unknown.push({ type: 'unknownField', path, message: `unknown field ${quote(path)}`, segments: [...this.at] })
  }

  private error(type: 'decode', message: string): FieldError {
    return { type, path: printPath(this.at), message, segments: [...this.at] }
  }
}

/** What Go calls the type of a JSON value. */
function kindOf(raw: unknown): string {
  if (Array.isArray(raw)) return 'array'
  return raw instanceof NumberText ? 'number' : typeof raw === 'boolean' ? 'bool' : typeof raw
}

/** The path in Go's error: field names without list positions and map keys, embedded structs by name. */
function goNamesOf(at: Segments, rootType: ObjectType): string[] {
  const names: string[] = []
  let shape: Shape | undefined = { is: 'object', type: rootType }
  for (const segment of at) {
    if (!shape) break
    if (shape.is === 'list' || shape.is === 'map') {
      shape = shape.of
      continue
    }
    if (shape.is !== 'object') break
    const embedded = embeddedName(shape.type, String(segment))
    if (embedded) names.push(embedded)
    names.push(String(segment))
    shape = shape.type.fields.get(String(segment))
  }
  return names
}

/** `spec.containers[0].image`: how strict decoding prints where a field is. */
export function printPath(at: Segments): string {
  let text = ''
  for (const segment of at) text += typeof segment === 'number' ? `[${segment}]` : text === '' ? segment : `.${segment}`
  return text
}

/** What a null becomes inside a list or map: Go's zero value. */
function zeroOf(shape: Shape): unknown {
  if (shape.is === 'object' || shape.is === 'map') return {}
  if (shape.is === 'list') return []
  if (shape.is === 'boolean') return false
  if (shape.is === 'quantity') return '0'
  if (shape.is === 'any') return null
  return shape.is === 'int32' || shape.is === 'int64' || shape.is === 'double' || shape.is === 'intOrString' ? 0 : ''
}

/** A value of no declared type, with every number an ordinary one. */
export function plainValue(raw: unknown): unknown {
  if (raw instanceof NumberText) return Number(raw.text)
  if (Array.isArray(raw)) return raw.map(plainValue)
  if (!isObject(raw)) return raw
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(raw)) Object.defineProperty(out, key, { value: plainValue(raw[key]), enumerable: true, configurable: true, writable: true })
  return out
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
}
