/** Starting needs a name once; afterwards the cookie says who is there. */
import type { Request, Response } from 'express'
import type { Actor } from '../../accounts/index.ts'
import type { Deps } from '../../deps.ts'
import { translatorOf } from '../../i18n/index.ts'
import { formFields } from '../request.ts'
import { actorOf, actorOrNewVisit } from '../session.ts'
import { languageOf } from '../shell.ts'

const nameMax = 80

/** The visitor, new when the form brings a good name; otherwise what is wrong with it, in the visitor's language. */
export async function visitorOf(deps: Deps, req: Request, res: Response): Promise<{ actor: Actor } | { problem: string; name: string }> {
  const known = await actorOf(deps, req, res)
  if (known) return { actor: known }
  const language = languageOf(req)
  const field = formFields(req.body).name
  const written = typeof field === 'string' ? field : ''
  const name = written.normalize('NFC').replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  if (name === '' || [...name].length > nameMax) return { problem: translatorOf(language)('form.nameMissing'), name: written.slice(0, 200) }
  return { actor: await actorOrNewVisit(deps, req, res, { name, language }) }
}
