import type { RequestHandler } from 'express'
import type { Logger } from 'pino'

const slowMs = 1000

/** One line per request when it has been answered. Saves that went well and quickly, static files and health checks stay out of it. */
export function requestLog(log: Logger): RequestHandler {
  if (!log.isLevelEnabled('info')) return (_req, _res, next) => next()
  return (req, res, next) => {
    const begunAt = performance.now()
    const path = req.path
    res.on('finish', () => {
      const ms = Math.round(performance.now() - begunAt)
      const isQuiet = res.statusCode < 400 && ms < slowMs && (path.endsWith('/answer') || path.endsWith('/state') || path.startsWith('/static/') || path === '/healthz' || path === '/readyz')
      if (!isQuiet) log.info({ requestId: res.locals.requestId as string, method: req.method, path, status: res.statusCode, ms })
    })
    next()
  }
}
