// What esbuild needs to bundle the checker for browsers in parts: at once what every manifest needs, later what few need.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import Handlebars from 'handlebars'
import ts from 'typescript'

/** What a rule says for people; it is needed when a rule reports, not before. */
const wordNames = new Set(['title', 'why', 'fix', 'links', 'examples'])

const nameOf = (property) => property.name?.text
const isRule = (node) => ['id', 'why', 'examples'].every((name) => node.properties.some((property) => nameOf(property) === name))

/** The source without the named properties of the object literals that `isMeant` picks. */
function withoutProperties(source, names, isMeant) {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, false)
  const cuts = []
  const visit = (node) => {
    if (ts.isObjectLiteralExpression(node) && isMeant(node)) {
      for (const [index, property] of node.properties.entries()) {
        if (names.has(nameOf(property))) cuts.push([property.getFullStart(), node.properties[index + 1]?.getFullStart() ?? node.properties.end])
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return cuts.reverse().reduce((text, [start, end]) => text.slice(0, start) + text.slice(end), source)
}

/** The source of a rule without its words. */
export const withoutWords = (source) => withoutProperties(source, wordNames, isRule)

/** The kinds of the API server without their rules for updates: pages ask about new objects only. */
const withoutUpdates = (source) => withoutProperties(source, new Set(['validateUpdate', 'prepareUpdate']), () => true)

/** Pages never ask for optional rules, so browsers need only know that they are such. */
const ruleForBrowsers = (source) => (/^ {2}optional: true,$/m.test(source) ? `export default { id: ${/^ {2}id: ('[\w-]+'),$/m.exec(source)[1]}, optional: true, kinds: [], check: () => [] }` : withoutWords(source))

/** What a module of the server exports, bundled on the spot. */
async function exportsOf(root, path) {
  const { outputFiles } = await build({ absWorkingDir: root, entryPoints: [path], bundle: true, write: false, format: 'esm', platform: 'neutral', mainFields: ['module', 'main'], logLevel: 'error' })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

async function wordsOfRules(root) {
  const { rules } = await exportsOf(root, 'server/checker/rules/index.ts')
  return Object.fromEntries(rules.map(({ id, title, why, fix, links }) => [id, { title, why, fix, links: links.slice(0, 1) }]))
}

/** Structures come in families, each loaded when a manifest of its kinds turns up: what runs pods, other kinds of everyday manifests, and the rest. */
const families = {
  workloads: /^(v1 (Pod|PodTemplate|ReplicationController)|apps\/v1 (Deployment|ReplicaSet|StatefulSet|DaemonSet)|batch\/v1 \w+) /,
  usual: /^(v1|(apps|networking\.k8s\.io|policy|rbac\.authorization\.k8s\.io|storage\.k8s\.io|scheduling\.k8s\.io|coordination\.k8s\.io|discovery\.k8s\.io)\/v1|autoscaling\/v2) /,
  rest: /^/,
}

/** The newest structures by family, each with the types that only it needs, and the types that several need. */
function parted(structure) {
  const byFamily = Object.fromEntries(Object.keys(families).map((name) => [name, { kinds: [], models: new Set() }]))
  const take = (model, models) => {
    if (models.has(model) || !Object.hasOwn(structure.types, model)) return
    models.add(model)
    for (const field of structure.types[model].split(' ')) take(field.slice(field.indexOf(':') + 1).replace(/^[[{]+/, ''), models)
  }
  for (const line of structure.kinds) {
    const [name] = Object.entries(families).find(([, pattern]) => pattern.test(line))
    byFamily[name].kinds.push(line)
    take(line.split(' ')[2], byFamily[name].models)
  }
  const sets = Object.values(byFamily).map(({ models }) => models)
  const isShared = (model) => sets.filter((models) => models.has(model)).length > 1
  const pick = (models) => Object.fromEntries(models.map((model) => [model, structure.types[model]]))
  const parts = Object.fromEntries(Object.entries(byFamily).map(([name, { kinds, models }]) => [name, { kinds, types: pick([...models].filter((model) => !isShared(model))) }]))
  // Types that no kind leads to are asked for by name, in the messages of the decoder.
  const left = Object.keys(structure.types).filter((model) => !sets.some((models) => models.has(model)))
  Object.assign(parts.rest.types, pick(left))
  return { first: { ...structure, kinds: [], types: pick(Object.keys(structure.types).filter(isShared)) }, parts }
}

const jsonModule = (names) => Object.entries(names).map(([name, value]) => `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))})`).join('\n')

/** The API server without its judge of custom resources; whoever needs it imports custom/judge.ts and hands it in. */
export function customJudgeLater() {
  return {
    name: 'custom-judge-later',
    setup(on) {
      on.onResolve({ filter: /^\.\/judge\.ts$/ }, ({ importer }) => (/[\\/]apiserver[\\/]custom[\\/]index\.ts$/.test(importer) ? { path: 'none', namespace: 'custom-judge' } : undefined))
      on.onLoad({ filter: /.*/, namespace: 'custom-judge' }, () => ({ contents: 'export const judge = undefined', loader: 'js' }))
    },
  }
}

/** Rules lose their words, schemas their kinds; `rule-words`, `schemas-workloads`, `schemas-usual` and `schemas-rest` are modules that hold them. `custom-judge` is the judge of custom resources. */
export function checkerInParts(root) {
  let structures
  const newest = () => (structures ??= exportsOf(root, 'server/k8s/schemas/generated/newest.ts').then(({ newest }) => parted(newest)))
  const virtual = {
    'rule-words': async () => jsonModule({ words: await wordsOfRules(root) }),
    'schemas-workloads': async () => jsonModule({ part: (await newest()).parts.workloads }),
    'schemas-usual': async () => jsonModule({ part: (await newest()).parts.usual }),
    'schemas-rest': async () => jsonModule({ part: (await newest()).parts.rest, older: (await exportsOf(root, 'server/k8s/schemas/generated/older.ts')).older }),
  }
  return {
    name: 'checker-in-parts',
    setup(on) {
      on.onLoad({ filter: /[\\/]server[\\/]checker[\\/]rules[\\/][\w-]+\.ts$/ }, ({ path }) => ({ contents: ruleForBrowsers(readFileSync(path, 'utf8')), loader: 'ts' }))
      on.onLoad({ filter: /[\\/]apiserver[\\/]validation[\\/](workload|resource)-kinds\.ts$/ }, ({ path }) => ({ contents: withoutUpdates(readFileSync(path, 'utf8')), loader: 'ts' }))
      on.onLoad({ filter: /[\\/]schemas[\\/]generated[\\/]newest\.ts$/ }, async () => ({ contents: jsonModule({ newest: (await newest()).first }), loader: 'js' }))
      on.onLoad({ filter: /[\\/]schemas[\\/]generated[\\/]older\.ts$/ }, () => ({ contents: 'export const older = []', loader: 'js' }))
      on.onResolve({ filter: /^custom-judge$/ }, () => ({ path: join(root, 'server/apiserver/custom/judge.ts') }))
      on.onResolve({ filter: /^(rule-words|schemas-(workloads|usual|rest))$/ }, ({ path }) => ({ path, namespace: 'parts' }))
      on.onLoad({ filter: /.*/, namespace: 'parts' }, async ({ path }) => ({ contents: await virtual[path](), loader: 'js' }))
    },
  }
}

/** Helpers that a template may use in a browser; report-view.ts has them. */
const knownHelpers = { t: true, icon: true, eq: true, or: true, concat: true }

/** `import spec from './x.hbs'` gives a compiled template, so that browsers need no compiler. */
export function templates() {
  return {
    name: 'templates',
    setup(on) {
      on.onLoad({ filter: /\.hbs$/ }, ({ path }) => ({ contents: `export default ${Handlebars.precompile(readFileSync(path, 'utf8'), { knownHelpers, knownHelpersOnly: true, preventIndent: true })}`, loader: 'js' }))
    },
  }
}
