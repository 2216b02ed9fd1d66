/** Attempts in and out of the database. Ownership is in the `where`: what is not yours is not found. */
import type { Db, Tx } from '../db/client.ts'
import type { Grade, Text } from '../question-types/index.ts'
import type { Feedback, FinishedBy } from './attempt.ts'

export type SlotRow = {
  slot: number
  versionId: string
  points: number
  answer: string | null
  revision: number
  savedAt: Date | null
  late: boolean
  lateAnswer: string | null
  lateAt: Date | null
  flagged: boolean
  hintsShown: number
  explained: boolean
}
export type AttemptRow = {
  id: string
  kind: 'exam' | 'practice'
  examId: string | null
  questionId: string | null
  personId: string
  title: Text
  feedback: Feedback
  passMark: number | null
  language: 'en' | 'zh-CN'
  seed: string
  startedAt: Date
  deadlineAt: Date | null
  finishedAt: Date | null
  finishedBy: FinishedBy | null
  slots: SlotRow[]
}
export type NewAttempt = Omit<AttemptRow, 'finishedAt' | 'finishedBy' | 'slots'> & { slots: { slot: number; versionId: string; points: number }[] }
export type SubmissionStatus = 'pending' | 'graded' | 'ungradable'
export type SubmissionRow = { id: number; attemptId: string; slot: number; revision: number; versionId: string; answer: string; createdAt: Date; status: SubmissionStatus; tries: number; grade: Grade | undefined }

export async function findAttempt(db: Db | Tx, attemptId: string, personId: string): Promise<AttemptRow | undefined> {
  const row = await db.attempt.findFirst({ where: { id: attemptId, personId }, include: { slots: { orderBy: { slot: 'asc' } } } })
  return (row ?? undefined) as AttemptRow | undefined
}

/** The frozen question of every slot; nobody's answers. */
export async function findComposition(db: Db, attemptId: string): Promise<{ personId: string; versionIds: string[] } | undefined> {
  const row = await db.attempt.findUnique({ where: { id: attemptId }, select: { personId: true, slots: { select: { versionId: true }, orderBy: { slot: 'asc' } } } })
  return row ? { personId: row.personId, versionIds: row.slots.map(({ versionId }) => versionId) } : undefined
}

/** Newest first. */
export async function listAttemptsOf(db: Db, personId: string, limit: number): Promise<AttemptRow[]> {
  return (await db.attempt.findMany({ where: { personId }, include: { slots: { orderBy: { slot: 'asc' } } }, orderBy: { startedAt: 'desc' }, take: limit })) as unknown as AttemptRow[]
}

/** Inserts the attempt unless `alike` finds one that is still running; gives the id of either. One transaction, so two clicks make one attempt. */
export async function insertAttempt(db: Db, attempt: NewAttempt, alike: { examId: string } | { versionId: string }): Promise<{ id: string; isNew: boolean }> {
  return db.$transaction(async (tx) => {
    const same = 'examId' in alike ? { kind: 'exam', examId: alike.examId } : { kind: 'practice', slots: { some: { versionId: alike.versionId } } }
    const running = await tx.attempt.findFirst({ where: { personId: attempt.personId, finishedAt: null, ...same, OR: [{ deadlineAt: null }, { deadlineAt: { gte: attempt.startedAt } }] }, select: { id: true } })
    if (running) return { id: running.id, isNew: false }
    const { slots, ...data } = attempt
    await tx.attempt.create({ data })
    await tx.attemptSlot.createMany({ data: slots.map((slot) => ({ attemptId: attempt.id, ...slot })) })
    await insertAudit(tx, { at: attempt.startedAt, actor: attempt.personId, action: 'attempt-started', attemptId: attempt.id, detail: { seed: attempt.seed, versions: slots.map(({ versionId }) => versionId) } })
    return { id: attempt.id, isNew: true }
  })
}

export async function insertAudit(db: Db | Tx, { at, actor, action, attemptId, detail }: { at: Date; actor: string; action: string; attemptId: string; detail: object }): Promise<void> {
  await db.audit.create({ data: { at, actor, action, attemptId, detail } })
}

export type AnswerWrite = { sessionHash: string; attemptId: string; slot: number; revision: number; text: string }
export type AnswerWritten = { attemptId: string; slot: number; revision: number; savedAt: Date; deadlineAt: Date | null }

