/** Security headers of every response, and a number for every request. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'
import type { Config } from '../config.ts'

/** Style sheets that the editor makes at run time carry it; see `nonceOf` in the layout. */
export function nonceOf(res: Response): string {
  // 122 random bits; Node draws them in bulk, which randomBytes does not.
  return (res.locals.cspNonce ??= randomUUID()) as string
}

/** No inline script, nothing from elsewhere, no framing. */
export function securityHeaders({ baseUrl }: Pick<Config, 'baseUrl'>): RequestHandler {
  const nonce = (_req: unknown, res: ServerResponse) => `'nonce-${nonceOf(res as Response)}'`
  const isHttps = baseUrl.startsWith('https:')
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'", nonce],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'manifest-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: isHttps,
    xFrameOptions: { action: 'deny' },
  })
}

/** Short, unique while the server runs; in the log, in problem documents and on error pages. */
export function requestIds(): RequestHandler {
  const boot = randomBytes(4).toString('hex')
  let count = 0
  return (_req, res, next) => {
    const id = `${boot}-${(++count).toString(36)}`
    res.locals.requestId = id
    res.setHeader('X-Request-Id', id)
    next()
  }
}
