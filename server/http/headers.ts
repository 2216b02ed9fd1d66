/** Security headers of every response, and a number for every request. */
import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'
import helmet from 'helmet'
import type { Config } from '../config.ts'

/** No inline script or style, nothing from elsewhere, no framing. The editor brings its style sheets inside a shadow root, which needs no exception. */
export function securityHeaders({ baseUrl }: Pick<Config, 'baseUrl'>): RequestHandler {
  const isHttps = baseUrl.startsWith('https:')
  const headers = headersOf(helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
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
  }))
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value)
    next()
  }
}

/** The headers do not depend on the request, so helmet is asked once; asking it for each save costs a tenth of a millisecond. */
function headersOf(middleware: ReturnType<typeof helmet>): [string, string][] {
  const found: [string, string][] = []
  const response = { setHeader: (name: string, value: string) => void found.push([name, value]), removeHeader: () => undefined }
  middleware({} as never, response as never, () => undefined)
  return found
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
