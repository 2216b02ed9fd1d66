import { Router } from 'express'
import * as z from 'zod'
import { getResult } from '../../attempts/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { resultPage } from '../pages/result-page.ts'
import { attemptIdSchema, parse } from '../request.ts'
import { requireActor } from '../session.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

export function resultRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  router.get('/attempts/:id/result', async (req, res) => {
    const actor = await requireActor(deps, req, res)
    const { params } = parse(req, { params: z.object({ id: attemptIdSchema }) })
    const language = languageOf(req)
    try {
      await sendPage(req, res, 'attempts/result', resultPage(await getResult(deps, actor, { attemptId: params.id, language }), language))
    } catch (error) {
      if (error instanceof AppError && error.code === 'closed') return res.redirect(303, `/attempts/${params.id}`)
      throw error
    }
  })
  return router
}
