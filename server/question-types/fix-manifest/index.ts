/**
 * fix-manifest: the person repairs the files of `broken/`; the answer is graded by what the repaired cluster would do (grade.ts).
 * Answers name files as `broken/` does, without that folder: `{ 'policy.yaml': '…' }`.
 */
import * as z from 'zod'
import { defineQuestionType } from '../question-type.ts'
import { askCluster, askOfGivenSchema, askSchema, askToLook, kindsToExplain, lookSchema } from './console.ts'
import { evidenceOf } from './evidence.ts'
import { filesIn, variantsIn } from './files.ts'
import { gradeRepair } from './grade.ts'
import { lintFiles } from './lint.ts'
import { precheckRepair } from './precheck.ts'
import { readScenario } from './scenario-text.ts'
import { samplesOf } from './samples.ts'
import { specSchema } from './schema.ts'

export const fixManifest = defineQuestionType({
  name: 'fix-manifest',
  label: { en: 'Repair a manifest', 'zh-CN': '修复清单' },
  about: {
    en: 'Edit the files until the cluster does what is asked. Graded by what a simulated cluster does with them; any repair that works counts.',
    'zh-CN': '编辑文件，直到集群满足要求。评分依据是模拟集群的实际行为，任何有效的修复都算对。',
  },
  spec: specSchema,
  answer: z.record(z.string().max(200), z.string().max(262_144)).refine((answer) => Object.keys(answer).length <= 50, 'At most 50 files.'),
  fromForm: (fields) => Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => {
    const path = /^answer\[(.+)\]$/.exec(name)?.[1]
    return path && typeof value === 'string' ? [[path, value.replaceAll('\r\n', '\n')]] : []
  })),
  /** Text that nobody changed is no answer either. */
  isEmpty: (answer, { files }) => Object.entries(filesIn(files, 'broken')).every(([path, text]) => !Object.hasOwn(answer, path) || answer[path] === text),
  view: (question, answer) => ({
    files: Object.entries(filesIn(question.files, 'broken')).map(([path, original]) => ({ path, original, text: answer && Object.hasOwn(answer, path) ? answer[path] : original })),
    given: Object.entries(filesIn(question.files, 'given')).map(([path, text]) => ({ path, text })),
    evidence: evidenceOf(question.files, question.spec.key.evidence, question.language),
    kubernetes: readScenario(question.files['scenario.yaml'] ?? '').kubernetes,
  }),
  grade: ({ files, language }, answer) => gradeRepair({ scenarioText: files['scenario.yaml'] ?? '', files, answer, language }),
  review: ({ files }, answer, grade) => ({
    files: Object.entries(filesIn(files, 'broken')).map(([path, original]) => ({ path, original, text: answer && Object.hasOwn(answer, path) ? answer[path] : original })),
    repairs: variantsIn(files, 'repairs').map(({ name, answer: repaired, own }) => ({ name, files: own.map((path) => ({ path, text: repaired[path]! })) })),
    evidence: grade?.evidence,
  }),
  precheck: ({ files, language }, answer) => precheckRepair(filesIn(files, 'broken'), answer, language, readScenario(files['scenario.yaml'] ?? '').namespace),
  console: { ask: askSchema, askOfGiven: askOfGivenSchema, look: lookSchema.transform(askToLook), needs: kindsToExplain, reply: ({ files, language }, own, ask, texts) => askCluster(files, own, ask, language, texts) },
  lint: lintFiles,
  samples: samplesOf,
  heavy: true,
})
