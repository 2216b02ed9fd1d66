import { Router } from 'express'
import { listAttempts, startExam } from '../../attempts/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { examPage } from '../pages/catalogue.ts'
import { reply } from '../reply.ts'
import { wantsJson } from '../request.ts'
import { actorOf } from '../session.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'
import { visitorOf } from './visit.ts'

export function examRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  router.get('/exams/:id', async (req, res) => {
    const actor = await actorOf(deps, req, res)
    const page = examPage(deps.bank, req.params.id, actor ? await listAttempts(deps, actor) : [], languageOf(req))
    if (!page) throw notFound()
    await sendPage(req, res, 'exams/exam', page)
  })
  router.post('/exams/:id/attempts', async (req, res) => {
    const language = languageOf(req)
    const examId = req.params.id
    if (!examPage(deps.bank, examId, [], language)) throw notFound()
    const visitor = await visitorOf(deps, req, res)
    if ('problem' in visitor) {
      if (wantsJson(req)) throw new AppError('invalid', visitor.problem, { issues: [{ path: 'body.name', message: visitor.problem }] })
      return sendPage(req, res, 'exams/exam', examPage(deps.bank, examId, [], language, visitor)!, 400)
    }
    const { attemptId } = await startExam(deps, visitor.actor, { examId, language })
    reply(req, res, { json: { attemptId }, redirect: `/attempts/${attemptId}/1` })
  })
  return router
}
