import { Router } from 'express'
import type { Deps } from '../../deps.ts'
import { aboutPage, helpPage } from '../pages/about-pages.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

export function aboutRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  router.get('/about', async (req, res) => sendPage(req, res, 'about/about', aboutPage(deps.bank, languageOf(req))))
  router.get('/help', async (req, res) => sendPage(req, res, 'about/help', helpPage(languageOf(req))))
  return router
}
