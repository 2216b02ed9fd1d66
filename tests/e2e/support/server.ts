/** The server itself, as `npm start` runs it, on a free port and a database of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../support/database.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const startLimitMs = 60_000

export type Server = {
  readonly url: string
  /** Ends it without warning, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same database and the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** `questions`: another folder of questions than the shipped one. Throws with the server's output when it does not come up. */
export async function startServer({ questions }: { questions?: string } = {}): Promise<Server> {
  const folder = temporaryFolder()
  let port = 0
  let child: ChildProcess
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, BASE_URL: '', NODE_ENV: 'test', PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'error', DATABASE_URL: `file:${join(folder.path, 'e2e.db')}`, VISITS_PER_MINUTE: '100000', SAVES_PER_MINUTE: '100000', ...(questions === undefined ? {} : { QUESTIONS_DIR: questions }) },
    })
    let output = ''
    port = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`The server did not come up:\n${output}`)), startLimitMs)
      const hear = (chunk: Buffer): void => {
        output += String(chunk)
        const found = /running at http:\/\/localhost:(\d+)/.exec(output)?.[1]
        if (!found) return
        clearTimeout(timer)
        resolve(Number(found))
      }
      child.stdout!.on('data', hear)
      child.stderr!.on('data', hear)
      child.once('exit', (code) => {
        clearTimeout(timer)
        reject(new Error(`The server ended with ${code}:\n${output}`))
      })
    })
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }
  await start()
  return {
    get url() { return `http://127.0.0.1:${port}` },
    kill: () => end('SIGKILL'),
    restart: start,
    async stop() {
      await end('SIGTERM')
      folder.remove()
    },
  }
}
