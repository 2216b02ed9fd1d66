/** The rules of docs/architecture.md that a text scan can hold: who may import whom, purity, size, words. Add a rule here, not to a wiki. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Room → rooms it may import. Single files of server/ are rooms of their own. */
const mayImport: Record<string, readonly string[]> = {
  k8s: [],
  apiserver: ['k8s'],
  checker: ['k8s', 'apiserver'],
  cluster: ['k8s', 'apiserver'],
  'question-types': ['k8s', 'apiserver', 'checker', 'cluster'],
  bank: ['k8s', 'question-types', 'db'],
  grading: ['k8s', 'checker', 'question-types'],
  i18n: ['question-types'],
  db: [],
  accounts: ['question-types', 'db'],
  attempts: ['k8s', 'question-types', 'bank', 'grading', 'accounts', 'db'],
  jobs: ['attempts', 'accounts', 'db'],
  http: ['k8s', 'apiserver', 'checker', 'cluster', 'question-types', 'bank', 'grading', 'accounts', 'attempts', 'i18n'],
}
const forEveryone = ['errors.ts', 'seed.ts', 'deps.ts', 'config.ts']
const seesEverything = ['main.ts', 'app.ts', 'deps.ts']
const extra: Record<string, readonly string[]> = { bank: ['markdown.ts'], attempts: ['markdown.ts'], http: ['markdown.ts'], 'markdown.ts': ['flow-diagram.ts'] }

const pure = ['k8s', 'apiserver', 'checker', 'cluster', 'question-types']
const pureFiles = ['server/seed.ts', 'server/attempts/attempt.ts', 'server/attempts/timing.ts', 'server/attempts/selection.ts', 'server/bank/lint.ts']
const linesMax = 500

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /(^|\/)(generated|node_modules|build)$/.test(path.split(sep).join('/')) ? [] : filesBelow(path, ending)
    return ending.test(entry.name) && statSync(join(root, path)).isFile() ? [path] : []
  })
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const server = filesBelow('server', /\.ts$/)
const code = [...server, ...filesBelow('scripts', /\.(ts|mjs)$/), ...filesBelow('views/client', /\.ts$/), ...filesBelow('tests', /\.ts$/)]

/** Without comments, so that a sentence may speak of what the code must not do. Strings that hold `//` after a colon stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
}

function importsOf(path: string): { target: string; typeOnly: boolean }[] {
  return [...withoutComments(read(path)).matchAll(/(?:^|\n)\s*(import|export)\s+(type\s+)?[^'"\n]*?(?:\{[^}]*\}\s*)?(?:from\s+)?'(\.[^']+)'/g)].map((match) => ({ target: relative(root, resolve(root, dirname(path), match[3]!)), typeOnly: match[2] !== undefined }))
}

function roomOf(path: string): string {
  return path.split(sep)[1]!
}

function problemsIn(files: readonly string[], pattern: RegExp, ignore: (path: string) => boolean = () => false): string[] {
  return files.filter((path) => !ignore(path)).flatMap((path) => withoutComments(read(path)).split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])))
}

const isPure = (path: string): boolean => pure.includes(roomOf(path)) || pureFiles.includes(path.split(sep).join('/'))

describe('the tree', () => {
  it('has code to look at', () => {
    expect(server.length).toBeGreaterThan(100)
  })

  it('imports only from the rooms it may', () => {
    const wrong = server.flatMap((path) => {
      const room = roomOf(path)
      if (seesEverything.includes(room)) return []
      const allowed = new Set([room, ...forEveryone, ...(mayImport[room] ?? []), ...(extra[room] ?? [])])
      return importsOf(path).filter(({ target }) => target.startsWith(`server${sep}`) && !allowed.has(roomOf(target))).map(({ target }) => `${path} imports ${target}`)
    })
    expect(wrong).toEqual([])
  })

  it('enters another room through its index', () => {
    const wrong = server.flatMap((path) => {
      const room = roomOf(path)
      if (seesEverything.includes(room)) return []
      return importsOf(path)
        .filter(({ target }) => target.startsWith(`server${sep}`) && roomOf(target) !== room && !['k8s', 'question-types'].includes(roomOf(target)) && target.split(sep).length > 2 && !/(^|\/)index\.ts$|^server\/db\/client\.ts$/.test(target.split(sep).join('/')))
        .map(({ target }) => `${path} imports ${target}`)
    })
    expect(wrong).toEqual([])
  })

  it('keeps the pure rooms free of clocks, chance, machines and waiting', () => {
    const files = server.filter(isPure)
    expect(files.length).toBeGreaterThan(50)
    expect(problemsIn(files, /from 'node:|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(?:argv|env|exit|hrtime|cwd|memoryUsage|cpuUsage|nextTick|platform|pid|on|once|std|uptime|versions?)\b|\bawait\s|\blocaleCompare\(|\bsetTimeout\(|\bsetInterval\(/)).toEqual([])
  })

  // main.ts hands the environment to config.ts and looks at nothing in it.
  it('reads settings in config.ts only', () => {
    expect(problemsIn(server, /\bprocess\.env\b/, (path) => path === join('server', 'config.ts') || path === join('server', 'main.ts'))).toEqual([])
  })

  it('talks to the database in db/ and store.ts only', () => {
    expect(problemsIn(server, /@prisma\/|better-sqlite3|\/generated\/sqlite/, (path) => roomOf(path) === 'db' || path.endsWith(`${sep}store.ts`) || path === join('server', 'deps.ts'))).toEqual([])
  })

  it('puts HTML into pages unescaped only where it was rendered safely', () => {
    const raw = filesBelow('views', /\.hbs$/).flatMap((path) => read(path).split('\n').flatMap((line, index) => [...line.matchAll(/\{\{\{\s*([^}]+?)\s*\}\}\}/g)].filter(([, name]) => !/(Html|Svg)$|^(body|>.*)$/.test(name!)).map(([all]) => `${path}:${index + 1}: ${all}`)))
    expect(raw).toEqual([])
  })

  it('holds no unfinished work', () => {
    expect(problemsIn(code, /\b(?:FIXME|XXX)\b|\b(?:it|describe|test)\.only\(/, (path) => path === join('tests', 'tidy.test.ts'))).toEqual([])
    expect(problemsIn(server, /\bconsole\.(log|debug)\(/)).toEqual([])
  })

  it('keeps files readable in one sitting', () => {
    const long = server.filter((path) => read(path).split('\n').length > linesMax && !/table|messages|schema/.test(path))
    expect(long).toEqual([])
  })

  it('names files in kebab-case', () => {
    expect(server.filter((path) => !/^[a-z0-9]+([.-][a-z0-9]+)*\.ts$/.test(path.split(sep).at(-1)!))).toEqual([])
  })
})
