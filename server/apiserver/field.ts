/** Field paths and field errors as kube-apiserver makes and prints them (apimachinery/pkg/util/validation/field: path.go, errors.go). */
import { goJson, quote, quoteAll } from '../k8s/go-text.ts'

export type FieldErrorType = 'required' | 'invalid' | 'notSupported' | 'duplicate' | 'forbidden' | 'tooLong' | 'tooMany' | 'notFound' | 'typeInvalid' | 'internal' | 'unknownField' | 'duplicateField' | 'decode'

/** Where a value is in the object: keys and list positions from the root. */
export type Segments = readonly (string | number)[]

/** `path` and `message` are what the server prints before and after the first `: `; `segments` is where the value is in the manifest, which may differ from the printed path. */
export type FieldError = { type: FieldErrorType; path: string; message: string; segments: Segments }

/** A field path. Cheap to make: it is only printed when an error needs it. */
export class Path {
  private readonly parent: Path | undefined
  private readonly printed: string
  private readonly real: Segments

  constructor(parent: Path | undefined, printed: string, real: Segments) {
    this.parent = parent
    this.printed = printed
    this.real = real
  }

  /** A field below this one; several names go down several fields. */
  child(...names: string[]): Path {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    let path: Path = this
    for (const name of names) path = new Path(path, `.${name}`, [name])
    return path
  }

  /** An item of this list. */
  index(position: number): Path {
    return new Path(this, `[${position}]`, [position])
  }

  /** An entry of this map, printed `limits[cpu]`. */
  key(key: string): Path {
    return new Path(this, `[${key}]`, [key])
  }

  /** A place the server prints under another name than it has: `spec.child('HostPID')` is really `spec.hostPID`. `printed` is appended after a dot, or as it is when it starts with `[`; the empty text prints nothing. */
  shown(printed: string, ...real: Segments): Path {
    return new Path(this, printed === '' || printed.startsWith('[') ? printed : `.${printed}`, real)
  }

  /** Go's Path.String: the root prints as `<nil>`. */
  toString(): string {
    const text = this.text()
    return text === '' ? '<nil>' : text.startsWith('.') ? text.slice(1) : text
  }

  segments(): Segments {
    return this.parent ? [...this.parent.segments(), ...this.real] : this.real
  }

  private text(): string {
    return this.parent ? this.parent.text() + this.printed : this.printed
  }
}

/** The object itself. */
export const root = new Path(undefined, '', [])

/** `fieldPath('spec', 'ports')`: shorthand for a path from the root. */
export function fieldPath(...names: string[]): Path {
  return root.child(...names)
}

const titles = {
  required: 'Required value',
  invalid: 'Invalid value',
  notSupported: 'Unsupported value',
  duplicate: 'Duplicate value',
  forbidden: 'Forbidden',
  tooLong: 'Too long',
  tooMany: 'Too many',
  notFound: 'Not found',
  typeInvalid: 'Invalid value',
  internal: 'Internal error',
} as const

function fieldError(type: keyof typeof titles, path: Path, value: string | undefined, detail: string): FieldError {
  const message = titles[type] + (value === undefined ? '' : `: ${value}`) + (detail === '' ? '' : `: ${detail}`)
  return { type, path: path.toString(), message, segments: path.segments() }
}

/** A bad value as the server prints it: strings quoted, numbers and booleans bare, nothing as `null`, all else as compact JSON in the order of its keys. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return goJson(value ?? null)
}

export function required(path: Path, detail = ''): FieldError {
  return fieldError('required', path, undefined, detail)
}

export function forbidden(path: Path, detail = ''): FieldError {
  return fieldError('forbidden', path, undefined, detail)
}

export function invalid(path: Path, value: unknown, detail: string): FieldError {
  return fieldError('invalid', path, printValue(value), detail)
}

/** `allowed` is printed in the order given: the server sorts most lists, so give them as it prints them. */
export function notSupported(path: Path, value: unknown, allowed: readonly string[]): FieldError {
  return fieldError('notSupported', path, printValue(value), allowed.length === 0 ? '' : `supported values: ${quoteAll(allowed)}`)
}

export function duplicate(path: Path, value: unknown): FieldError {
  return fieldError('duplicate', path, printValue(value), '')
}

export function notFound(path: Path, value: unknown, detail = ''): FieldError {
  return fieldError('notFound', path, printValue(value), detail)
}

/** The value itself is never printed. A negative limit says only that it is too long. */
export function tooLong(path: Path, bytesMax: number): FieldError {
  return fieldError('tooLong', path, undefined, bytesMax >= 0 ? `may not be more than ${bytesMax} bytes` : 'value is too long')
}

export function tooLongCharacters(path: Path, charactersMax: number): FieldError {
  return fieldError('tooLong', path, undefined, charactersMax >= 0 ? `may not be more than ${charactersMax} characters` : 'value is too long')
}

/** A negative `actual` is left out. */
export function tooMany(path: Path, actual: number, max: number): FieldError {
  return fieldError('tooMany', path, actual < 0 ? undefined : String(actual), max >= 0 ? `must have at most ${max} items` : 'has too many items')
}

export function typeInvalid(path: Path, value: unknown, detail: string): FieldError {
  return fieldError('typeInvalid', path, printValue(value), detail)
}

export function internal(path: Path, detail: string): FieldError {
  return fieldError('internal', path, undefined, detail)
}

/** One error for each of `messages`, as the server does with the answers of its name checks. */
export function invalidEach(path: Path, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalid(path, value, message))
}
