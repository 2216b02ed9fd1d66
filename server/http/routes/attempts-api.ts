/** What a question page sends while an attempt runs, by script or by plain form: same URLs, same verbs. */
import { isUtf8 } from 'node:buffer'
import { parseCookie } from 'cookie'
import express, { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'
import * as z from 'zod'
import { answerFromForm, checkAnswer, finishAttempt, flagQuestion, getAttemptClock, revealHint, saveAnswer } from '../../attempts/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { rateLimit } from '../rate-limit.ts'
import { reply } from '../reply.ts'
import { attemptIdSchema, formFields, parse, slotSchema, wantsJson } from '../request.ts'
import { cookieName, requireActor, sessionHashOf } from '../session.ts'

/** Room for several manifests of 256 KiB is not needed: all files of an answer together may have this size. */
const bodyLimit = '512kb'

const slotParams = z.object({ attemptId: attemptIdSchema, slot: slotSchema })
const attemptParams = z.object({ attemptId: attemptIdSchema })
const revision = z.coerce.number().int().min(0)
const savedAnswer = z.object({ revision, answer: z.unknown() })
const checkedAnswer = z.object({ revision: revision.optional(), answer: z.unknown().optional(), explain: z.boolean().optional() })
const flag = z.object({ flagged: z.union([z.boolean(), z.enum(['true', 'false', 'on', '1', '0', '']).transform((value) => value === 'true' || value === 'on' || value === '1')]).default(false) })
const hint = z.object({ tier: z.coerce.number().int().min(1).max(2), language: z.enum(['en', 'zh-CN']).default('en') })
/** The revision is not optional: a form without any tick has no answer field, and must be told from a request that is no form. */
const formAnswer = z.object({ revision, go: z.string().max(20).optional() })
const formCheck = z.object({ revision: revision.optional(), explain: z.string().optional().transform((value) => value !== undefined) })

function mustBeUtf8(_req: unknown, _res: unknown, body: Buffer): void {
  if (!isUtf8(body)) throw new AppError('invalid', 'The body is not UTF-8 text.')
}

/** Field names stay flat, as question types expect them. */
export const bodies: RequestHandler[] = [express.json({ limit: bodyLimit, verify: mustBeUtf8 }), express.urlencoded({ extended: false, limit: bodyLimit, parameterLimit: 300, verify: mustBeUtf8 })]

export function attemptApi(deps: Deps): Router {
  const router = Router()
  const limited = rateLimit({ max: deps.config.savesPerMinute, keyOf: (req) => parseCookie(req.headers.cookie ?? '')[cookieName(deps.config)] ?? req.ip ?? '' })

  router.post('/attempts/:attemptId/:slot/answer', limited, bodies, async (req: Request, res: Response) => {
    const sessionHash = sessionHashOf(deps.config, req)
    const { params } = parse(req, { params: slotParams })
    if (req.is('application/json')) {
      const { body } = parse(req, { body: savedAnswer })
      const json = await saveAnswer(deps, { sessionHash }, { ...params, ...body })
      return reply(req, res, { json, redirect: `/attempts/${params.attemptId}/${params.slot}` })
    }
    const { body } = parse(req, { body: formAnswer })
    const answer = await answerFromForm(deps, params, formFields(req.body))
    const json = await saveAnswer(deps, { sessionHash }, { ...params, revision: body.revision ?? 0, answer })
    await afterSaving(deps, req, res, params, body.go)
    reply(req, res, { json, redirect: pageAfter(params, body.go) })
  })

  router.post('/attempts/:attemptId/:slot/check', limited, bodies, async (req: Request, res: Response) => {
    const actor = await requireActor(deps, req, res)
    const { params } = parse(req, { params: slotParams })
    const isJson = req.is('application/json')
    const { body } = parse(req, { body: isJson ? checkedAnswer : formCheck })
    const fields = formFields(req.body)
    const answer = isJson ? (body as z.infer<typeof checkedAnswer>).answer : hasAnswer(fields) ? await answerFromForm(deps, params, fields) : undefined
    const json = await checkAnswer(deps, actor, { ...params, revision: body.revision, explain: body.explain, answer })
    reply(req, res, { json, redirect: `/attempts/${params.attemptId}/${params.slot}?checked` })
  })

  router.post('/attempts/:attemptId/:slot/flag', limited, bodies, async (req: Request, res: Response) => {
    const actor = await requireActor(deps, req, res)
    const { params, body } = parse(req, { params: slotParams, body: flag })
    await flagQuestion(deps, actor, { ...params, ...body })
    reply(req, res, { json: body, redirect: `/attempts/${params.attemptId}/${params.slot}` })
  })

  router.post('/attempts/:attemptId/:slot/hint', limited, bodies, async (req: Request, res: Response) => {
    const actor = await requireActor(deps, req, res)
    const { params, body } = parse(req, { params: slotParams, body: hint })
    const json = await revealHint(deps, actor, { ...params, ...body })
    reply(req, res, { json, redirect: `/attempts/${params.attemptId}/${params.slot}` })
  })

  router.post('/attempts/:attemptId/finish', limited, async (req: Request, res: Response) => {
    const actor = await requireActor(deps, req, res)
    const { params } = parse(req, { params: attemptParams })
    await finishAttempt(deps, actor, params)
    reply(req, res, { json: { state: 'finished' }, redirect: `/attempts/${params.attemptId}/result` })
  })

  router.get('/attempts/:attemptId/state', async (req: Request, res: Response) => {
    const actor = await requireActor(deps, req, res)
    const { params } = parse(req, { params: attemptParams })
    const json = await getAttemptClock(deps, actor, params)
    if (wantsJson(req)) reply(req, res, { json, redirect: '' })
    else res.set('Cache-Control', 'no-store').json(json)
  })
  return router
}

function hasAnswer(fields: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(fields).some((name) => name === 'answer' || name.startsWith('answer['))
}

/** What the buttons of the form without JavaScript do besides saving: their `go` is check, explain, flag, unflag, hint-1 or hint-2. */
async function afterSaving(deps: Deps, req: Request, res: Response, params: z.infer<typeof slotParams>, go: string | undefined): Promise<void> {
  const tier = /^hint-([12])$/.exec(go ?? '')?.[1]
  if (go === 'check' || go === 'explain') await checkAnswer(deps, await requireActor(deps, req, res), { ...params, explain: go === 'explain' })
  else if (go === 'flag' || go === 'unflag') await flagQuestion(deps, await requireActor(deps, req, res), { ...params, flagged: go === 'flag' })
  else if (tier) await revealHint(deps, await requireActor(deps, req, res), { ...params, tier: Number(tier), language: 'en' })
}

/** Where the buttons of the form without JavaScript lead. */
function pageAfter({ attemptId, slot }: { attemptId: string; slot: number }, go: string | undefined): string {
  const page = `/attempts/${attemptId}`
  if (go === 'finish') return `${page}/finish`
  if (go === 'check' || go === 'explain') return `${page}/${slot}?checked#outcome`
  if (go?.startsWith('hint-')) return `${page}/${slot}#hints`
  if (go === 'next') return `${page}/${slot + 1}`
  if (go === 'prev') return `${page}/${Math.max(1, slot - 1)}`
  return /^[1-9]\d{0,2}$/.test(go ?? '') ? `${page}/${go}` : `${page}/${slot}`
}
