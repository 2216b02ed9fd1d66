/** The route table: everything the site answers, in the order in which it is asked. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import compression from 'compression'
import express from 'express'
import type { Express, Router } from 'express'
import type { Deps } from '../deps.ts'
import { csrf } from './csrf.ts'
import { errorHandler, unknownRoute } from './errors.ts'
import type { ErrorPage } from './errors.ts'
import { requestIds, securityHeaders } from './headers.ts'
import { requestLog } from './log.ts'
import { rateLimit } from './rate-limit.ts'
import { attemptApi } from './routes/attempts-api.ts'
import { healthRoutes } from './routes/health.ts'
import { createPages } from './routes/pages.ts'

const clientFiles = fileURLToPath(new URL('../../build/client', import.meta.url))

/** The HTML side of the site. */
export type Pages = { router: Router; errorPage: ErrorPage }

export function mountRoutes(app: Express, deps: Deps): void {
  const pages: Pages = createPages(deps)
  app.use(requestIds(), requestLog(deps.log), securityHeaders(deps.config), csrf(deps.config))
  app.use(healthRoutes(deps))
  app.use(attemptApi(deps))
  app.use(compression())
  if (existsSync(clientFiles)) app.use('/static', express.static(clientFiles, { immutable: true, maxAge: '1y', index: false, redirect: false }))
  app.post(['/exams/:examId/attempts', '/practice/:questionId'], rateLimit({ max: deps.config.visitsPerMinute, keyOf: (req) => req.ip ?? '' }))
  app.use(pages.router)
  app.use(unknownRoute)
  app.use(errorHandler(deps, pages.errorPage))
}
