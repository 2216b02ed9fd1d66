/** Regular expressions as Go has them, in time linear in the text (RE2). */
import { RE2JS } from 're2js'
import { spend } from './budget.ts'

const compiled = new Map<string, RE2JS>()
const patternMax = 1000

function compile(pattern: string, text: string): RE2JS {
  if (pattern.length > patternMax) throw new Error('the regular expression is too long')
  spend(searchCost(pattern, text.length))
  if (!compiled.has(pattern)) spend(pattern.length)
  return read(pattern)
}

function read(pattern: string): RE2JS {
  let regex = compiled.get(pattern)
  if (!regex) {
    regex = RE2JS.compile(pattern)
    if (compiled.size >= 200) compiled.clear()
    compiled.set(pattern, regex)
  }
  return regex
}

const workMax = 20_000_000

/** Is there a match anywhere in the text, outside of an evaluation? Says why not when the pattern is none. What would take seconds counts as a match. */
export function isMatch(text: string, pattern: string): boolean | { error: string } {
  if (pattern.length * text.length > workMax) return true
  try {
    return read(pattern).matcher(text).find()
  } catch (error) {
    return { error: (error as Error).message }
  }
}

/** One search is linear in the text for each state of the pattern. */
function searchCost(pattern: string, length: number): number {
  return 1 + (pattern.length * (length + 10)) / 5
}

/** Is there a match anywhere in the text? */
export function matches(text: string, pattern: string): boolean {
  return compile(pattern, text).matcher(text).find()
}

/** The first match, or ''. */
export function find(text: string, pattern: string): string {
  const matcher = compile(pattern, text).matcher(text)
  return matcher.find() ? (matcher.group() ?? '') : ''
}

/** All matches that do not overlap, at most `limit`; a negative limit means all. */
export function findAll(text: string, pattern: string, limit = -1): string[] {
  const matcher = compile(pattern, text).matcher(text)
  const found: string[] = []
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    found.push(matcher.group() ?? '')
    // The search for the next may read the whole rest.
    spend(searchCost(pattern, text.length - matcher.end()))
  }
  return found
}
