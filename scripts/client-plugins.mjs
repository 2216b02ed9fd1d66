// What esbuild needs to bundle the checker for browsers in parts: at once what every manifest needs, later what few need.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import Handlebars from 'handlebars'
import ts from 'typescript'

/** What a rule says for people; it is needed when a rule reports, not before. */
const wordNames = new Set(['title', 'why', 'fix', 'links', 'examples'])

const nameOf = (property) => property.name?.text
const isRule = (node) => ts.isObjectLiteralExpression(node) && ['id', 'why', 'examples'].every((name) => node.properties.some((property) => nameOf(property) === name))

/** The source of a rule without its words. */
export function withoutWords(source) {
  const file = ts.createSourceFile('rule.ts', source, ts.ScriptTarget.Latest, false)
  const cuts = []
  const visit = (node) => {
    if (!isRule(node)) return ts.forEachChild(node, visit)
    for (const [index, property] of node.properties.entries()) {
      if (wordNames.has(nameOf(property))) cuts.push([property.getFullStart(), node.properties[index + 1]?.getFullStart() ?? node.properties.end])
    }
  }
  visit(file)
  return cuts.reverse().reduce((text, [start, end]) => text.slice(0, start) + text.slice(end), source)
}

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

/** The API groups of nearly all manifests; the kinds of the others are loaded when one of them turns up. */
const usual = /^(v1|(apps|batch|networking\.k8s\.io|policy|rbac\.authorization\.k8s\.io|storage\.k8s\.io|scheduling\.k8s\.io|coordination\.k8s\.io|discovery\.k8s\.io)\/v1|autoscaling\/v2) /

/** The newest structures in two parts: the usual kinds with every type in them, and what is left. */
function parted(structure) {
  const kinds = structure.kinds.filter((line) => usual.test(line))
  const types = {}
  const take = (model) => {
    if (Object.hasOwn(types, model) || !Object.hasOwn(structure.types, model)) return
    types[model] = structure.types[model]
    for (const field of structure.types[model].split(' ')) take(field.slice(field.indexOf(':') + 1).replace(/^[[{]+/, ''))
  }
  for (const line of kinds) take(line.split(' ')[2])
  const rest = { kinds: structure.kinds.filter((line) => !usual.test(line)), types: Object.fromEntries(Object.entries(structure.types).filter(([model]) => !Object.hasOwn(types, model))) }
  return { first: { ...structure, kinds, types }, rest }
}

const jsonModule = (names) => Object.entries(names).map(([name, value]) => `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))})`).join('\n')

/** The API server without its judge of custom resources; whoever needs it imports custom/judge.ts and hands it in. */
export function customJudgeLater() {
  return {
    name: 'custom-judge-later',
    setup(on) {
      on.onResolve({ filter: /^\.\/judge\.ts$/ }, ({ importer }) => (/[\\/]apiserver[\\/]custom[\\/]index\.ts$/.test(importer) ? { path: 'none', namespace: 'custom-judge' } : undefined))
      on.onLoad({ filter: /.*/, namespace: 'custom-judge' }, () => ({ contents: 'export const judgeCustom = undefined', loader: 'js' }))
    },
  }
}

/** Rules lose their words, schemas their unusual kinds; `rule-words` and `schemas-rest` are modules that hold them. `custom-judge` is the judge of custom resources. */
export function checkerInParts(root) {
  const virtual = {
    'rule-words': async () => jsonModule({ words: await wordsOfRules(root) }),
    'schemas-rest': async () => jsonModule({ rest: parted((await exportsOf(root, 'server/k8s/schemas/generated/newest.ts')).newest).rest, older: (await exportsOf(root, 'server/k8s/schemas/generated/older.ts')).older }),
  }
  return {
    name: 'checker-in-parts',
    setup(on) {
      on.onLoad({ filter: /[\\/]server[\\/]checker[\\/]rules[\\/][\w-]+\.ts$/ }, ({ path }) => ({ contents: ruleForBrowsers(readFileSync(path, 'utf8')), loader: 'ts' }))
      on.onLoad({ filter: /[\\/]schemas[\\/]generated[\\/]newest\.ts$/ }, async () => ({ contents: jsonModule({ newest: parted((await exportsOf(root, 'server/k8s/schemas/generated/newest.ts')).newest).first }), loader: 'js' }))
      on.onLoad({ filter: /[\\/]schemas[\\/]generated[\\/]older\.ts$/ }, () => ({ contents: 'export const older = []', loader: 'js' }))
      on.onResolve({ filter: /^custom-judge$/ }, () => ({ path: join(root, 'server/apiserver/custom/judge.ts') }))
      on.onResolve({ filter: /^(rule-words|schemas-rest)$/ }, ({ path }) => ({ path, namespace: 'parts' }))
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
