/** Tools about time, processes and the machine. */
import type { Millis } from '../../../../k8s/duration.ts'
import { AppProcess } from '../../app.ts'
import { signalName } from '../../host.ts'
import type { Command } from '../builtins.ts'
import { echo, printf, quick, test } from '../builtins.ts'
import type { Interpreter } from '../run.ts'
import type { Frame, Step, Streams } from '../session.ts'
import { environmentOf, shellPrefix, Undecided } from '../session.ts'
import { sendSignal } from '../signals.ts'
import { splitFlags } from './flags.ts'

const unitMs: Record<string, number> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `5`, `0.5`, `2m`, `1d`; Infinity for `infinity`; undefined for no time. */
export function timeOf(text: string): Millis | undefined {
  if (text === 'infinity' || text === 'inf') return Infinity
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text)
  return match ? Math.round(Number(match[1]) * unitMs[match[2]!]!) : undefined
}

function* sleep(shell: Interpreter, args: readonly string[], _frame: Frame, streams: Streams): Step<number> {
  let ms = 0
  for (const arg of args) {
    const time = timeOf(arg)
    if (time === undefined) {
      streams.err(`sleep: invalid number '${arg}'\n`)
      return 1
    }
    ms += time
  }
  if (args.length === 0) return 1
  if (ms === Infinity) yield { on: () => () => undefined }
  else if (ms > 0) yield { ms }
  return 0
}

