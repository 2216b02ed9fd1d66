/** The visitor's cookie and who it stands for. */
import { parseCookie, stringifySetCookie } from 'cookie'
import type { Request, Response } from 'express'
import { findActor, hashToken, startVisit, visitDays } from '../accounts/index.ts'
import type { Actor } from '../accounts/index.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../errors.ts'
import type { Language } from '../question-types/index.ts'

/** `__Host-` binds the cookie to this very host; browsers take it over https only. */
export function cookieName(config: Pick<Config, 'baseUrl'>): string {
  return isHttps(config) ? '__Host-readyz_session' : 'readyz_session'
}

function isHttps({ baseUrl }: Pick<Config, 'baseUrl'>): boolean {
  return baseUrl.startsWith('https:')
}

/** The token of the request, unchecked. */
function tokenOf(config: Pick<Config, 'baseUrl'>, req: Request): string | undefined {
  const header = req.headers.cookie
  const token = header === undefined ? undefined : parseCookie(header)[cookieName(config)]
  return token !== undefined && token.length > 0 && token.length <= 200 ? token : undefined
}

/** Enough for the autosave, which looks the session up while it saves. Throws `signed-out` without a cookie. */
export function sessionHashOf(config: Pick<Config, 'baseUrl'>, req: Request): string {
  const token = tokenOf(config, req)
  if (token === undefined) throw new AppError('signed-out', 'Your visit has ended. Reload the page to go on.')
  return hashToken(token)
}

/** Who asks, or undefined. One query per request, however often it is asked. */
export async function actorOf(deps: Deps, req: Request, res: Response): Promise<Actor | undefined> {
  if ('actor' in res.locals) return res.locals.actor as Actor | undefined
  const token = tokenOf(deps.config, req)
  const actor = token === undefined ? undefined : await findActor(deps, token)
  res.locals.actor = actor
  return actor
}

/** Throws `not-found`: to strangers, what belongs to visitors does not exist. */
export async function requireActor(deps: Deps, req: Request, res: Response): Promise<Actor> {
  const actor = await actorOf(deps, req, res)
  if (!actor) throw notFound()
  return actor
}

/** The actor of the request, or a new person whose cookie goes out with this response. */
export async function actorOrNewVisit(deps: Deps, req: Request, res: Response, { name, language }: { name: string; language: Language }): Promise<Actor> {
  const known = await actorOf(deps, req, res)
  if (known) return known
  const { token, actor } = await startVisit(deps, { name, language })
  res.append('Set-Cookie', stringifySetCookie({ name: cookieName(deps.config), value: token, httpOnly: true, sameSite: 'lax', path: '/', secure: isHttps(deps.config), maxAge: visitDays * 86_400 }))
  res.locals.actor = actor
  return actor
}
