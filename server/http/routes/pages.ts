/** Every page, in one router. POST requests that change an attempt are in attempts-api.ts. */
import { Router } from 'express'
import type { Request, Response } from 'express'
import * as z from 'zod'
import type { Deps } from '../../deps.ts'
import { languages } from '../../question-types/index.ts'
import type { ErrorPage } from '../errors.ts'
import type { Pages } from '../index.ts'
import { formFields, parse } from '../request.ts'
import { localPath, plainShellOf, rememberLanguage, rememberTheme, shellOf } from '../shell.ts'
import { createViews, themes } from '../views.ts'
import type { PageModel, Views } from '../views.ts'
import { bodies } from './attempts-api.ts'
import { checkBodies, checkRoutes } from './check.ts'
import { aboutRoutes } from './about.ts'
import { attemptRoutes } from './attempts.ts'
import { consoleRoutes } from './console.ts'
import { examRoutes } from './exams.ts'
import { galleryRoutes } from './gallery.ts'
import { homeRoutes } from './home.ts'
import { practiceRoutes } from './practice.ts'
import { resultRoutes } from './results.ts'
import { ruleRoutes } from './rules.ts'
import { sectionRoutes } from './sections.ts'

/** Sends a page as HTML that no cache keeps: pages differ by visitor. */
export type SendPage = (req: Request, res: Response, name: string, model: PageModel, status?: number) => Promise<void>

function sendPageWith(deps: Deps, views: Views): SendPage {
  return async (req, res, name, model, status = 200) => {
    const html = views.page(name, model, await shellOf(deps, req, res))
    res.status(status).set('Cache-Control', 'no-store').set('Vary', 'Cookie, Accept-Language').type('html').send(html)
  }
}

/** The HTML side of the site. While developing, templates are read anew for every page. */
export function createPages(deps: Deps, views: Views = createViews({ reload: deps.config.nodeEnv === 'development' })): Pages {
  return { router: pageRoutes(deps, views), errorPage: errorPageWith(views) }
}

function pageRoutes(deps: Deps, views: Views): Router {
  const router = Router()
  const sendPage = sendPageWith(deps, views)
  router.post('/check', checkBodies)
  router.post(/.*/, bodies)
  router.use(homeRoutes(deps, sendPage), sectionRoutes(deps, sendPage), examRoutes(deps, sendPage), practiceRoutes(deps, sendPage), attemptRoutes(deps, sendPage, views), consoleRoutes(deps, sendPage), resultRoutes(deps, sendPage), aboutRoutes(deps, sendPage), checkRoutes(deps, sendPage), ruleRoutes(sendPage))
  router.use(preferenceRoutes(deps))
  if (deps.config.nodeEnv === 'development') router.use(galleryRoutes(deps, views))
  return router
}

/** Language and colours, remembered in cookies so that they work without scripts. */
function preferenceRoutes(deps: Deps): Router {
  const router = Router()
  router.post('/language', (req, res) => {
    const { body } = parse(req, { body: z.object({ language: z.enum(languages as [string, ...string[]]), back: z.string().optional() }) })
    rememberLanguage(deps.config, res, body.language as (typeof languages)[number])
    res.redirect(303, localPath(body.back))
  })
  router.post('/theme', (req, res) => {
    const { body } = parse(req, { body: z.object({ theme: z.enum(themes as [string, ...string[]]), back: z.string().optional() }) })
    rememberTheme(deps.config, res, body.theme as (typeof themes)[number])
    res.redirect(303, localPath(body.back))
  })
  return router
}

/** What stood in the fields of an answer that was not saved, so that nothing typed is lost. */
function sentAnswers(body: unknown): { name: string; value: string }[] {
  return Object.entries(formFields(body)).flatMap(([name, value]) => (/^answer(\[|$)/.test(name) && typeof value === 'string' && value !== '' ? [{ name: name.replace(/^answer\[(.*)\]$/, '$1'), value }] : []))
}

/** Error pages in the person's language. The detail stands in English, as programs get it, so it is shown only where it says more than the page does. */
function errorPageWith(views: Views): ErrorPage {
  return (req, _res, { code, status, issues, detail, requestId }) => {
    const shell = plainShellOf(req)
    const attemptId = /^\/attempts\/([\w-]{1,64})/.exec(req.path)?.[1]
    return views.page('error', {
      title: String(status),
      code,
      status,
      detail: code === 'invalid' && issues.length > 0 ? detail : '',
      issues,
      errorId: code === 'internal' ? requestId : '',
      sent: attemptId && (code === 'conflict' || code === 'closed' || code === 'busy') ? sentAnswers(req.body) : [],
      attemptId: code === 'conflict' || code === 'closed' || code === 'busy' ? attemptId : undefined,
    }, shell)
  }
}
