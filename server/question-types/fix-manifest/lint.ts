/** What is wrong with the files of a fix-manifest folder, without playing anything. */
import { parseDocument } from 'yaml'
import { scenarioSchema } from '../../cluster/scenario.ts'
import type { Files, LintProblem } from '../question-type.ts'
import { filesIn, variantsIn } from './files.ts'
import type { RepairSpec } from './schema.ts'

export function* lintFiles(spec: RepairSpec, files: Files): Iterable<LintProblem> {
  const broken = filesIn(files, 'broken')
  if (Object.keys(broken).length === 0) yield { at: 'files', message: 'There is no file in broken/.' }
  const repairs = variantsIn(files, 'repairs')
  const nearMisses = variantsIn(files, 'near-misses')
  if (repairs.length < 2) yield { at: 'files', message: `At least two repairs are needed in repairs/; there are ${repairs.length}.` }
  if (nearMisses.length < 2) yield { at: 'files', message: `At least two near-misses are needed in near-misses/; there are ${nearMisses.length}.` }
  for (const [folder, variants] of [['repairs', repairs], ['near-misses', nearMisses]] as const) {
    for (const { name, own } of variants) {
      for (const path of own) {
        if (!Object.hasOwn(broken, path)) yield { at: 'files', file: `${folder}/${name}/${path}`, message: 'There is no such file in broken/, so nobody could edit it.' }
        else if (broken[path] === files[`${folder}/${name}/${path}`]) yield { at: 'files', file: `${folder}/${name}/${path}`, message: 'The same as in broken/; leave it out.' }
      }
    }
  }
  for (const { name } of nearMisses) if (!Object.hasOwn(spec.key.nearMisses, name)) yield { at: 'key.nearMisses', message: `near-misses/${name} is not listed: name the goals or constraints it misses.` }
  for (const name of Object.keys(spec.key.nearMisses)) if (!nearMisses.some((variant) => variant.name === name)) yield { at: `key.nearMisses.${name}`, message: `There is no folder near-misses/${name}.` }
  yield* lintScenario(spec, files)
}

function* lintScenario(spec: RepairSpec, files: Files): Iterable<LintProblem> {
  const text = files['scenario.yaml']
  if (text === undefined) return yield { at: 'files', message: 'scenario.yaml is missing.' }
  const document = parseDocument(text, { logLevel: 'silent' })
  if (document.errors.length > 0) return yield { at: 'files', file: 'scenario.yaml', message: document.errors[0]!.message }
  const parsed = scenarioSchema.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (!parsed.success) {
    for (const issue of parsed.error.issues) yield { at: issue.path.join('.'), file: 'scenario.yaml', message: issue.message }
    return
  }
  const scenario = parsed.data
  for (const path of scenario.given) if (!Object.hasOwn(files, path)) yield { at: 'given', file: 'scenario.yaml', message: `There is no file ${path}.` }
  for (const path of Object.keys(filesIn(files, 'given'))) if (!scenario.given.includes(`given/${path}`)) yield { at: 'given', file: 'scenario.yaml', message: `given/${path} is not listed under given.` }
  const known = new Set([...scenario.goals.map((goal) => goal.id), 'K0', 'K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10'])
  if (scenario.goals.every((goal) => goal.points === 0)) yield { at: 'goals', file: 'scenario.yaml', message: 'No goal has points.' }
  for (const [name, missed] of Object.entries(spec.key.nearMisses)) for (const id of missed) if (!known.has(id)) yield { at: `key.nearMisses.${name}`, message: `"${id}" is neither a goal of scenario.yaml nor a constraint.` }
  if ((spec.key.evidence ?? scenario.evidence).length === 0) yield { at: 'evidence', file: 'scenario.yaml', message: 'No command shows the incident.' }
}
