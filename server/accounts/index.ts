/** Who is there. No passwords yet: a name starts a visit, a cookie continues it. */
import { createHash, randomBytes } from 'node:crypto'
import type { Deps } from '../deps.ts'
import type { Language } from '../question-types/index.ts'
import { deleteSessionsBefore, findSession, insertVisit } from './store.ts'

/** `sessionHash` names the session without being able to open it. */
export type Actor = { personId: string; name: string; sessionHash: string }

export const visitDays = 30

/** What the database keeps of a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** A new person with a session. The token goes into the cookie and is stored nowhere. `name` must be trimmed and not empty. */
export async function startVisit(deps: Pick<Deps, 'db' | 'now'>, { name, language }: { name: string; language: Language }): Promise<{ token: string; actor: Actor }> {
  const token = randomBytes(32).toString('base64url')
  const now = deps.now()
  const actor: Actor = { personId: randomBytes(16).toString('base64url'), name, sessionHash: hashToken(token) }
  await insertVisit(deps.db, { personId: actor.personId, name, language, sessionId: actor.sessionHash, now, expiresAt: new Date(now.getTime() + visitDays * 86_400_000) })
  return { token, actor }
}

/** Undefined for unknown, malformed and expired tokens alike. */
export async function findActor(deps: Pick<Deps, 'db' | 'now'>, token: string): Promise<Actor | undefined> {
  return findActorByHash(deps, hashToken(token))
}

export async function findActorByHash(deps: Pick<Deps, 'db' | 'now'>, sessionHash: string): Promise<Actor | undefined> {
  const session = await findSession(deps.db, sessionHash, deps.now())
  return session ? { personId: session.personId, name: session.person.name, sessionHash } : undefined
}

/** Gives the number of sessions that were over. */
export async function deleteExpiredSessions(deps: Pick<Deps, 'db' | 'now'>): Promise<number> {
  return deleteSessionsBefore(deps.db, deps.now())
}
