/** One thread of a shared check. */
import { parentPort } from 'node:worker_threads'
import type { CheckInput, CheckOptions } from '../../server/checker/index.ts'
import { judge } from '../../server/checker/index.ts'
import { loadCustomJudge } from './custom-judge.ts'

parentPort?.on('message', ({ inputs, options }: { inputs: CheckInput[]; options: CheckOptions }) => {
  void loadCustomJudge((options.definitions ?? []).length > 0).then(() => parentPort!.postMessage(judge(inputs, options)))
})
