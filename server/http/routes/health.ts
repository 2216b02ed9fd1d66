import { Router } from 'express'
import type { Deps } from '../../deps.ts'

/** `/healthz`: the process answers. `/readyz`: it can also read its database. */
export function healthRoutes(deps: Deps): Router {
  const router = Router()
  router.get('/healthz', (_req, res) => {
    res.set('Cache-Control', 'no-store').type('text').send('ok\n')
  })
  router.get('/readyz', async (_req, res) => {
    try {
      await deps.db.$queryRaw`SELECT 1`
      res.set('Cache-Control', 'no-store').type('text').send('ok\n')
    } catch (error) {
      deps.log.error({ err: error }, 'the database does not answer')
      res.status(503).set('Cache-Control', 'no-store').type('text').send('the database does not answer\n')
    }
  })
  return router
}
