/** The grading thread as `npm start` runs it: bundled, without the TypeScript loader. It must answer as the source does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildForNode } from '../../scripts/build-node.mjs'
import { readBank } from '../../server/bank/index.ts'
import { checkText } from '../../server/grading/check.ts'
import type { CheckTask } from '../../server/grading/check.ts'
import { createGrader } from '../../server/grading/index.ts'
import type { Grader } from '../../server/grading/index.ts'
import { consoleTask, gradeTask } from '../../server/grading/task.ts'
import { findQuestionType } from '../../server/question-types/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'readyz-thread-'))
let grader: Grader
beforeAll(async () => {
  const out = join(folder, 'threads')
  await buildForNode({ entryPoints: ['server/grading/worker.ts'], out })
  grader = createGrader({ limitMs: 20_000, memoryMb: 256, workers: 1, moduleUrl: pathToFileURL(join(out, 'worker.mjs')).href })
}, 60_000)
afterAll(async () => {
  await grader.close()
  rmSync(folder, { recursive: true, force: true })
})

const exercises = readBank('questions').questions.filter(({ type }) => findQuestionType(type)?.heavy).slice(0, 3)

describe('the bundled grading thread', () => {
  it.each(exercises.map((question) => [question.id, question] as const))('grades every sample of %s as the source does', async (_, { type, spec, files }) => {
    const own = findQuestionType(type)!
    const samples = [...own.samples(spec, files)].filter(({ answer }) => own.answer.safeParse(answer).success)
    expect(samples.length).toBeGreaterThan(2)
    for (const { answer } of samples) {
      const task = { type, spec, files, language: 'en' as const, answer }
      expect(await grader.grade(task)).toEqual({ status: 'graded', grade: gradeTask(task) })
    }
  })
  it('answers the console, with the texts of explain', async () => {
    const { type, spec, files } = exercises.find((question) => findQuestionType(question.type)?.console)!
    const console = findQuestionType(type)!.console!
    const ask: unknown = console.ask.parse({ ask: { do: 'run', line: 'kubectl explain pod.spec.restartPolicy' } })
    const task = { type, spec, files, language: 'en' as const, answer: undefined, ask }
    const outcome = await grader.console(task)
    expect(outcome).toEqual({ status: 'answered', reply: await consoleTask(task) })
    expect(JSON.stringify(outcome)).toContain('Restart policy for all containers within the pod')
  })
  it('judges custom resources by their definition, which the bundle of the command line loads later', async () => {
    const text = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: fleets.game.example }
spec:
  group: game.example
  scope: Namespaced
  names: { kind: Fleet, plural: fleets, singular: fleet, listKind: FleetList }
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: { spec: { type: object, properties: { size: { type: integer, maximum: 5 } } } }
---
apiVersion: game.example/v1
kind: Fleet
metadata: { name: eu }
spec: { size: 9 }
`
    const task: CheckTask = { text, version: '1.36', closed: false, language: 'en', output: 'json' }
    const outcome = await grader.check(task)
    expect(outcome).toEqual({ status: 'checked-text', checked: checkText(task) })
    expect(JSON.stringify(outcome)).toContain('should be less than or equal to 5')
  })
})
