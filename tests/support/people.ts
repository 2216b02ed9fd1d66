/** People who take part in tests. */
import { startVisit } from '../../server/accounts/index.ts'
import type { Actor } from '../../server/accounts/index.ts'
import type { Deps } from '../../server/deps.ts'
import { cookieName } from '../../server/http/session.ts'

export type Person = { actor: Actor; token: string; cookie: string }

export async function newPerson(deps: Deps, name = 'Ada'): Promise<Person> {
  const { token, actor } = await startVisit(deps, { name, language: 'en' })
  return { actor, token, cookie: `${cookieName(deps.config)}=${token}` }
}

/** What a browser sends along when a page of the site posts. */
export function browserHeaders(person?: Person): Record<string, string> {
  return { 'Sec-Fetch-Site': 'same-origin', ...(person ? { Cookie: person.cookie } : {}) }
}
