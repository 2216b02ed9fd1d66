/** Paths inside volumes and images (core/validation.go: validateLocalDescendingPath and its neighbours). */
import type { FieldError, Path } from '../field.ts'
import { invalid } from '../field.ts'

export const fileModeMessage = 'must be a number between 0 and 0777 (octal), both inclusive'

/** validatePathNoBacksteps: one error however many `..` there are. */
export function noBacksteps(text: string, at: Path, errors: FieldError[]): void {
  if (hasBackstep(text)) errors.push(invalid(at, text, "must not contain '..'"))
}

/** True when one of the path's elements is `..`. */
export function hasBackstep(text: string): boolean {
  return text.includes('..') && text.split('/').includes('..')
}

/** validateLocalDescendingPath: relative, and never upwards. */
export function localDescendingPath(text: string, at: Path, errors: FieldError[]): void {
  if (text.startsWith('/')) errors.push(invalid(at, text, 'must be a relative path'))
  noBacksteps(text, at, errors)
}

/** ValidateLocalNonReservedPath: also no name that starts with `..`. */
export function localNonReservedPath(text: string, at: Path, errors: FieldError[]): void {
  localDescendingPath(text, at, errors)
  if (text.startsWith('..') && !text.startsWith('../')) errors.push(invalid(at, text, "must not start with '..'"))
}

/** A file mode that is set must be at most 0777. */
export function fileMode(mode: number | undefined, at: Path, errors: FieldError[]): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0)) errors.push(invalid(at, mode, fileModeMessage))
}
