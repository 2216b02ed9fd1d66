/** Reads a folder of questions from disk. The only file that touches the file system; what the texts mean is in parse-bank.ts. */
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareText } from '../k8s/object.ts'
import type { Bank, Problem } from './format.ts'
import { parseBank } from './parse-bank.ts'

const fileBytesMax = 262_144

function walk(root: string, folder: string, found: Record<string, string>, problems: Problem[]): void {
  for (const name of readdirSync(join(root, folder)).sort(compareText)) {
    if (name.startsWith('.')) continue
    const path = folder === '' ? name : `${folder}/${name}`
    const entry = lstatSync(join(root, path))
    const refuse = (message: string) => problems.push({ file: path, line: 1, column: 1, message })
    if (entry.isDirectory()) walk(root, path, found, problems)
    else if (!entry.isFile()) refuse('Neither a file nor a folder; links are not followed.')
    else if (entry.size > fileBytesMax) refuse(`The file is larger than ${fileBytesMax / 1024} KiB.`)
    else {
      try {
        found[path] = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(root, path)))
      } catch {
        refuse('The file is not UTF-8 text.')
      }
    }
  }
}

/** Reads every file below `dir`. Never throws for what stands in the files; what is wrong with them is in `problems`. */
export function readBank(dir: string): Bank {
  const found: Record<string, string> = {}
  const problems: Problem[] = []
  if (existsSync(dir)) walk(dir, '', found, problems)
  else problems.push({ file: dir, line: 1, column: 1, message: 'There is no such folder.' })
  const bank = parseBank(found)
  return { ...bank, problems: [...problems, ...bank.problems] }
}
