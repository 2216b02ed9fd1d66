import express, { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'
import * as z from 'zod'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { checkedLengthMax } from '../../grading/index.ts'
import type { PageReport } from '../../checker/index.ts'
import { checkPage, checkVersions, exampleOf } from '../pages/check-page.ts'
import type { CheckFailure, CheckWish } from '../pages/check-page.ts'
import { rateLimit } from '../rate-limit.ts'
import { parse, wantsJson } from '../request.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

/** A form writes most signs of YAML with three characters, so this lets every text through that may be checked. */
const bodyLimit = '1mb'

/** Reads the body of `POST /check`; mounted before the smaller limit of all other forms. */
export const checkBodies: RequestHandler[] = [express.json({ limit: bodyLimit }), express.urlencoded({ extended: false, limit: bodyLimit, parameterLimit: 20 })]

const wishSchema = z.object({
  text: z.string().default(''),
  version: z.enum(checkVersions).default('1.36'),
  closed: z.union([z.boolean(), z.string()]).default(false).transform((value) => value !== false && value !== ''),
})
const querySchema = z.object({ example: z.string().max(100).optional() })
const statuses: Record<CheckFailure, number> = { 'too-large': 413, 'too-slow': 413, busy: 503 }

export function checkRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  const limited = rateLimit({ max: deps.config.visitsPerMinute, keyOf: (req) => req.ip ?? '' })

  async function judge(wish: CheckWish, req: Request, output: 'page' | 'json'): Promise<{ report?: PageReport; json?: string; failure?: CheckFailure }> {
    if (wish.text.length > checkedLengthMax) return { failure: 'too-large' }
    const outcome = await deps.check({ ...wish, language: languageOf(req), output })
    if (outcome.status === 'failed') return { failure: outcome.reason === 'time' || outcome.reason === 'memory' ? 'too-slow' : 'busy' }
    return 'json' in outcome.checked ? { json: outcome.checked.json } : { report: outcome.checked.page }
  }
  async function show(wish: CheckWish, req: Request, res: Response): Promise<void> {
    const judged = await judge(wish, req, 'page')
    await sendPage(req, res, 'check/index', checkPage(wish, languageOf(req), judged), judged.failure ? statuses[judged.failure] : 200)
  }

  router.get('/check', (req, res, next) => (req.query.example === undefined ? next() : limited(req, res, next)), async (req, res) => {
    const { query } = parse(req, { query: querySchema })
    const example = query.example === undefined ? undefined : exampleOf(query.example)
    if (!example) return sendPage(req, res, 'check/index', checkPage({ text: '', version: '1.36', closed: false }, languageOf(req)))
    await show({ version: '1.36', ...example }, req, res)
  })
  router.post('/check', limited, async (req, res) => {
    const { body } = parse(req, { body: wishSchema })
    // A form sends every line end as CR LF.
    const wish = { ...body, text: body.text.replaceAll('\r\n', '\n') }
    if (!wantsJson(req)) return show(wish, req, res)
    const judged = await judge(wish, req, 'json')
    if (judged.failure) throw judged.failure === 'busy' ? new AppError('busy', 'Too many checks are running. Try again.') : new AppError('too-large', judged.failure === 'too-large' ? `The text is longer than ${checkedLengthMax / 1024} KiB.` : 'Checking this text takes more time or memory than this site gives.')
    res.set('Cache-Control', 'no-store').type('application/json').send(judged.json)
  })
  return router
}