/** One statement saves every answer whose session is alive, whose attempt is that person's and open, and whose revision is the stored one. */
const writeSql = `WITH p(j, now) AS (SELECT ?, ?)
UPDATE "AttemptSlot" SET "answer" = w.v, "revision" = "AttemptSlot"."revision" + 1, "savedAt" = w.now, "late" = 0
FROM (
  SELECT j.value->>'a' AS a, j.value->>'q' AS q, j.value->>'r' AS r, j.value->>'v' AS v, p.now AS now
  FROM p, json_each(p.j) j
  CROSS JOIN "Session" s ON s."id" = j.value->>'s' AND s."expiresAt" > p.now
  CROSS JOIN "Attempt" t ON t."id" = j.value->>'a' AND t."personId" = s."personId" AND t."finishedAt" IS NULL AND (t."deadlineAt" IS NULL OR t."deadlineAt" >= p.now)
) AS w
WHERE "AttemptSlot"."attemptId" = w.a AND "AttemptSlot"."slot" = w.q AND "AttemptSlot"."revision" = w.r
RETURNING "attemptId" AS a, "slot" AS q, "revision" AS r, (SELECT t."deadlineAt" FROM "Attempt" t WHERE t."id" = "attemptId") AS d`

/** Gives those that were saved, committed; at most one write per slot may be passed. */
export async function writeAnswers(db: Db, writes: readonly AnswerWrite[], now: Date): Promise<AnswerWritten[]> {
  const json = JSON.stringify(writes.map(({ sessionHash, attemptId, slot, revision, text }) => ({ s: sessionHash, a: attemptId, q: slot, r: revision, v: text })))
  const rows = await db.$queryRawUnsafe<{ a: string; q: number | bigint; r: number | bigint; d: string | null }[]>(writeSql, json, now)
  return rows.map(({ a, q, r, d }) => ({ attemptId: a, slot: Number(q), revision: Number(r), savedAt: now, deadlineAt: d === null ? null : new Date(d) }))
}

/** The same compare-and-set for a single answer; false when the revision has moved on or the attempt has been closed. */
export async function updateAnswer(db: Db, { attemptId, slot, revision, text }: Omit<AnswerWrite, 'sessionHash'>, { savedAt, late }: { savedAt: Date; late: boolean }): Promise<boolean> {
  const { count } = await db.attemptSlot.updateMany({ where: { attemptId, slot, revision, attempt: { finishedAt: null } }, data: { answer: text, revision: { increment: 1 }, savedAt, late } })
  return count === 1
}

/** Kept beside the answer that counts. */
export async function updateLateAnswer(db: Db, { attemptId, slot, text, at, personId }: { attemptId: string; slot: number; text: string; at: Date; personId: string }): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.attemptSlot.update({ where: { attemptId_slot: { attemptId, slot } }, data: { lateAnswer: text, lateAt: at } })
    await insertAudit(tx, { at, actor: personId, action: 'answer-too-late', attemptId, detail: { slot, characters: text.length } })
  })
}

export async function updateSlot(db: Db, attemptId: string, slot: number, data: { flagged?: boolean; hintsShown?: number; explained?: boolean }): Promise<void> {
  await db.attemptSlot.update({ where: { attemptId_slot: { attemptId, slot } }, data })
}

/** Closes an attempt once and hands in the given answers; false when it was closed already. */
export async function closeAttempt(db: Db, attemptId: string, finish: { at: Date; by: FinishedBy }, actor: string, now: Date, answersOf: (slots: SlotRow[]) => SlotRow[]): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.attempt.updateMany({ where: { id: attemptId, finishedAt: null }, data: { finishedAt: finish.at, finishedBy: finish.by } })
    if (count === 0) return false
    const slots = (await tx.attemptSlot.findMany({ where: { attemptId }, orderBy: { slot: 'asc' } })) as SlotRow[]
    const checked = await tx.submission.findMany({ where: { attemptId }, select: { slot: true, revision: true } })
    const isChecked = new Set(checked.map(({ slot, revision }) => `${slot}/${revision}`))
    const missing = answersOf(slots).filter(({ slot, revision }) => !isChecked.has(`${slot}/${revision}`))
    await tx.submission.createMany({ data: missing.map(({ slot, revision, versionId, answer }) => ({ attemptId, slot, revision, versionId, answer: answer!, createdAt: now, status: 'pending', nextTryAt: now })) })
    await insertAudit(tx, { at: now, actor, action: 'attempt-finished', attemptId, detail: { by: finish.by, finishedAt: finish.at.toISOString() } })
    return true
  })
}

