/**
 * Makes a fresh clone runnable: packages, the native database driver, the Prisma client, Kubernetes schemas, the browser bundle.
 * Run by `npm start`, `npm test` and `npx readyz`. Every step looks at what is there and does nothing when it is right, so a second run
 * costs a moment. Depends on Node alone. Needs the npm registry for the packages and nothing else from the network.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (...parts) => join(root, ...parts)
const lock = at('build/.preparing')
const stamps = at('build/.prepared.json')
const lockStaleMs = 15 * 60_000
/** Prisma would otherwise download an engine that nothing here uses; any existing file keeps it from that. */
const environment = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' }

/** Ends with a message a person can act on. */
class CannotPrepare extends Error {}

const say = (text) => process.stderr.write(`${text}\n`)

function nodeProblem(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  const isFine = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
  return isFine ? undefined : `Node ${version} is too old. Readyz needs Node 20.19 or later, 22.12 or later, or 24: https://nodejs.org/en/download`
}

/** Compares the lock file with npm's own record of what it installed, so packages installed by hand count too. */
function packagesAreRight() {
  const record = at('node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => path === '' || optional || devOptional || peer || installed[path]?.version === version)
}

function run(command, args, { env = environment, quiet = false, shell = false } = {}) {
  const result = spawnSync(command, args, { cwd: root, env, shell, encoding: 'utf8', stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2] })
  if (result.error) throw result.error
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}` }
}

/** The npm that started us; on its own, the one on the path. */
function npm(...args) {
  const self = process.env.npm_execpath
  // A light optimisation halves the compile time of SQLite; its speed in our queries is the same.
  const env = { ...environment, CFLAGS: '-O1', CXXFLAGS: '-O1' }
  return self && /\.c?js$/.test(self) ? run(process.execPath, [self, ...args], { env }) : run('npm', args, { env, shell: process.platform === 'win32' })
}

function installPackages() {
  say('Installing packages from the lock file. This happens once and takes about a minute.')
  // Development packages too: the TypeScript loader and the bundler are needed to run.
  if (!npm('ci', '--include=dev', '--no-audit', '--no-fund').ok) throw new CannotPrepare('The packages could not be installed; the lines above say why. The npm registry must be reachable.')
}

/** Loads the driver and opens a database in memory; undefined when that works. */
function driverProblem() {
  try {
    const require = createRequire(at('package.json'))
    const Database = require('better-sqlite3')
    new Database(':memory:').close()
    return undefined
  } catch (error) {
    return error.message.split('\n')[0]
  }
}

function mendDriver(problem) {
  say(`The database driver does not load (${problem}). Building it for this Node.`)
  npm('rebuild', 'better-sqlite3')
  // A module that failed to load once may load now, but not in this process on every system: ask a new one.
  const check = run(process.execPath, ['-e', "new (require('better-sqlite3'))(':memory:').close()"], { quiet: true })
  if (!check.ok) throw new CannotPrepare('better-sqlite3 could not be built. It needs a C++ compiler, make and Python 3 (Debian: apt-get install build-essential python3), or a Node version that has a prebuilt binary.')
}

function* filesBelow(path) {
  if (!existsSync(at(path))) return
  if (statSync(at(path)).isFile()) return yield path
  for (const entry of readdirSync(at(path), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'generated') continue
    if (entry.isDirectory()) yield* filesBelow(`${path}/${entry.name}`)
    else yield `${path}/${entry.name}`
  }
}

function hashOf(paths) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0])
  for (const path of paths) for (const file of filesBelow(path)) hash.update(file).update('\0').update(readFileSync(at(file))).update('\0')
  return hash.digest('hex')
}

/** Derived files: made again when what they come from has changed, or when they are gone. */
const derived = [
  {
    name: 'Prisma client',
    from: ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
    to: 'server/db/generated/client.ts',
    // The compiled program itself, because npx would look for one on the network.
    make: () => run(process.execPath, [at('node_modules/prisma/build/index.js'), 'generate'], { quiet: true }),
  },
  {
    name: 'Kubernetes schemas',
    needs: 'scripts/generate/schemas.ts',
    from: ['scripts/generate.ts', 'scripts/generate', 'package-lock.json'],
    to: 'server/k8s/schemas/generated',
    make: () => run(process.execPath, ['--import', 'tsx', 'scripts/generate.ts', 'schemas'], { quiet: true }),
  },
  {
    name: 'browser files',
    needs: 'views/client/site.ts',
    from: ['views/client', 'views/partials', 'views/styles', 'views/static', 'server/checker', 'server/apiserver', 'server/k8s', 'server/question-types', 'scripts/build-client.mjs', 'scripts/client-plugins.mjs', 'package-lock.json'],
    to: 'build/client/manifest.json',
    make: () => run(process.execPath, ['scripts/build-client.mjs'], { quiet: true }),
  },
  {
    name: 'checker for other programs',
    from: ['server/checker', 'server/apiserver', 'server/k8s', 'scripts/build-checker.mjs', 'package-lock.json'],
    to: 'build/checker/index.js',
    make: () => run(process.execPath, ['scripts/build-checker.mjs'], { quiet: true }),
  },
  {
    name: 'command line',
    from: ['server', 'scripts/commands', 'scripts/build-node.mjs', 'scripts/client-plugins.mjs', 'package-lock.json'],
    to: 'build/cli/check.mjs',
    make: () => run(process.execPath, ['scripts/build-node.mjs', 'cli'], { quiet: true }),
  },
  {
    name: 'grading thread',
    from: ['server', 'scripts/build-node.mjs', 'package-lock.json'],
    to: 'build/threads/worker.mjs',
    make: () => run(process.execPath, ['scripts/build-node.mjs', 'thread'], { quiet: true }),
  },
]

function readStamps() {
  try {
    return JSON.parse(readFileSync(stamps, 'utf8'))
  } catch {
    return {}
  }
}

function missingDerived() {
  const made = readStamps()
  return derived.filter(({ needs }) => needs === undefined || existsSync(at(needs))).flatMap((step) => {
    const hash = hashOf(step.from)
    return made[step.name] === hash && existsSync(at(step.to)) ? [] : [{ ...step, hash }]
  })
}

function make({ name, hash, make: build }) {
  say(`Making the ${name}.`)
  const { ok, output } = build()
  if (!ok) throw new CannotPrepare(`The ${name} could not be made:\n${output}`)
  writeFileSync(stamps, `${JSON.stringify({ ...readStamps(), [name]: hash }, null, 2)}\n`)
}

/** `npx readyz` then starts this checkout's own program, at once and without the network. */
function linkProgram() {
  const program = at('scripts/readyz.mjs')
  if (!existsSync(program)) return
  const link = at('node_modules/.bin/readyz')
  if (process.platform === 'win32') {
    if (!existsSync(`${link}.cmd`)) writeFileSync(`${link}.cmd`, `@node "${program}" %*\r\n`)
    return
  }
  if (!existsSync(link)) {
    mkdirSync(at('node_modules/.bin'), { recursive: true })
    rmSync(link, { force: true })
    symlinkSync('../../scripts/readyz.mjs', link)
  }
  if ((statSync(program).mode & 0o111) === 0) chmodSync(program, 0o755)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function lockIsStale() {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'))
    return !isAlive(pid) || Date.now() - statSync(lock).mtimeMs > lockStaleMs
  } catch {
    // Just made, its number not written yet; or just gone.
    return existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 10_000
  }
}

/** Two commands may be started together; the second waits and then finds everything done. */
async function alone(work) {
  mkdirSync(at('build'), { recursive: true })
  for (let waits = 0; ; waits++) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (lockIsStale()) rmSync(lock, { recursive: true, force: true })
      else {
        if (waits === 0) say('Waiting for another command that is preparing this folder.')
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
  }
  writeFileSync(join(lock, 'pid'), String(process.pid))
  try {
    work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

/** Throws CannotPrepare. */
export async function prepare() {
  const problem = nodeProblem()
  if (problem) throw new CannotPrepare(problem)
  if (packagesAreRight() && driverProblem() === undefined && missingDerived().length === 0) return linkProgram()
  await alone(() => {
    if (!packagesAreRight()) installPackages()
    const driver = driverProblem()
    if (driver !== undefined) mendDriver(driver)
    for (const step of missingDerived()) make(step)
    linkProgram()
  })
}

/** Prepares, or says what is wrong; true when the folder is ready. */
export async function prepareOrExplain() {
  try {
    await prepare()
    return true
  } catch (error) {
    if (!(error instanceof CannotPrepare)) throw error
    say(error.message)
    return false
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && !(await prepareOrExplain())) process.exitCode = 2
