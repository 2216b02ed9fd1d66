import express from 'express'
import type { Express } from 'express'
import type { Deps } from './deps.ts'
import { mountRoutes } from './http/index.ts'

/** The whole site without a port: tests call exactly this. */
export function createApp(deps: Deps): Express {
  const app = express()
  app.disable('x-powered-by')
  // Pages differ by visitor and nonce; static files carry their hash in the name.
  app.set('etag', false)
  app.set('trust proxy', deps.config.trustProxy)
  app.set('query parser', 'simple')
  mountRoutes(app, deps)
  return app
}
