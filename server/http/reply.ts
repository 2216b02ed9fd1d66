import type { Request, Response } from 'express'
import { wantsJson } from './request.ts'

/** One handler for scripts and plain forms: JSON for the one, 303 to a page for the other. */
export function reply(req: Request, res: Response, { json, redirect }: { json: unknown; redirect: string }): void {
  res.set('Cache-Control', 'no-store')
  if (wantsJson(req)) res.type('application/json').send(JSON.stringify(json))
  else res.redirect(303, redirect)
}
