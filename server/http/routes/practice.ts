import { Router } from 'express'
import * as z from 'zod'
import { startPractice } from '../../attempts/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../errors.ts'
import { practicePage, practiceQuestionPage } from '../pages/catalogue.ts'
import { reply } from '../reply.ts'
import { parse, wantsJson } from '../request.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'
import { visitorOf } from './visit.ts'

/** A filter that makes no sense finds nothing; it is no error. */
const word = z.string().max(200).catch('')
const filterSchema = z.object({ chapter: word, type: word, difficulty: word, q: word })

export function practiceRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  router.get('/practice', async (req, res) => {
    const { query } = parse(req, { query: filterSchema })
    await sendPage(req, res, 'practice/index', practicePage(deps.bank, query, languageOf(req)))
  })
  router.get('/practice/:id', async (req, res) => {
    const page = practiceQuestionPage(deps.bank, req.params.id, languageOf(req))
    if (!page) throw notFound()
    await sendPage(req, res, 'practice/question', page)
  })
  router.post('/practice/:id', async (req, res) => {
    const language = languageOf(req)
    const questionId = req.params.id
    if (!deps.bank.question(questionId)) throw notFound()
    const visitor = await visitorOf(deps, req, res)
    if ('problem' in visitor) {
      if (wantsJson(req)) throw new AppError('invalid', visitor.problem, { issues: [{ path: 'body.name', message: visitor.problem }] })
      return sendPage(req, res, 'practice/question', practiceQuestionPage(deps.bank, questionId, language, visitor)!, 400)
    }
    const { attemptId } = await startPractice(deps, visitor.actor, { questionId, language })
    reply(req, res, { json: { attemptId }, redirect: `/attempts/${attemptId}/1` })
  })
  return router
}
