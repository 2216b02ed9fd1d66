/** The pages of a running attempt. What changes it is in attempts-api.ts. */
import { Router } from 'express'
import type { Request, Response } from 'express'
import * as z from 'zod'
import { checkAnswer, getAttempt } from '../../attempts/index.ts'
import type { AttemptView, CheckResult } from '../../attempts/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { questionPage, finishPage } from '../pages/question-page.ts'
import { attemptIdSchema, parse, slotSchema } from '../request.ts'
import { requireActor } from '../session.ts'
import { languageOf, shellOf } from '../shell.ts'
import type { Views } from '../views.ts'
import type { SendPage } from './pages.ts'

const attemptParams = z.object({ id: attemptIdSchema })
const slotParams = z.object({ id: attemptIdSchema, slot: slotSchema })
const pageQuery = z.object({ checked: z.string().optional() })

/** Gives undefined after sending a finished attempt to its result. */
async function openAttempt(deps: Deps, req: Request, res: Response, attemptId: string): Promise<AttemptView | undefined> {
  const attempt = await getAttempt(deps, await requireActor(deps, req, res), { attemptId, language: languageOf(req) })
  if (attempt.state === 'running') return attempt
  res.redirect(303, `/attempts/${attemptId}/result`)
  return undefined
}

/** An exam keeps no check; the page makes it again when it was asked for. A check that cannot run leaves the page as it is. Practice keeps its checks, but none of an answer that is not there. */
async function precheckOf(deps: Deps, req: Request, res: Response, attempt: AttemptView, slot: number, isAsked: boolean): Promise<CheckResult | undefined> {
  if (!isAsked) return undefined
  if (attempt.feedback === 'practice') {
    const { answer, lastCheck, revision, savedAt } = attempt.question(slot)
    return lastCheck || (answer !== undefined && attempt.slots[slot - 1]!.answered) ? undefined : { status: 'unanswered', revision, savedAt, isCurrent: true }
  }
  try {
    return await checkAnswer(deps, await requireActor(deps, req, res), { attemptId: attempt.id, slot })
  } catch (error) {
    if (error instanceof AppError && (error.code === 'busy' || error.code === 'closed')) return undefined
    throw error
  }
}

export function attemptRoutes(deps: Deps, sendPage: SendPage, views: Views): Router {
  const router = Router()
  router.get('/attempts/:id', async (req, res) => {
    const { params } = parse(req, { params: attemptParams })
    const attempt = await openAttempt(deps, req, res, params.id)
    if (!attempt) return
    const next = attempt.slots.find(({ answered }) => !answered) ?? attempt.slots[0]
    res.redirect(303, `/attempts/${attempt.id}/${next?.slot ?? 1}`)
  })
  router.get('/attempts/:id/finish', async (req, res) => {
    const { params } = parse(req, { params: attemptParams })
    const attempt = await openAttempt(deps, req, res, params.id)
    if (attempt) await sendPage(req, res, 'attempts/finish', finishPage(attempt, languageOf(req)))
  })
  router.get('/attempts/:id/:slot', async (req, res, next) => {
    // `result` and `state` are pages of their own.
    if (!/^\d+$/.test(req.params.slot)) return next()
    const { params, query } = parse(req, { params: slotParams, query: pageQuery })
    const attempt = await openAttempt(deps, req, res, params.id)
    if (!attempt) return
    const check = await precheckOf(deps, req, res, attempt, params.slot, query.checked !== undefined)
    await sendPage(req, res, 'attempts/question', questionPage(attempt, params.slot, languageOf(req), { check }))
  })
  /** The panel below the answer alone, for scripts that checked without leaving the page. */
  router.get('/attempts/:id/:slot/outcome', async (req, res) => {
    const { params, query } = parse(req, { params: slotParams, query: pageQuery })
    const language = languageOf(req)
    const attempt = await getAttempt(deps, await requireActor(deps, req, res), { attemptId: params.id, language })
    const check = await precheckOf(deps, req, res, attempt, params.slot, query.checked !== undefined)
    const { outcome } = questionPage(attempt, params.slot, language, { check })
    const html = outcome ? views.fragment('outcome', { outcome }, await shellOf(deps, req, res)) : ''
    res.set('Cache-Control', 'no-store').type('html').send(html)
  })
  return router
}
