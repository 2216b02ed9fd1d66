/** People and sessions in the database. */
import type { Db } from '../db/client.ts'

export async function insertVisit(db: Db, { personId, name, language, sessionId, now, expiresAt }: { personId: string; name: string; language: string; sessionId: string; now: Date; expiresAt: Date }): Promise<void> {
  await db.person.create({ data: { id: personId, name, language, createdAt: now, sessions: { create: { id: sessionId, createdAt: now, expiresAt } } } })
}

export async function findSession(db: Db, id: string, now: Date): Promise<{ personId: string; person: { name: string } } | null> {
  return db.session.findFirst({ where: { id, expiresAt: { gt: now } }, select: { personId: true, person: { select: { name: true } } } })
}

export async function deleteSessionsBefore(db: Db, now: Date): Promise<number> {
  return (await db.session.deleteMany({ where: { expiresAt: { lte: now } } })).count
}
