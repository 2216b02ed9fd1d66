/** What is wrong with the files of a fix-manifest folder, without playing anything. */
import { parseDocument } from 'yaml'
import { predicateOf, refFrom, scenarioSchema } from '../../cluster/index.ts'
import type { Scenario } from '../../cluster/index.ts'
import { lintPolicy } from '../../k8s/cel/policy.ts'
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
  for (const problem of lintGoals(scenario, files)) yield { ...problem, file: 'scenario.yaml' }
  for (const path of scenario.given) if (!Object.hasOwn(files, path)) yield { at: 'given', file: 'scenario.yaml', message: `There is no file ${path}.` }
  for (const path of Object.keys(filesIn(files, 'given'))) if (!scenario.given.includes(`given/${path}`)) yield { at: 'given', file: 'scenario.yaml', message: `given/${path} is not listed under given.` }
  const known = new Set([...scenario.goals.map((goal) => goal.id), 'K0', 'K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9', 'K10'])
  if (scenario.goals.every((goal) => goal.points === 0)) yield { at: 'goals', file: 'scenario.yaml', message: 'No goal has points.' }
  for (const [name, missed] of Object.entries(spec.key.nearMisses)) for (const id of missed) if (!known.has(id)) yield { at: `key.nearMisses.${name}`, message: `"${id}" is neither a goal of scenario.yaml nor a constraint.` }
  if ((spec.key.evidence ?? scenario.evidence).length === 0) yield { at: 'evidence', file: 'scenario.yaml', message: 'No command shows the incident.' }
}

/** What a goal or a step names must be there, and each goal must ask exactly one thing. */
function* lintGoals(scenario: Scenario, files: Files): Iterable<LintProblem> {
  const names = scenario.runs.map(({ name }) => name)
  if (new Set(names).size < names.length) yield { at: 'runs', message: 'Two runs have the same name.' }
  const ids = new Set<string>()
  for (const [i, goal] of scenario.goals.entries()) {
    const at = `goals.${i}`
    if (ids.has(goal.id)) yield { at, message: `Two goals have the id "${goal.id}".` }
    ids.add(goal.id)
    const run = scenario.runs.find(({ name }) => name === (goal.run ?? names[0]))
    if (!run) {
      yield { at, message: `There is no run "${goal.run}".` }
      continue
    }
    try {
      const { predicate, spec } = predicateOf(goal)
      predicate.about(spec, scenario.namespace)
      predicate.says(spec)
    } catch (error) {
      yield { at, message: `${(error as Error).message}.` }
      continue
    }
    const policy = goal.policy && lintPolicy(goal.policy.expression, goal.policy.object === undefined ? undefined : refFrom(goal.policy.object, scenario.namespace).kind)
    if (policy) yield { at: `${at}.policy.expression`, message: `${policy.message} (line ${policy.line}, column ${policy.column} of the expression).` }
    const traffic = goal.noLoss?.traffic ?? goal.share?.traffic
    if (traffic !== undefined && !run.traffic.some(({ name }) => name === traffic)) yield { at, message: `The run "${run.name}" has no traffic "${traffic}".` }
    const replaces = run.steps.some((step) => step.deletePods ?? step.drain ?? step.failNode ?? step.restart ?? step.delete ?? step.setImage)
    if (goal.write?.survivesPodDeletion && !replaces) yield { at, message: `No step of the run "${run.name}" replaces a pod.` }
    if (goal.drain && !run.steps.some((step) => step.drain?.node === goal.drain!.node)) yield { at, message: `No step of the run "${run.name}" drains ${goal.drain.node}.` }
    for (const [what, moment] of momentsOf(goal)) if (moment > run.length) yield { at, message: `${what} lies after the end of the run "${run.name}".` }
  }
  for (const [r, run] of scenario.runs.entries()) yield* lintSteps(run, `runs.${r}.steps`, scenario, files)
  yield* lintSeries(scenario, files)
  for (const { at } of scenario.evidence) if (at > scenario.runs[0]!.length) yield { at: 'evidence', message: 'A command is given after the end of the first run.' }
  for (const image of scenario.images) if (!Object.hasOwn(scenario.profiles, image.profile)) yield { at: 'images', message: `There is no profile "${image.profile}".` }
}

/** A series must be of something that has a kind, and some manifest must name its metric: else nobody asks for it. */
function* lintSeries({ cluster: { metricsAdapters }, namespace }: Scenario, files: Files): Iterable<LintProblem> {
  const manifests = Object.entries(files).filter(([path]) => path !== 'scenario.yaml').map(([, content]) => content)
  for (const kind of ['custom', 'external'] as const) {
    for (const [i, series] of (metricsAdapters[kind] ?? []).entries()) {
      const at = `cluster.metricsAdapters.${kind}.${i}`
      if (!manifests.some((content) => content.includes(series.metric))) yield { at, message: `No manifest names the metric "${series.metric}".` }
      const ref = 'shared' in series ? (series.workload ?? series.object) : undefined
      if (ref === undefined) continue
      try {
        refFrom(ref, namespace)
      } catch (error) {
        yield { at, message: `${(error as Error).message}.` }
      }
    }
  }
}

/** The latest moments a goal looks at. */
function momentsOf(goal: Scenario['goals'][number]): [string, number][] {
  const moments: [string, number | undefined][] = [
    ['at', goal.reach?.at ?? goal.file?.at],
    ['until', goal.noRestart?.until ?? goal.noLoss?.until ?? goal.serves?.until ?? goal.endpointChanges?.until ?? goal.neverStarted?.until ?? goal.logs?.until],
    ...[goal.ready, goal.restarted, goal.leaves, goal.config, goal.scale].flatMap((spec): [string, number][] => (spec ? [['after + within', spec.after + spec.within]] : [])),
  ]
  return moments.filter((moment): moment is [string, number] => moment[1] !== undefined)
}

function* lintSteps(run: Scenario['runs'][number], at: string, scenario: Scenario, files: Files): Iterable<LintProblem> {
  for (const [i, step] of run.steps.entries()) {
    const verbs = Object.entries(step).filter(([key, value]) => key !== 'at' && key !== 'as' && value !== undefined)
    if (verbs.length !== 1) yield { at: `${at}.${i}`, message: `A step does exactly one thing; this one does ${verbs.length === 0 ? 'none' : verbs.map(([name]) => name).join(', ')}.` }
    if (step.at > run.length) yield { at: `${at}.${i}`, message: 'The step comes after the end of the run.' }
    for (const file of step.apply ?? []) if (!Object.hasOwn(files, file)) yield { at: `${at}.${i}`, message: `There is no file ${file}.` }
    const nodes = [step.cordon, step.uncordon, step.failNode, step.recoverNode, step.drain?.node, step.memoryPressure?.node, step.diskPressure?.node, step.nodeFiles?.node].filter((name) => name !== undefined)
    for (const name of nodes) if (!scenario.cluster.nodes.some((node) => node.name === name)) yield { at: `${at}.${i}`, message: `There is no node ${name}.` }
    if (step.external && !scenario.externals.some(({ name }) => name === step.external!.name)) yield { at: `${at}.${i}`, message: `There is no external "${step.external.name}".` }
    const refs = [step.delete, step.restart, step.undo, step.patch?.object, step.scale?.workload, step.setImage?.workload, step.deletePods?.workload, step.behave?.workload, step.load?.workload].filter((ref) => ref !== undefined)
    for (const ref of refs) {
      try {
        refFrom(ref, scenario.namespace)
      } catch (error) {
        yield { at: `${at}.${i}`, message: `${(error as Error).message}.` }
      }
    }
  }
}
