/** One thread of a shared check. */
import { parentPort } from 'node:worker_threads'
import type { CheckInput, CheckOptions } from '../../server/checker/index.ts'
import { judge } from '../../server/checker/index.ts'

parentPort?.on('message', ({ inputs, options }: { inputs: CheckInput[]; options: CheckOptions }) => parentPort!.postMessage(judge(inputs, options)))