/** timeout [-s SIGNAL] [-k TIME] TIME COMMAND; also busybox's old -t TIME. */
function* timeout(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  const words = [...args]
  let limit: string | undefined
  let signal = 'SIGTERM'
  while (words[0]?.startsWith('-')) {
    const flag = words.shift()!
    if (flag === '-t') limit = words.shift()
    else if (flag === '-s') signal = signalName(words.shift() ?? 'TERM')
    else if (flag === '-k') words.shift()
  }
  const ms = timeOf(limit ?? words.shift() ?? '')
  if (ms === undefined || words.length === 0) return 1
  const until = ms === 0 ? Infinity : shell.session.now() + ms
  const inner = shell.external(words, frame, streams)
  try {
    for (;;) {
      const step = inner.next()
      if (step.done) return step.value
      const left = until - shell.session.now()
      const wait = step.value
      if (wait.ms !== undefined && wait.ms < left) yield wait
      else if (left === Infinity) yield wait
      else if (wait.on === undefined) {
        yield { ms: Math.max(0, left) }
        break
      } else {
        yield { ...wait, ms: Math.max(0, left) }
        if (shell.session.now() >= until) break
      }
    }
    const userland = shell.session.host.spec.image.image.userland
    return signal === 'SIGKILL' ? 137 : userland === 'debian' ? 124 : 143
  } finally {
    inner.return(0)
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const date: Command = quick((shell, args, _frame, streams) => {
  const { cluster } = shell.session.host
  const time = new Date(cluster.timestamp(shell.session.now()))
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1) ?? '%a %b %e %H:%M:%S UTC %Y'
  const two = (value: number): string => String(value).padStart(2, '0')
  const parts: Record<string, string> = {
    Y: String(time.getUTCFullYear()), m: two(time.getUTCMonth() + 1), d: two(time.getUTCDate()), e: String(time.getUTCDate()).padStart(2), H: two(time.getUTCHours()), M: two(time.getUTCMinutes()), S: two(time.getUTCSeconds()),
    s: String(time.getTime() / 1000), a: days[time.getUTCDay()]!, b: months[time.getUTCMonth()]!, y: two(time.getUTCFullYear() % 100), Z: 'UTC', z: '+0000', N: '000000000', j: '005',
  }
  const long = format.replaceAll('%F', '%Y-%m-%d').replaceAll('%T', '%H:%M:%S').replaceAll('%R', '%H:%M')
  streams.out(`${long.replaceAll(/%(.)/g, (all, key: string) => parts[key] ?? (key === '%' ? '%' : all))}\n`)
  return 0
})

const environment: Command = (shell, args, frame, streams) => {
  const words = [...args]
  const inner: Frame = { ...frame, variables: new Map(frame.variables), exported: new Set(frame.exported) }
  while (words[0] !== undefined && (words[0].startsWith('-') || /^[A-Za-z_]\w*=/.test(words[0]))) {
    const word = words.shift()!
    if (word === '-i' || word === '-') inner.exported.clear()
    else if (word === '-u') inner.exported.delete(words.shift() ?? '')
    else if (word.includes('=')) {
      const at = word.indexOf('=')
      inner.variables.set(word.slice(0, at), word.slice(at + 1))
      inner.exported.add(word.slice(0, at))
    }
  }
  if (words.length > 0) return shell.external(words, inner, streams)
  return quick(() => {
    for (const [name, value] of environmentOf(inner)) streams.out(`${name}=${value}\n`)
    return 0
  })(shell, [], inner, streams)
}

const printenv: Command = quick((_shell, args, frame, streams) => {
  const env = environmentOf(frame)
  if (args.length === 0) for (const [name, value] of env) streams.out(`${name}=${value}\n`)
  let status = 0
  for (const name of args) {
    const value = env.get(name)
    if (value === undefined) status = 1
    else streams.out(`${value}\n`)
  }
  return status
})

const id: Command = quick((shell, args, _frame, streams) => {
  const { uid, gid, groups } = shell.session.host.spec.user
  const { flags } = splitFlags(args, '')
  const all = [...new Set([gid, ...groups])]
  if (flags.has('u')) streams.out(`${uid}\n`)
  else if (flags.has('g')) streams.out(`${gid}\n`)
  else if (flags.has('G')) streams.out(`${all.join(' ')}\n`)
  else streams.out(`uid=${uid}${uid === 0 ? '(root)' : ''} gid=${gid}${gid === 0 ? '(root)' : ''} groups=${all.map((group) => `${group}${group === 0 ? '(root)' : ''}`).join(',')}\n`)
  return 0
})

/** pgrep, pidof, pkill: programs by name. */
function byName(tool: 'pgrep' | 'pidof' | 'pkill'): Command {
  return quick((shell, args, _frame, streams) => {
    const names = args.filter((arg) => !arg.startsWith('-'))
    const signal = args.map((arg) => /^-([A-Z0-9]+)$/.exec(arg)?.[1]).find((text) => text !== undefined)
    const found = shell.session.host.visible().filter(({ task }) => task instanceof AppProcess && names.some((name) => (tool === 'pidof' ? task.name === name.split('/').at(-1) : task.name.includes(name.split('/').at(-1)!))))
    if (tool === 'pkill') for (const { pid } of found) sendSignal(shell, [...(signal === undefined ? [] : [`-${signal}`]), String(pid)], streams)
    else if (found.length > 0) streams.out(`${found.map(({ pid }) => pid).join(tool === 'pidof' ? ' ' : '\n')}\n`)
    return found.length > 0 ? 0 : 1
  })
}

const ps: Command = quick((shell, _args, _frame, streams) => {
  streams.out('PID   USER     TIME  COMMAND\n')
  for (const { pid, uid, argv } of shell.session.host.visible()) streams.out(`${String(pid).padStart(5)} ${(uid === 0 ? 'root' : String(uid)).padEnd(8)}  0:00 ${argv.join(' ')}\n`)
  return 0
})

const seq: Command = quick((_shell, args, _frame, streams) => {
  const numbers = args.map(Number)
  const [first, step, last] = numbers.length === 1 ? [1, 1, numbers[0]!] : numbers.length === 2 ? [numbers[0]!, 1, numbers[1]!] : [numbers[0]!, numbers[1]!, numbers[2]!]
  if (numbers.some(Number.isNaN) || step === 0) return 1
  const lines: number[] = []
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) if (lines.push(value) >= 10_000) break
  if (lines.length > 0) streams.out(`${lines.join('\n')}\n`)
  return 0
})