export async function listOverdue(db: Db, before: Date, limit: number): Promise<{ id: string; deadlineAt: Date; personId: string }[]> {
  return (await db.attempt.findMany({ where: { finishedAt: null, deadlineAt: { lt: before } }, select: { id: true, deadlineAt: true, personId: true }, orderBy: { deadlineAt: 'asc' }, take: limit })) as { id: string; deadlineAt: Date; personId: string }[]
}

/** The row for this revision of the answer, new or from an earlier click. */
export async function insertSubmission(db: Db, row: { attemptId: string; slot: number; revision: number; versionId: string; answer: string; now: Date }): Promise<SubmissionRow> {
  const { now, ...data } = row
  const key = { attemptId: row.attemptId, slot: row.slot, revision: row.revision }
  await db.submission.upsert({ where: { attemptId_slot_revision: key }, create: { ...data, createdAt: now, status: 'pending', nextTryAt: now }, update: {} })
  return (await listSubmissions(db, key))[0]!
}

/** With the newest grade of each; by slot and revision. */
export async function listSubmissions(db: Db, where: { attemptId: string | { in: string[] }; slot?: number; revision?: number }): Promise<SubmissionRow[]> {
  const rows = await db.submission.findMany({ where, include: { grades: { orderBy: { id: 'desc' }, take: 1 } }, orderBy: [{ attemptId: 'asc' }, { slot: 'asc' }, { revision: 'asc' }] })
  return rows.map(({ grades, ...row }) => ({ ...row, status: row.status as SubmissionStatus, grade: grades[0] && { score: grades[0].score, parts: JSON.parse(grades[0].parts) as Grade['parts'], ...(grades[0].evidence === null ? {} : { evidence: JSON.parse(grades[0].evidence) as unknown }) } }))
}

export type PendingSubmission = { id: number; attemptId: string; slot: number; versionId: string; answer: string; tries: number; attempt: { language: 'en' | 'zh-CN'; personId: string } }

/** Oldest first. */
export async function listPending(db: Db, filter: { attemptId?: string; dueAt?: Date; id?: number }, limit: number): Promise<PendingSubmission[]> {
  const where = { status: 'pending', ...(filter.attemptId === undefined ? {} : { attemptId: filter.attemptId }), ...(filter.id === undefined ? {} : { id: filter.id }), ...(filter.dueAt ? { nextTryAt: { lte: filter.dueAt } } : {}) }
  return (await db.submission.findMany({ where, select: { id: true, attemptId: true, slot: true, versionId: true, answer: true, tries: true, attempt: { select: { language: true, personId: true } } }, orderBy: { id: 'asc' }, take: limit })) as PendingSubmission[]
}

/** Appends the grade, unless another grader was faster; true when this one counts. An undecided grade is kept for a person to look at and never summed. */
export async function insertGrade(db: Db, submission: PendingSubmission, grade: Grade, coreVersion: string, now: Date): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.submission.updateMany({ where: { id: submission.id, status: 'pending' }, data: { status: grade.undecided ? 'ungradable' : 'graded' } })
    if (count === 0) return false
    await tx.grade.create({ data: { submissionId: submission.id, score: grade.score, parts: JSON.stringify(grade.parts), evidence: grade.evidence === undefined ? null : JSON.stringify(grade.evidence), coreVersion, createdAt: now } })
    await insertAudit(tx, { at: now, actor: 'grader', action: 'answer-graded', attemptId: submission.attemptId, detail: { slot: submission.slot, submission: submission.id, score: grade.score, coreVersion, version: submission.versionId } })
    return true
  })
}

export async function updateFailure(db: Db, { id, tries }: PendingSubmission, failure: { message: string; status: SubmissionStatus; nextTryAt: Date }): Promise<void> {
  await db.submission.updateMany({ where: { id, status: 'pending', tries }, data: { tries: { increment: 1 }, failure: failure.message, status: failure.status, nextTryAt: failure.nextTryAt } })
}
