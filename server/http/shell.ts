/** What a request says about how its page should look: language, colours, and where it is. */
import { parseCookie, stringifySetCookie } from 'cookie'
import type { Request, Response } from 'express'
import { actorOf } from './session.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { negotiateLanguage } from '../i18n/index.ts'
import { languages } from '../question-types/index.ts'
import type { Language } from '../question-types/index.ts'
import { themes } from './views.ts'
import type { Shell, Theme } from './views.ts'

const languageCookie = 'readyz_language'
const themeCookie = 'readyz_theme'
const yearSeconds = 365 * 86_400

function cookieOf(req: Request, name: string): string | undefined {
  return req.headers.cookie === undefined ? undefined : parseCookie(req.headers.cookie)[name]
}

/** The language chosen before, or the best one for the browser's wishes. */
export function languageOf(req: Request): Language {
  const chosen = cookieOf(req, languageCookie)
  return languages.find((language) => language === chosen) ?? negotiateLanguage(req.headers['accept-language'])
}

export function themeOf(req: Request): Theme {
  const chosen = cookieOf(req, themeCookie)
  return themes.find((theme) => theme === chosen) ?? 'auto'
}

function remember(config: Pick<Config, 'baseUrl'>, res: Response, name: string, value: string): void {
  res.append('Set-Cookie', stringifySetCookie({ name, value, path: '/', sameSite: 'lax', secure: config.baseUrl.startsWith('https:'), httpOnly: true, maxAge: yearSeconds }))
}

export function rememberLanguage(config: Pick<Config, 'baseUrl'>, res: Response, language: Language): void {
  remember(config, res, languageCookie, language)
}

export function rememberTheme(config: Pick<Config, 'baseUrl'>, res: Response, theme: Theme): void {
  remember(config, res, themeCookie, theme)
}

/** A path of this site to go back to; anything else becomes the start page. */
export function localPath(path: unknown): string {
  return typeof path === 'string' && path.length <= 2000 && /^\/(?![/\\])[^\u0000-\u001f\\]*$/.test(path) ? path : '/'
}

/** After a POST the page's own address does not exist; then the page it came from is where switching leads back to. */
function pathOf(req: Request): string {
  if (req.method === 'GET' || req.method === 'HEAD') return localPath(req.originalUrl)
  const referrer = URL.canParse(req.headers.referer ?? '') ? new URL(req.headers.referer!) : undefined
  return referrer && referrer.host === req.headers.host ? localPath(referrer.pathname + referrer.search) : '/'
}

export async function shellOf(deps: Deps, req: Request, res: Response): Promise<Shell> {
  const actor = await actorOf(deps, req, res)
  return { language: languageOf(req), theme: themeOf(req), path: pathOf(req), ...(actor ? { personName: actor.name } : {}) }
}

/** Without asking who is there: for errors, which may have come from asking. */
export function plainShellOf(req: Request): Shell {
  return { language: languageOf(req), theme: themeOf(req), path: pathOf(req) }
}
