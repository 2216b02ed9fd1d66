import { readFileSync } from 'node:fs'

/** Which code graded: stored with every grade, so that a grade can be recomputed and compared. */
export const coreVersion: string = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
