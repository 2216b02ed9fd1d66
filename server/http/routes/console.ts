/** The console beside a repair and the look back at its runs, by script (JSON) or by plain form and link (a page). */
import { Router } from 'express'
import type { Request, Response } from 'express'
import { parseCookie } from 'cookie'
import * as z from 'zod'
import { answerFromForm, askConsole, getAttempt, lookBack, saveAnswer } from '../../attempts/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { translatorOf } from '../../i18n/index.ts'
import type { ConsoleReply, Language } from '../../question-types/index.ts'
import { consoleView } from '../pages/console-view.ts'
import type { ConsoleState } from '../pages/console-view.ts'
import { questionPage } from '../pages/question-page.ts'
import { momentPage } from '../pages/timeline-view.ts'
import { rateLimit } from '../rate-limit.ts'
import { attemptIdSchema, formFields, parse, slotSchema, wantsJson } from '../request.ts'
import { cookieName, requireActor } from '../session.ts'
import { languageOf } from '../shell.ts'
import type { SendPage } from './pages.ts'

/** All files of a request together, in bytes. */
const filesMax = 65_536
const stepMs = 1000
const jumpMs = 30_000

const slotParams = z.object({ id: attemptIdSchema, slot: slotSchema })
const filesShape = z.record(z.string().max(200), z.string())
const asked = z.looseObject({ files: filesShape.optional(), done: z.array(z.looseObject({ files: filesShape.optional() })).max(200).optional(), ask: z.looseObject({ files: filesShape.optional() }) })
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
const formState = z.object({
  'console[do]': z.enum(['run', 'step', 'jump', 'next', 'reset', 'clear']).default('run'),
  'console[line]': z.string().max(500).default(''),
  'console[start]': z.enum(['given', 'own']).default('given'),
  'console[was]': z.enum(['given', 'own']).default('given'),
  'console[now]': z.coerce.number().int().min(0).default(0),
  'console[shown]': z.coerce.number().int().min(0).max(200).default(0),
  'console[done]': z.string().max(200_000).transform(jsonOf).pipe(z.array(z.object({ at: z.number(), line: z.string(), files: filesShape.optional() })).max(200)).catch([]),
  revision: z.coerce.number().int().min(0).optional(),
})
const look = z.object({ run: z.string().max(200).optional(), at: z.coerce.number().min(0).max(3_600_000).transform(Math.round).default(0), seconds: z.coerce.number().min(0).max(3600).optional(), command: z.string().trim().max(500).default('') })
/** The same as it stands in the fields, for a page that says what is wrong with it. */
const typed = z.object({ run: z.string().max(200).optional().catch(undefined), seconds: z.string().max(100).catch(''), command: z.string().max(500).catch('') })

/** Commands that name files read them as they are at that moment. */
export function namesFiles(line: string): boolean {
  return /(^|\s)(-[a-zA-Z]*f|--filename)([=\s]|$)/.test(line)
}

/** The largest of a person's files and its KiB, when these files alone are more than the console takes. */
function tooBig(own: Readonly<Record<string, string>>): { file: string; size: number } | undefined {
  const sizes = Object.entries(own).map(([file, text]) => ({ file, bytes: Buffer.byteLength(file) + Buffer.byteLength(text) })).sort((a, b) => b.bytes - a.bytes)
  const [largest] = sizes
  return largest && sizes.reduce((sum, { bytes }) => sum + bytes, 0) > filesMax ? { file: largest.file, size: Math.ceil(largest.bytes / 1024) } : undefined
}

function mustFit(sets: readonly (Readonly<Record<string, string>> | undefined)[]): void {
  const bytes = sets.reduce((sum, files) => sum + Object.entries(files ?? {}).reduce((inner, [path, text]) => inner + Buffer.byteLength(path) + Buffer.byteLength(text), 0), 0)
  if (bytes > filesMax) throw new AppError('too-large', 'The files of a console may have 64 KiB together. Start again to let go of earlier ones.')
}

