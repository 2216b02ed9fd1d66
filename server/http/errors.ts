/** Errors as responses: the only place that knows HTTP statuses. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../errors.ts'
import type { ErrorCode, Issue } from '../errors.ts'
import { wantsJson } from './request.ts'

const statuses = {
  invalid: 400,
  'signed-out': 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  closed: 410,
  'too-large': 413,
  'too-many': 429,
  internal: 500,
  busy: 503,
} satisfies Record<ErrorCode | 'internal', number>

const titles: Record<ErrorCode | 'internal', string> = {
  invalid: 'Something in the request is wrong',
  'signed-out': 'Not signed in',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'Changed elsewhere',
  closed: 'Closed',
  'too-large': 'Too large',
  'too-many': 'Too many requests',
  internal: 'Something broke here',
  busy: 'Busy',
}

/** RFC 9457, with the code, the request's id and what the error adds (`stored` of a conflict). */
export type Problem = { type: string; title: string; status: number; code: ErrorCode | 'internal'; detail: string; requestId: string; issues: readonly Issue[]; [extra: string]: unknown }

/** Turns a problem into an HTML document. */
export type ErrorPage = (req: Request, res: Response, problem: Problem) => string

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** For when pages cannot be rendered. */
const plainErrorPage: ErrorPage = (_req, _res, { title, detail, requestId }) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title></head><body><h1>${escape(title)}</h1><p>${escape(detail)}</p><p>${escape(requestId)}</p><p><a href="/">Readyz</a></p></body></html>`

/** What Express and its body parsers throw has a `status` and a `type`. */
function appErrorOf(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error
  const { status, type } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown; type?: unknown }
  if (status === 413) return new AppError('too-large', 'The request is too large.')
  if (status === 404) return notFound()
  if (type === 'entity.parse.failed') return new AppError('invalid', 'The body is not valid JSON.')
  if (type === 'charset.unsupported' || type === 'encoding.unsupported' || status === 415) return new AppError('invalid', 'The body has an encoding that is not understood. Use UTF-8.')
  if (typeof status === 'number' && status >= 400 && status < 500) return new AppError('invalid', 'The request cannot be understood.')
  return undefined
}

export function problemOf(error: unknown, requestId: string): Problem {
  const known = appErrorOf(error)
  const code = known?.code ?? 'internal'
  return {
    ...known?.details,
    type: `/problems/${code}`,
    title: titles[code],
    status: statuses[code],
    code,
    detail: known?.message ?? 'The error has been recorded. Try again; if it stays, tell whoever runs this site the number below.',
    requestId,
    issues: known?.issues ?? [],
  }
}

/** The last handler: problem+json or a page. Anything but an AppError is a bug and is logged with its cause. */
export function errorHandler(deps: Pick<Deps, 'log'>, page: ErrorPage): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error)
    const problem = problemOf(error, res.locals.requestId as string)
    if (problem.status >= 500 && problem.code === 'internal') deps.log.error({ err: error, requestId: problem.requestId, method: req.method, path: req.path }, 'unexpected error')
    if (problem.code === 'busy') res.set('Retry-After', '2')
    res.status(problem.status).set('Cache-Control', 'no-store')
    if (wantsJson(req)) res.type('application/problem+json').send(JSON.stringify(problem))
    else res.type('html').send(pageOrPlain(deps, page, req, res, problem))
  }
}

/** A broken error page must not hide the error. */
function pageOrPlain(deps: Pick<Deps, 'log'>, page: ErrorPage, req: Request, res: Response, problem: Problem): string {
  try {
    return page(req, res, problem)
  } catch (error) {
    deps.log.error({ err: error }, 'the error page failed')
    return plainErrorPage(req, res, problem)
  }
}

export const unknownRoute: RequestHandler = (_req, _res, next) => next(notFound())
