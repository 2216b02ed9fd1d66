import type { RequestHandler } from 'express'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Requests that change something must come from our own pages: the browser says so in Sec-Fetch-Site, or, on plain http and in old
 * browsers, by an Origin that is the host it asked. A request that says neither is refused; scripts can send `Origin`.
 */
export function csrf({ baseUrl }: Pick<Config, 'baseUrl'>): RequestHandler {
  const ownOrigin = new URL(baseUrl).origin
  return (req, _res, next) => {
    if (safeMethods.has(req.method)) return next()
    const site = req.headers['sec-fetch-site']
    if (site === 'same-origin') return next()
    if (site === undefined && isOwn(req.headers.origin, req.headers.host, ownOrigin)) return next()
    next(new AppError('forbidden', 'The request did not come from a page of this site.'))
  }
}

function isOwn(origin: string | undefined, host: string | undefined, ownOrigin: string): boolean {
  if (origin === undefined) return false
  return origin === ownOrigin || (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`))
}
