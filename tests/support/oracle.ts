/** The labelled manifests: this project's own, always there, and larger sets that a checkout may have beside it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oracleFolder, readCases, type Case } from '../../scripts/bench/agreement.ts'

/** The cases written for this project, one rule each. */
export function ownCases(): Case[] {
  return readCases(fileURLToPath(new URL('../apiserver/rules.ndjson', import.meta.url)))
}

/** The cases of a larger set, or undefined when it is not there. */
export function largerCases(file: string): Case[] | undefined {
  const path = join(oracleFolder(), file)
  return existsSync(path) ? readCases(path) : undefined
}
