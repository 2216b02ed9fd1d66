/** The one error that carries a message for the person in front of the browser. Everything else that is thrown is a bug or a broken machine. */

/**
 * `closed`: what was asked for is over (a finished attempt) or not open yet (a result before the end).
 * `conflict`: someone changed the same thing first. `not-found` also stands for "not yours".
 */
export type ErrorCode = 'invalid' | 'signed-out' | 'forbidden' | 'not-found' | 'conflict' | 'closed' | 'too-large' | 'too-many' | 'busy'

/** Something wrong with one field of the request; `path` as in `answer.files`. */
export type Issue = { path: string; message: string }

export class AppError extends Error {
  readonly code: ErrorCode
  readonly issues: readonly Issue[]
  /** Machine-readable facts that go into the problem document as they are, such as `stored` of a conflict. */
  readonly details: Readonly<Record<string, unknown>>
  constructor(code: ErrorCode, message: string, more: { issues?: readonly Issue[]; details?: Readonly<Record<string, unknown>> } = {}) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.issues = more.issues ?? []
    this.details = more.details ?? {}
  }
}

/** The same words whether it never existed, is gone, or belongs to someone else. */
export function notFound(): AppError {
  return new AppError('not-found', 'There is nothing here for you.')
}