export function consoleRoutes(deps: Deps, sendPage: SendPage): Router {
  const router = Router()
  const limited = rateLimit({ max: deps.config.savesPerMinute, keyOf: (req) => parseCookie(req.headers.cookie ?? '')[cookieName(deps.config)] ?? req.ip ?? '' })

  router.post('/attempts/:id/:slot/console', limited, async (req, res) => {
    const actor = await requireActor(deps, req, res)
    const { params } = parse(req, { params: slotParams })
    if (!req.is('application/json')) return consoleByForm(deps, req, res, sendPage, params)
    const { files, ...ask } = parse(req, { body: asked }).body
    mustFit([files, ask.ask.files, ...(ask.done ?? []).map((one) => one.files)])
    const reply = await askConsole(deps, actor, { attemptId: params.id, slot: params.slot, files, ask })
    res.set('Cache-Control', 'no-store').json(reply)
  })

  router.get('/attempts/:id/:slot/timeline', limited, async (req, res) => {
    const actor = await requireActor(deps, req, res)
    const { params } = parse(req, { params: slotParams })
    const language = languageOf(req)
    try {
      const { query } = parse(req, { query: look })
      const at = query.seconds === undefined ? query.at : Math.round(query.seconds * 1000)
      const lines = ['kubectl get pods', ...(query.command === '' ? [] : [query.command])]
      const looked = await lookBack(deps, actor, { attemptId: params.id, slot: params.slot, ask: { at, lines, ...(query.run === undefined ? {} : { run: query.run }) } })
      if (wantsJson(req)) return void res.set('Cache-Control', 'no-store').json(looked)
      const attempt = await getAttempt(deps, actor, { attemptId: params.id, language })
      await sendPage(req, res, 'attempts/timeline', momentPage(attempt, params.slot, language, { run: query.run, seconds: String(at / 1000), command: query.command, at, looked }))
    } catch (error) {
      const problem = lookProblem(error, language)
      if (problem === undefined) throw error
      if (wantsJson(req)) throw problem
      const attempt = await getAttempt(deps, actor, { attemptId: params.id, language })
      await sendPage(req, res, 'attempts/timeline', momentPage(attempt, params.slot, language, { ...typed.parse(req.query), problem }), problem.code === 'invalid' ? 400 : 404)
    }
  })
  return router
}

/** What a person can do about a look that was asked for wrongly; undefined for any other error. */
function lookProblem(error: unknown, language: Language): AppError | undefined {
  if (!(error instanceof AppError)) return undefined
  const t = translatorOf(language)
  const { runs } = error.details as { runs?: string[] }
  if (error.code === 'not-found' && runs) return new AppError('not-found', t('timeline.noRun', { runs: runs.join(t('timeline.comma')) }), { details: { runs } })
  if (error.code === 'invalid' && error.issues.length > 0) return new AppError('invalid', t(error.issues.some(({ path }) => /^query\.(seconds|at)$/.test(path)) ? 'timeline.noMoment' : 'timeline.noLook'), { issues: error.issues })
  return undefined
}

/** Saves what stands in the editor, as every button of the form does, and shows the page again with the output. */
async function consoleByForm(deps: Deps, req: Request, res: Response, sendPage: SendPage, { id: attemptId, slot }: z.infer<typeof slotParams>): Promise<void> {
  const actor = await requireActor(deps, req, res)
  const language = languageOf(req)
  const t = translatorOf(language)
  const fields = parse(req, { body: formState }).body
  const sent = formFields(req.body)
  let own: Record<string, string> = {}
  if (Object.keys(sent).some((name) => name.startsWith('answer['))) {
    const answer = await answerFromForm(deps, { attemptId, slot }, sent)
    await saveAnswer(deps, actor, { attemptId, slot, revision: fields.revision ?? 0, answer })
    own = answer as Record<string, string>
  }
  const attempt = await getAttempt(deps, actor, { attemptId, language })
  const mayTry = attempt.feedback === 'practice'
  const start = mayTry ? fields['console[start]'] : 'given'
  const line = fields['console[line]'].trim()
  const isNew = fields['console[do]'] === 'reset' || start !== fields['console[was]']
  let state: ConsoleState = { start, done: isNew ? [] : (fields['console[done]'] as ConsoleState['done']), shown: isNew ? 0 : fields['console[shown]'] }
  const files = mayTry && namesFiles(line) ? { files: own } : {}
  const ask = isNew || fields['console[do]'] === 'clear' ? { do: 'begin' } : line !== '' && line !== 'clear' && fields['console[do]'] === 'run' ? { do: 'run', line, ...files } : { step: { do: 'move', by: stepMs }, jump: { do: 'move', by: jumpMs }, next: { do: 'next' } }[fields['console[do]'] as string] ?? { do: 'begin' }
  let reply: ConsoleReply | undefined
  let problem: string | undefined
  try {
    mustFit([start === 'own' ? own : undefined, files.files, ...state.done.map((one) => one.files)])
    reply = await askConsole(deps, actor, { attemptId, slot, files: start === 'own' ? own : undefined, ask: { done: state.done, now: isNew ? 0 : fields['console[now]'], transcript: true, ask } })
    if (ask.do === 'run' && !reply.unreadable) state = { ...state, done: [...state.done, { at: reply.printed.at(-1)!.at, line, ...files }] }
    if (fields['console[do]'] === 'clear' || line === 'clear') state = { ...state, shown: state.done.length }
  } catch (error) {
    if (!(error instanceof AppError) || !['busy', 'invalid', 'too-large'].includes(error.code)) throw error
    const largest = error.code === 'too-large' ? tooBig(own) : undefined
    problem = largest ? t('console.tooBig', largest) : t(error.code === 'busy' ? 'console.busy' : 'console.tooMuch')
  }
  const page = questionPage(attempt, slot, language)
  await sendPage(req, res, 'attempts/question', { ...page, console: consoleView({ url: `/attempts/${attemptId}/${slot}/console`, mayTry, t, state, reply, problem, line: problem || reply?.unreadable ? line : '' }) })
}