const expr: Command = quick((_shell, args, _frame, streams) => {
  const [left = '', operator, right = ''] = args
  const a = Number(left)
  const b = Number(right)
  const results: Record<string, () => string | number> = { '+': () => a + b, '-': () => a - b, '*': () => a * b, '/': () => Math.trunc(a / b), '%': () => a % b, '=': () => Number(left === right), '!=': () => Number(left !== right), '<': () => Number(a < b), '>': () => Number(a > b), '<=': () => Number(a <= b), '>=': () => Number(a >= b) }
  if (args.length === 1) streams.out(`${left}\n`)
  else if (args.length !== 3 || !Object.hasOwn(results, operator!)) throw new Undecided(`expr ${args.join(' ')}`)
  const value = args.length === 1 ? left : String(results[operator!]!())
  if (args.length === 3) streams.out(`${value}\n`)
  return value === '' || value === '0' ? 1 : 0
})

function* xargs(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  const words = [...args]
  let each = Infinity
  while (words[0]?.startsWith('-')) {
    const flag = words.shift()!
    if (flag === '-n') each = Number(words.shift())
    else if (flag === '-I' || flag === '-P') throw new Undecided(`xargs ${flag}`)
  }
  const items = streams.input.text.split(/\s+/).filter((word) => word !== '')
  streams.input.text = ''
  let status = 0
  for (let at = 0; at === 0 || at < items.length; at += each) {
    const code = yield* shell.external([...(words.length > 0 ? words : ['echo']), ...items.slice(at, at + each)], frame, streams)
    if (code !== 0) status = 123
  }
  return status
}

const plainText = (text: (shell: Interpreter, args: readonly string[]) => string): Command => quick((shell, args, _frame, streams) => {
  streams.out(`${text(shell, args)}\n`)
  return 0
})

export const processTools: [string, Command][] = [
  ['sleep', sleep], ['timeout', timeout], ['date', date], ['env', environment], ['printenv', printenv], ['id', id], ['ps', ps], ['seq', seq], ['expr', expr], ['xargs', xargs],
  ['pgrep', byName('pgrep')], ['pidof', byName('pidof')], ['pkill', byName('pkill')],
  ['kill', quick((shell, args, _frame, streams) => sendSignal(shell, args, streams))],
  ['echo', echo], ['printf', printf], ['test', test('test')], ['[', test('[')], ['true', quick(() => 0)], ['false', quick(() => 1)],
  ['hostname', plainText((shell, args) => (args.includes('-i') ? shell.session.host.spec.podIP : shell.session.host.spec.hostname))],
  ['whoami', quick((shell, _args, _frame, streams) => {
    const { uid } = shell.session.host.spec.user
    if (uid === 0 || uid === 65534) {
      streams.out(uid === 0 ? 'root\n' : 'nobody\n')
      return 0
    }
    streams.err(`${shellPrefix(shell.session).replace(/^sh.*$/, 'whoami: ')}unknown uid ${uid}\n`)
    return 1
  })],
  ['uname', plainText((_shell, args) => (args.includes('-a') ? 'Linux localhost 6.12.0 #1 SMP x86_64 GNU/Linux' : args.includes('-m') ? 'x86_64' : args.includes('-r') ? '6.12.0' : 'Linux'))],
  ['nproc', plainText(() => '4')],
  ['basename', plainText((_shell, args) => (args[0] ?? '').replace(/\/+$/, '').split('/').at(-1)!.replace(new RegExp(`${(args[1] ?? '').replaceAll(/[^\w]/g, '\\$&')}$`), ''))],
  ['dirname', plainText((_shell, args) => (args[0] ?? '').includes('/') ? (args[0]!.replace(/\/+$/, '').replace(/\/[^/]*$/, '') || '/') : '.')],
]
