/** A program that asks a grading process for what its argument says, prints the reply, and closes nothing. */
import { createPool } from '../../../server/grading/pool.ts'

const pool = createPool({ limitMs: 60_000, memoryMb: 48, workers: 1, moduleUrl: new URL('./hostile.ts', import.meta.url).href })
process.stdout.write(JSON.stringify(await pool.run('grade', { type: 'hostile', spec: {}, files: {}, language: 'en', answer: process.argv[2] })))
