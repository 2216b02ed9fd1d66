import { Router } from 'express'
import { listAttempts } from '../../attempts/index.ts'
import type { Deps } from '../../deps.ts'
import { homePage } from '../pages/catalogue.ts'
import { actorOf } from '../session.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

export function homeRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  router.get('/', async (req, res) => {
    const actor = await actorOf(deps, req, res)
    const attempts = actor ? await listAttempts(deps, actor) : []
    await sendPage(req, res, 'home/index', homePage(deps.bank, attempts, deps.now(), languageOf(req)))
  })
  return router
}
