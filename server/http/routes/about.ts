import { Router } from 'express'
import { schemas } from '../../cluster/index.ts'
import type { Deps } from '../../deps.ts'
import { aboutPage, helpPage } from '../pages/about-pages.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

export function aboutRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  router.get('/about', async (req, res) => sendPage(req, res, 'about/about', aboutPage(deps.bank, languageOf(req))))
  router.get('/help', async (req, res) => sendPage(req, res, 'about/help', helpPage(languageOf(req))))
  for (const [name, schema] of Object.entries(schemas())) router.get(`/schemas/${name}.json`, (_req, res) => void res.type('application/schema+json').send(JSON.stringify(schema)))
  return router
}
