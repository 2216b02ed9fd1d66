import type { Request, Response } from 'express'
import { wantsJson } from './request.ts'

/** One handler for scripts and plain forms: JSON for the one, 303 to a page for the other. */
export function reply(req: Request, res: Response, { json, redirect }: { json: unknown; redirect: string }): void {
  res.setHeader('Cache-Control', 'no-store')
  if (!wantsJson(req)) return res.redirect(303, redirect)
  const text = JSON.stringify(json)
  res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.setHeader('Content-Length', Buffer.byteLength(text))
  res.end(text)
}
