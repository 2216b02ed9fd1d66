import { Router } from 'express'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../errors.ts'
import { sectionPage } from '../pages/catalogue.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

export function sectionRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  router.get('/sections/:id', async (req, res) => {
    const page = sectionPage(deps.bank, req.params.id, languageOf(req))
    if (!page) throw notFound()
    await sendPage(req, res, 'sections/section', page)
  })
  return router
}
