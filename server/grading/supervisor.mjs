/**
 * The main thread of a grading process: it starts the grading thread and hands messages on. Being never busy itself, it sees at once when the server
 * is gone, whatever the thread is doing. Plain JavaScript, because it must start quickly without the TypeScript loader.
 *
 * Arguments: what the thread runs, a URL of bundled JavaScript (.mjs) or of TypeScript; its memory in MB.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/** A run of a cluster makes some 7 MB of short-lived objects; with room for several runs the collector copies little of them. */
const youngMb = 64
/** Deeply nested text ends as a RangeError far below this. A thread gets its stack whatever the limit of the system's shell is. */
const stackMb = 8

const [moduleUrl, memoryMb] = process.argv.slice(2)

/** Node 20 cannot start a thread from a .ts file, not even under `--import tsx`; a line of JavaScript that registers tsx first can, and takes a second and more. */
function startThread() {
  const options = { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: Number(memoryMb), maxYoungGenerationSizeMb: youngMb, stackSizeMb: stackMb } }
  if (moduleUrl.endsWith('.mjs')) return new Worker(new URL(moduleUrl), options)
  // require.resolve finds the CommonJS twin, which cannot register from inside an eval.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs')).href
  return new Worker(`import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(moduleUrl)}) })`, { ...options, eval: true })
}

// An error of the thread has no listener, so it ends this process with its text on stderr, where the pool reads it.
const thread = startThread()
thread.on('message', (message) => process.send(message))
thread.on('exit', (code) => process.exit(code))
process.on('message', (job) => thread.postMessage(job))
// An orderly exit would wait for the thread.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C and service managers signal the whole group; the server decides when its gradings end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
