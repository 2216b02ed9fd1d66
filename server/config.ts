/** The only reader of the environment. */
import * as z from 'zod'

const whole = (min: number, max: number) => {
  const error = `write a whole number from ${min} to ${max}`
  return z.coerce.number(error).int(error).min(min, error).max(max, error)
}

const Env = z.object({
  NODE_ENV: z.enum(['local', 'development', 'test', 'production']).default('local').describe('local serves as production does but does not insist on BASE_URL; development reads templates anew and shows /dev/gallery'),
  PORT: whole(0, 65_535).default(3000).describe('TCP port; 0 picks a free one'),
  HOST: z.string().min(1).optional().describe('Address to listen on; all of them when absent, 127.0.0.1 for this machine only'),
  DATABASE_URL: z.string().regex(/^file:.+/, 'write file: and a path, as file:./data/readyz.db').default('file:./data/readyz.db').describe('The SQLite file'),
  BASE_URL: z.url({ protocol: /^https?$/, error: 'write http://… or https://…' }).optional().describe('Where browsers reach the site; decides secure cookies and the origin check'),
  QUESTIONS_DIR: z.string().min(1).default('questions').describe('The folder of the question bank'),
  GRADE_LIMIT_MS: whole(50, 60_000).default(5000).describe('Time one grading may take'),
  GRADE_MEMORY_MB: whole(32, 4096).default(256).describe('Memory in MB one grading may use; its process takes up to 200 more'),
  GRADE_WORKERS: whole(1, 64).default(2).describe('Gradings that run at the same time, each in a process that stays; the console beside a repair has one more'),
  SAVES_PER_MINUTE: whole(10, 1_000_000_000).default(240).describe('Changes one browser may send in a minute'),
  VISITS_PER_MINUTE: whole(1, 1_000_000_000).default(60).describe('Quizzes and practices one network address may start in a minute'),
  TRUST_PROXY: whole(0, 10).default(0).describe('Number of reverse proxies in front, whose X-Forwarded-For is believed'),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info').describe('Least severity that is logged'),
})

/** Every setting, for the reference page. */
export const settings = Object.entries(Env.shape).map(([name, schema]) => ({ name, about: schema.description ?? '' }))

export type Config = Readonly<{
  nodeEnv: 'local' | 'development' | 'test' | 'production'
  port: number
  host: string | undefined
  databaseUrl: string
  baseUrl: string
  questionsDir: string
  gradeLimitMs: number
  gradeMemoryMb: number
  gradeWorkers: number
  savesPerMinute: number
  visitsPerMinute: number
  trustProxy: number
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}>

/** Names every wrong setting with its valid values, one a line. */
export class WrongSettings extends Error {
  constructor(lines: readonly string[]) {
    super(`Wrong settings:\n${lines.map((line) => `  ${line}`).join('\n')}`)
    this.name = 'WrongSettings'
  }
}

/** Reads and checks all settings at once; an empty variable counts as absent. Throws WrongSettings. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const known = Object.fromEntries(Object.keys(Env.shape).flatMap((name) => (env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]])))
  const parsed = Env.safeParse(known)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => {
    const name = String(issue.path[0])
    const valid = issue.code === 'invalid_value' ? `one of ${issue.values.join(', ')}` : issue.message
    return `${name}=${known[name] ?? ''}: ${valid}`
  })
  if (known.NODE_ENV === 'production' && known.BASE_URL === undefined) problems.push('BASE_URL is not set: production needs the address that browsers use, as https://quiz.example.com')
  if (!parsed.success || problems.length > 0) throw new WrongSettings(problems)
  const { PORT, BASE_URL } = parsed.data
  return Object.freeze({
    nodeEnv: parsed.data.NODE_ENV,
    port: PORT,
    host: parsed.data.HOST,
    databaseUrl: parsed.data.DATABASE_URL,
    baseUrl: (BASE_URL ?? `http://localhost:${PORT}`).replace(/\/$/, ''),
    questionsDir: parsed.data.QUESTIONS_DIR,
    gradeLimitMs: parsed.data.GRADE_LIMIT_MS,
    gradeMemoryMb: parsed.data.GRADE_MEMORY_MB,
    gradeWorkers: parsed.data.GRADE_WORKERS,
    savesPerMinute: parsed.data.SAVES_PER_MINUTE,
    visitsPerMinute: parsed.data.VISITS_PER_MINUTE,
    trustProxy: parsed.data.TRUST_PROXY,
    logLevel: parsed.data.LOG_LEVEL,
  })
}
