/** One contestant of the autosave benchmark, as a process: `autosave-server.ts <name> <folder>`. Says its port and its savers to the parent. */
import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pino from 'pino'
import { startVisit } from '../../server/accounts/index.ts'
import { createApp } from '../../server/app.ts'
import { createAnswerWriter, getAttempt, startPractice } from '../../server/attempts/index.ts'
import { openBank, parseBank, seedBank } from '../../server/bank/index.ts'
import { loadConfig } from '../../server/config.ts'
import { openDb } from '../../server/db/client.ts'
import { migrate } from '../../server/db/migrate.ts'
import type { Deps } from '../../server/deps.ts'
import { createGrader } from '../../server/grading/index.ts'
import { createServer } from '../../server/http/server.ts'

const people = 500
type Save = { cookie: string; path: string }

const question = `---\nid: q\ntype: short-answer\ndifficulty: 1\nsection: s\nminutes: 1\npoints: 1\nkubernetes: { from: "1.33", to: "1.36" }\nsources: [{ title: T, url: "https://example.com" }]\nkey: { kind: text, accept: ["x"], reject: ["y"] }\n---\n# Q\n\n## Prompt\nP\n\n## Hints\n- one\n- two\n\n## Explanation\nE\n`
const bank = parseBank({
  '01-c/chapter.md': '---\nid: c\ntitle: C\naim: A\n---\nText\n',
  '01-c/chapter.zh-CN.md': '---\ntitle: 章\naim: 标\n---\n文\n',
  '01-c/01-s/section.md': '---\nid: s\ntitle: S\nsource: "1"\nobjectives: [x]\ndomains: [D]\n---\nText\n',
  '01-c/01-s/section.zh-CN.md': '---\ntitle: 节\nobjectives: [某]\n---\n文\n',
  '01-c/01-s/q/question.md': question,
  '01-c/01-s/q/question.zh-CN.md': '# 问\n\n## 题目\n问\n\n## 提示\n- 一\n- 二\n\n## 解析\n解\n',
})

/** The application as main.ts builds it, its log included, with people who have a question open. */
async function startReadyz(folder: string): Promise<{ server: http.Server; saves: Save[] }> {
  const url = `file:${join(folder, 'readyz.db')}`
  migrate(url)
  const db = openDb(url)
  const now = () => new Date()
  await seedBank(db, bank, () => [], now)
  const config = loadConfig({ DATABASE_URL: url, SAVES_PER_MINUTE: '1000000000', NODE_ENV: 'test' })
  const grader = createGrader({ limitMs: 1000, memoryMb: 64, workers: 1 })
  const log = pino({ level: 'info', base: null }, pino.destination(join(folder, 'log')))
  const deps: Deps = { config, db, bank: await openBank(db), grade: grader.grade, precheck: grader.precheck, console: grader.console, check: grader.check, answers: createAnswerWriter(db, now), now, log }
  const saves: Save[] = []
  for (let i = 0; i < people; i++) {
    const { token, actor } = await startVisit(deps, { name: `Person ${i}`, language: 'en' })
    const { attemptId } = await startPractice(deps, actor, { questionId: 'q', language: 'en' })
    await getAttempt(deps, actor, { attemptId, language: 'en' })
    saves.push({ cookie: `readyz_session=${token}`, path: `/attempts/${attemptId}/1/answer` })
  }
  return { server: createServer(createApp(deps)), saves }
}

const schema = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE session (id TEXT PRIMARY KEY, person TEXT NOT NULL, expires TEXT NOT NULL);
CREATE TABLE attempt (id TEXT PRIMARY KEY, person TEXT NOT NULL, finished TEXT, deadline TEXT);
CREATE TABLE answer (attempt TEXT NOT NULL, slot INTEGER NOT NULL, value TEXT, revision INTEGER NOT NULL, saved TEXT, PRIMARY KEY (attempt, slot)) WITHOUT ROWID;`

/** No framework, no layers: look the session and the attempt up, compare and set, answer. What a careful person writes in an hour. */
function startBare(folder: string, isGrouped: boolean): { server: http.Server; saves: Save[] } {
  const db = new Database(join(folder, 'bare.db'))
  db.exec(schema)
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const saves: Save[] = []
  db.transaction(() => {
    for (let i = 0; i < people; i++) {
      const token = randomBytes(32).toString('base64url')
      const attempt = randomBytes(16).toString('base64url')
      db.prepare('INSERT INTO session VALUES (?, ?, ?)').run(createHash('sha256').update(token).digest('hex'), `p${i}`, later)
      db.prepare('INSERT INTO attempt VALUES (?, ?, NULL, ?)').run(attempt, `p${i}`, later)
      db.prepare('INSERT INTO answer VALUES (?, 1, NULL, 0, NULL)').run(attempt)
      saves.push({ cookie: `readyz_session=${token}`, path: `/attempts/${attempt}/1/answer` })
    }
  })()
  const findSession = db.prepare('SELECT person FROM session WHERE id = ? AND expires > ?')
  const findAttempt = db.prepare('SELECT finished, deadline FROM attempt WHERE id = ? AND person = ?')
  const write = db.prepare('UPDATE answer SET value = ?, revision = revision + 1, saved = ? WHERE attempt = ? AND slot = ? AND revision = ?')
  const save = (token: string, attempt: string, slot: number, revision: number, value: string): { status: number; body: object } => {
    const now = new Date().toISOString()
    const session = findSession.get(createHash('sha256').update(token).digest('hex'), now) as { person: string } | undefined
    const found = session && (findAttempt.get(attempt, session.person) as { finished: string | null; deadline: string } | undefined)
    if (!found) return { status: 404, body: {} }
    if (found.finished !== null || found.deadline < now) return { status: 410, body: {} }
    return write.run(value, now, attempt, slot, revision).changes === 1 ? { status: 200, body: { revision: revision + 1, savedAt: now, secondsLeft: 3600 } } : { status: 409, body: {} }
  }
  type Job = { run: () => { status: number; body: object }; done: (result: { status: number; body: object }) => void }
  let queue: Job[] = []
  const pump = () => {
    const batch = queue
    queue = []
    const results = db.transaction(() => batch.map(({ run }) => run()))()
    batch.forEach(({ done }, i) => done(results[i]!))
  }
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { revision, answer } = JSON.parse(Buffer.concat(chunks).toString()) as { revision: number; answer: string }
      const [, , attempt, slot] = req.url!.split('/')
      const token = /readyz_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? ''
      const run = () => save(token, attempt!, Number(slot), revision, JSON.stringify(answer))
      const done = ({ status, body }: { status: number; body: object }) => {
        res.writeHead(status, { 'content-type': 'application/json' })
        res.end(JSON.stringify(body))
      }
      if (!isGrouped) return done(run())
      if (queue.length === 0) setImmediate(pump)
      queue.push({ run, done })
    })
  })
  return { server, saves }
}

const [, , name, folder] = process.argv
const { server, saves } = name === 'readyz' ? await startReadyz(folder!) : startBare(folder!, name === 'bare-grouped')
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port, saves }))
process.on('disconnect', () => process.exit())
/** Processor time so far in microseconds, which other programs on the machine do not distort. */
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send!({ cpuMicros: user + system })
})
