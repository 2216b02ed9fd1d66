/** Grades answers: light types at once, simulations in processes that can be killed. A grade depends on answer, question version and core version only. */
import { findQuestionType } from '../question-types/index.ts'
import type { ConsoleReply, Grade } from '../question-types/index.ts'
import type { CheckTask, CheckedText } from './check.ts'
import { createPool } from './pool.ts'
import type { Failure, PoolOptions, Task } from './pool.ts'
import { gradeTask, precheckTask } from './task.ts'
import type { Precheck } from './task.ts'

export { checkedLengthMax } from './check.ts'
export type { CheckTask, CheckedText } from './check.ts'
export { coreVersion } from './core-version.ts'
export { earnedOf, totalOf } from './points.ts'
export type { Scored, Total } from './points.ts'
export type { Failure, Task } from './pool.ts'
export type { Precheck } from './task.ts'

export type GradeOutcome = { status: 'graded'; grade: Grade } | Failure
export type PrecheckOutcome = { status: 'checked'; precheck: Precheck } | Failure

export type ConsoleOutcome = { status: 'answered'; reply: ConsoleReply } | Failure

export type CheckOutcome = { status: 'checked-text'; checked: CheckedText } | Failure

export type Grader = {
  /** Never rejects: an answer that cannot be graded within the limits is `failed`, which is never the same as zero. */
  grade: (task: Task) => Promise<GradeOutcome>
  /** What may be said about the text before the end; `ok` for types that say nothing. Never rejects. */
  precheck: (task: Task) => Promise<PrecheckOutcome>
  /** Answers a request of a question's console. It has a process of its own, so that nobody who tries things out holds up a grading. Never rejects. */
  console: (task: Task) => Promise<ConsoleOutcome>
  /** Checks a pasted manifest, in the process of the console. Never rejects. */
  check: (task: CheckTask) => Promise<CheckOutcome>
  /** Ends the processes; what is running becomes `failed`. */
  close: () => Promise<void>
}

/** Processes start with the first task that needs one. */
export function createGrader(options: PoolOptions): Grader {
  const pool = createPool(options)
  const consolePool = createPool({ ...options, workers: 1 })
  const isHeavy = (task: Task) => findQuestionType(task.type)?.heavy ?? false
  const inline = <T>(run: () => T): T | Failure => {
    try {
      return run()
    } catch (error) {
      return { status: 'failed', reason: 'crash', message: error instanceof Error ? error.message : String(error) }
    }
  }
  return {
    grade: async (task) => (isHeavy(task) ? (pool.run('grade', task) as Promise<GradeOutcome>) : inline(() => ({ status: 'graded', grade: gradeTask(task) }))),
    precheck: async (task) => (isHeavy(task) ? (pool.run('precheck', task) as Promise<PrecheckOutcome>) : inline(() => ({ status: 'checked', precheck: precheckTask(task) }))),
    console: (task) => consolePool.run('console', task) as Promise<ConsoleOutcome>,
    check: (task) => consolePool.run('check', task) as Promise<CheckOutcome>,
    close: async () => void (await Promise.all([pool.close(), consolePool.close()])),
  }
}
