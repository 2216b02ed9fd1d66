import { Router } from 'express'
import * as z from 'zod'
import { notFound } from '../../errors.ts'
import { rulePage, rulesPage } from '../pages/rule-pages.ts'
import { parse } from '../request.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

const searchSchema = z.object({ q: z.string().max(200).catch('') })

export function ruleRoutes(sendPage: SendPage): Router {
  const router = Router()
  router.get('/rules', async (req, res) => {
    const { query } = parse(req, { query: searchSchema })
    await sendPage(req, res, 'rules/index', rulesPage(query.q, languageOf(req)))
  })
  router.get('/rules/:id', async (req, res) => {
    const page = rulePage(req.params.id, languageOf(req))
    if (!page) throw notFound()
    await sendPage(req, res, 'rules/rule', page)
  })
  return router
}
