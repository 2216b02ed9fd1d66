/**
 * `npm test`: everything, in the order in which a mistake is found soonest. Every step runs even when an earlier one failed,
 * so that one run tells all. `npm test -- unit lint` runs only the steps named. Ends with the count of tests on a line of its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findBrowser } from './browser.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const results = `${root}test-results`
const node = (...args) => ({ command: process.execPath, args })
const vitest = (name, ...args) => ({ ...node('node_modules/vitest/vitest.mjs', 'run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${results}/${name}.json`), json: `${results}/${name}.json` })

const steps = [
  { name: 'types', about: 'TypeScript', ...node('node_modules/typescript/bin/tsc', '--noEmit') },
  { name: 'lint', about: 'ESLint', ...node('node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0') },
  { name: 'unit', about: 'unit and HTTP tests', ...vitest('unit') },
  { name: 'bank-lint', about: 'the form of every question', ...node('--import', 'tsx', 'scripts/readyz.ts', 'bank', 'lint') },
  { name: 'bank-prove', about: 'every sample answer of every question', ...node('--import', 'tsx', 'scripts/readyz.ts', 'bank', 'prove') },
  { name: 'browser', about: 'journeys in Chromium', ...vitest('browser', '--config', 'tests/e2e/vitest.config.ts'), needsBrowser: true },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`Unknown step: ${unknown.join(', ')}. Steps: ${steps.map((step) => step.name).join(', ')}.`)
  process.exit(2)
}

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })

let passed = 0
let failed = 0
const failedSteps = []
for (const step of steps) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue
  const began = Date.now()
  console.log(`\n── ${step.name}: ${step.about}`)
  const env = { ...process.env }
  if (step.needsBrowser) {
    const browser = findBrowser()
    if ('problem' in browser) {
      console.error(browser.problem)
      failed++
      failedSteps.push(step.name)
      continue
    }
    env.READYZ_BROWSER = browser.path
  }
  const { status } = spawnSync(step.command, step.args, { cwd: root, stdio: 'inherit', env })
  if (step.json) {
    try {
      const report = JSON.parse(readFileSync(step.json, 'utf8'))
      passed += report.numPassedTests
      failed += report.numFailedTests
      if (status !== 0 && report.numFailedTests === 0) failed++
    } catch {
      failed++
    }
  } else if (status === 0) passed++
  else failed++
  if (status !== 0) failedSteps.push(step.name)
  console.log(`── ${step.name}: ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

if (failedSteps.length > 0) console.error(`\nFailed: ${failedSteps.join(', ')}. Run one again with: npm test -- ${failedSteps[0]}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failedSteps.length > 0 || failed > 0 ? 1 : 0)
