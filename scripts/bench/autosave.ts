/**
 * `npm run bench -- autosave`: saved answers per second of the whole application (session, CSRF, headers, limits, compare-and-set, acknowledged
 * after the commit) against two bare node:http handlers with prepared statements on the same durability: one commits per request, one groups
 * commits. Every server is a process of its own, started and measured in turn, round after round; what counts is the ratio within this run.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'

const contestants = ['readyz', 'bare-each', 'bare-grouped'] as const
type Contestant = (typeof contestants)[number]
type Ready = { port: number; saves: { cookie: string; path: string }[] }
type Round = { perSecond: number; p50: number; p99: number; refused: number; cpuMicros: number }

const server = fileURLToPath(new URL('./autosave-server.ts', import.meta.url))
/** A manifest of usual length. */
const answer = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: battle\n  namespace: game\nspec:\n  selector:\n    app: battle\n  ports:\n    - name: grpc\n      port: 9000\n      targetPort: grpc\n    - name: metrics\n      port: 9090\n      targetPort: metrics\n  publishNotReadyAddresses: false\n  sessionAffinity: None\n  type: ClusterIP\n'

async function start(name: Contestant, folder: string): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = spawn(process.execPath, ['--import', 'tsx', server, name, folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'info' } })
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready))
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready.`)))
  })
  return { child, ready }
}

function cpuMicros(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve((message as { cpuMicros: number }).cpuMicros))
    child.send('cpu')
  })
}

/** Every connection is a browser of its own that saves one answer again and again, each time with the revision it was told. */
async function measure(child: ChildProcess, { port, saves }: Ready, connections: number, seconds: number): Promise<Round> {
  const before = await cpuMicros(child)
  let next = 0
  const run = autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    setupClient: (client) => {
      const save = saves[next++ % saves.length]!
      let revision = 0
      let count = 0
      const headers = { 'content-type': 'application/json', accept: 'application/json', cookie: save.cookie, 'sec-fetch-site': 'same-origin' }
      client.setRequests([{
        method: 'POST',
        setupRequest: (request: object) => ({ ...request, method: 'POST', path: save.path, headers, body: JSON.stringify({ revision, answer: `${answer}# ${count++}` }) }),
        onResponse: (_status: number, body: string) => void (revision = (JSON.parse(body) as { revision?: number }).revision ?? revision),
      }])
    },
  })
  const result = await run
  return { perSecond: Math.round(result['2xx'] / result.duration), p50: result.latency.p50, p99: result.latency.p99, refused: result.non2xx + result.errors, cpuMicros: Math.round(((await cpuMicros(child)) - before) / Math.max(1, result['2xx'])) }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Options: --rounds N (3), --seconds N (5), --connections N (50). */
export async function run(argv: readonly string[]): Promise<number> {
  const option = (name: string, fallback: number) => {
    const at = argv.indexOf(`--${name}`)
    return at < 0 ? fallback : Number(argv[at + 1])
  }
  const [rounds, seconds, connections] = [option('rounds', 3), option('seconds', 5), option('connections', 50)]
  const results: Record<Contestant, Round[]> = { readyz: [], 'bare-each': [], 'bare-grouped': [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of contestants) {
      const folder = mkdtempSync(join(tmpdir(), 'readyz-bench-'))
      const { child, ready } = await start(name, folder)
      await measure(child, ready, connections, 1)
      results[name].push(await measure(child, { ...ready, saves: ready.saves.slice(connections) }, connections, seconds))
      child.kill()
      await new Promise((resolve) => child.once('exit', resolve))
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const rows = contestants.map((name) => ({ name, perSecond: median(results[name].map((one) => one.perSecond)), p50: median(results[name].map(({ p50 }) => p50)), p99: median(results[name].map(({ p99 }) => p99)), cpuMicros: median(results[name].map((one) => one.cpuMicros)), refused: results[name].reduce((sum, { refused }) => sum + refused, 0) }))
  process.stdout.write(`Saved answers, ${connections} connections, median of ${rounds} rounds of ${seconds} s, every acknowledged answer on disk (synchronous=FULL)\n\n`)
  for (const { name, perSecond, p50, p99, cpuMicros: micros, refused } of rows) process.stdout.write(`${name.padEnd(13)} ${String(perSecond).padStart(7)} /s   p50 ${String(p50).padStart(4)} ms   p99 ${String(p99).padStart(4)} ms   processor ${String(micros).padStart(4)} µs each   refused ${refused}\n`)
  const [own, each, grouped] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]]
  process.stdout.write(`\nreadyz / commit per request  ${(own.perSecond / each.perSecond).toFixed(2)} (goal 2)\nreadyz / commits grouped     ${(own.perSecond / grouped.perSecond).toFixed(2)} (goal 0.5)\n`)
  return rows.some(({ refused }) => refused > 0) ? 1 : 0
}
