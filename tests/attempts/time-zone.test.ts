import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const probe = fileURLToPath(new URL('../support/probes/deadline.ts', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** The second start lies in the hour that New York skips, the third in the one it has twice. */
describe('the deadline does not depend on the time zone of the machine', () => {
  it.each([
    ['Pacific/Chatham', '2026-03-04T10:00:00.000Z', -825],
    ['America/New_York', '2026-03-08T06:45:00.000Z', 300],
    ['America/New_York', '2026-11-01T05:45:00.000Z', 240],
  ])('%s at %s', async (TZ, start, offset) => {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', probe, start], { cwd: root, env: { ...process.env, TZ } })
    expect(JSON.parse(stdout)).toEqual({ offset, secondsLeft: [1800, 0], late: [null, null, 'grace', 'too-late'], ranSeconds: 1800 })
  })
})
