/** A request, read once and checked: after `parse` nobody looks at `req` again. */
import type { Request } from 'express'
import * as z from 'zod'
import { AppError } from '../errors.ts'

/** Gives the parts named in `shapes`, parsed. Throws `invalid` with one issue per wrong field; `not-found` is for the verbs. */
export function parse<Shapes extends { params?: z.ZodType; query?: z.ZodType; body?: z.ZodType }>(req: Request, shapes: Shapes): { [Name in keyof Shapes]: Shapes[Name] extends z.ZodType ? z.infer<Shapes[Name]> : never } {
  const result: Record<string, unknown> = {}
  const issues: { path: string; message: string }[] = []
  for (const [name, shape] of Object.entries(shapes) as ['params' | 'query' | 'body', z.ZodType][]) {
    const parsed = shape.safeParse(req[name] ?? {})
    if (parsed.success) result[name] = parsed.data
    else issues.push(...parsed.error.issues.map(({ path, message }) => ({ path: [name, ...path].join('.'), message })))
  }
  if (issues.length > 0) throw new AppError('invalid', 'Something in the request is wrong.', { issues })
  return result as never
}

/** Scripts say `Accept: application/json` or send JSON; everyone else gets pages. */
export function wantsJson(req: Request): boolean {
  const accept = req.headers.accept ?? ''
  if (accept.includes('text/html')) return false
  return accept.includes('json') || (req.headers['content-type'] ?? '').startsWith('application/json')
}

/** The id of an attempt as it may stand in a URL; anything else is simply not found by the verbs. */
export const attemptIdSchema = z.string().max(64)
export const slotSchema = z.coerce.number().int().min(1).max(1000)

/** The fields of a plain form, flat, as question types expect them: `answer`, `answer[...]`. */
export function formFields(body: unknown): Record<string, string | string[]> {
  if (typeof body !== 'object' || body === null) return {}
  return Object.fromEntries(Object.entries(body).filter((entry): entry is [string, string | string[]] => typeof entry[1] === 'string' || (Array.isArray(entry[1]) && entry[1].every((value) => typeof value === 'string'))))
}
