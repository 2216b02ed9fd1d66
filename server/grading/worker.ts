/** Runs in a grading thread: one task at a time, one reply each. An error is a reply too; only running out of time or memory ends it, and its process with it. */
import { parentPort } from 'node:worker_threads'
import type { Job, Reply } from './pool.ts'
import { checkText } from './check.ts'
import { consoleTask, gradeTask, precheckTask } from './task.ts'

const port = parentPort!

async function replyTo({ kind, task }: Job): Promise<Reply> {
  try {
    if (kind === 'check') return { status: 'checked-text', checked: checkText(task) }
    if (kind === 'console') return { status: 'answered', reply: await consoleTask(task) }
    return kind === 'grade' ? { status: 'graded', grade: gradeTask(task) } : { status: 'checked', precheck: precheckTask(task) }
  } catch (error) {
    return { status: 'failed', reason: 'crash', message: error instanceof Error ? error.message : String(error) }
  }
}

port.on('message', (job: Job) => void replyTo(job).then((reply) => port.postMessage(reply)))
port.postMessage('ready')
