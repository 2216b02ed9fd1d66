/**
 * `npm run bench -- checker`: manifests per second on one core, everything included (parse, decode, default, validate, advice), and the start
 * of `readyz check`. The corpus is every manifest of the bank that the server accepts and, where they are there, the accepted ones among the
 * labelled manifests. Compares with kubeconform in the same run when it is on the PATH.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { check } from '../../server/checker/index.ts'
import { parseManifest } from '../../server/k8s/manifest.ts'
import { admit } from '../../server/apiserver/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const rounds = 5
/** Rounds before the first that counts: the engine compiles what runs often. */
const warmUps = 3

function yamlBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.yaml') && entry.name !== 'scenario.yaml' && !entry.parentPath.endsWith('exams')).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

function labelled(): string[] {
  const folder = process.env.READYZ_ORACLE ?? join(root, '../shared/oracle')
  try {
    return ['upstream-open', 'mutants-open', 'rules'].flatMap((name) => readFileSync(join(folder, `${name}.ndjson`), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { stage: string; manifest: unknown }).filter(({ stage }) => stage === 'ok').map(({ manifest }) => stringify(manifest)))
  } catch {
    return []
  }
}

/** Median of the rounds, in manifests per second of processor time: other programs on the machine do not count. */
function perSecond(count: number, work: () => void): number {
  const figures: number[] = []
  for (let round = 0; round < warmUps; round++) work()
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    figures.push(count / ((user + system) / 1e6))
  }
  return figures.sort((a, b) => a - b)[rounds >> 1]!
}

const row = (name: string, figure: number): void => console.log(`${name.padEnd(44)} ${Math.round(figure).toLocaleString('en').padStart(9)} manifests/s`)

export function run(): void {
  const texts = [...yamlBelow(join(root, 'questions')), ...labelled()].filter((text) => check([{ file: 'a', text }], { only: [] }).documents.every(({ verdict }) => verdict === 'accepted'))
  const manifests = texts.map((text) => parseManifest(text))
  const count = manifests.reduce((sum, { documents }) => sum + documents.length, 0)
  console.log(`${count} accepted manifests in ${texts.length} files, one core, median of ${rounds} rounds of processor time\n`)
  row('read', perSecond(count, () => { for (const text of texts) parseManifest(text) }))
  row('decode, default, validate', perSecond(count, () => { for (const { documents } of manifests) for (const { object } of documents) admit(object!) }))
  row('all, without advice', perSecond(count, () => { for (const text of texts) check([{ file: 'a', text }], { only: [] }) }))
  const whole = perSecond(count, () => { for (const text of texts) check([{ file: 'a', text }]) })
  row('all, with advice', whole)
  console.log(`goal: 5,000 manifests/s; ratio ${(whole / 5000).toFixed(2)}\n`)
  compare(texts, count, whole)
  start()
}

function compare(texts: readonly string[], count: number, ours: number): void {
  if (spawnSync('kubeconform', ['-v']).status !== 0) return console.log('kubeconform is not on the PATH: no comparison.')
  const folder = mkdtempSync(join(tmpdir(), 'readyz-bench-'))
  try {
    texts.forEach((text, index) => writeFileSync(join(folder, `${index}.yaml`), text))
    const seconds = [0, 1, 2].map(() => {
      const began = process.hrtime.bigint()
      spawnSync('kubeconform', ['-strict', '-n', '1', '-kubernetes-version', '1.36.0', folder], { env: { ...process.env, GOMAXPROCS: '1' } })
      return Number(process.hrtime.bigint() - began) / 1e9
    }).sort((a, b) => a - b)[1]!
    row('kubeconform -strict -n 1', count / seconds)
    console.log(`ours / kubeconform: ${(ours / (count / seconds)).toFixed(2)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function start(): void {
  const file = join(root, 'examples/lobby.yaml')
  const times = Array.from({ length: 7 }, () => {
    const began = process.hrtime.bigint()
    spawnSync(process.execPath, [join(root, 'scripts/readyz.mjs'), 'check', file, '--quiet'])
    return Number(process.hrtime.bigint() - began) / 1e6
  }).sort((a, b) => a - b)
  console.log(`readyz check one.yaml, from start to end: median ${Math.round(times[3]!)} ms, least ${Math.round(times[0]!)} ms (goal: 400 ms)`)
}
