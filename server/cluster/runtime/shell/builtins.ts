/** Commands the shell carries out itself (POSIX special and regular builtins). */
import { absolutePath } from '../files.ts'
import { signalName } from '../host.ts'
import { lookupProgram } from '../program.ts'
import { shells } from './names.ts'
import type { Interpreter } from './run.ts'
import { setOptions } from './run.ts'
import type { Frame, Step, Streams } from './session.ts'
import { cError, ExitShell, instantly, Jump, shellPrefix, Undecided } from './session.ts'
import { escaped, formatted } from './printf.ts'
import { sendSignal } from './signals.ts'
import { testResult } from './test.ts'

export type Command = (shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams) => Step<number>

/** A command that takes no time. */
export function quick(run: (shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams) => number): Command {
  return (shell, args, frame, streams) => instantly(() => run(shell, args, frame, streams))
}

/** `echo`: -n and -e everywhere; dash understands escapes without being asked. */
export const echo: Command = quick((shell, args, _frame, streams) => {
  const words = [...args]
  let newline = true
  let escapes = shell.session.host.spec.image.image.userland === 'debian'
  while (words.length > 0 && /^-[neE]+$/.test(words[0]!)) {
    const flags = words.shift()!
    if (flags.includes('n')) newline = false
    if (flags.includes('e')) escapes = true
    if (flags.includes('E')) escapes = false
  }
  const text = words.join(' ')
  streams.out(`${escapes ? escaped(text) : text}${newline ? '\n' : ''}`)
  return 0
})

export const printf: Command = quick((_shell, args, _frame, streams) => {
  if (args.length === 0) return 2
  streams.out(formatted(args[0]!, args.slice(1)))
  return 0
})

export const test = (name: string): Command => quick((shell, args, _frame, streams) => {
  const words = [...args]
  if (name === '[' && words.pop() !== ']') {
    streams.err(`${shellPrefix(shell.session)}[: missing ]\n`)
    return 2
  }
  const result = testResult(words, shell.session.host, _frame.cwd)
  if (typeof result === 'boolean') return result ? 0 : 1
  streams.err(`${shellPrefix(shell.session)}${name}: ${result.error}\n`)
  return 2
})

function exitCode(text: string | undefined, frame: Frame): number {
  return text === undefined ? frame.status : Number.parseInt(text, 10) & 255
}

function assignments(args: readonly string[], frame: Frame, each: (name: string, value: string | undefined) => void): void {
  for (const arg of args) {
    const match = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(arg)
    if (!match) continue
    if (match[2] !== undefined) frame.variables.set(match[1]!, match[2])
    each(match[1]!, match[2])
  }
}

function* execute(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  frame.traps.clear()
  throw new ExitShell(yield* shell.external(args, frame, streams, true))
}

/** Reads a line into variables; 1 at the end of the input. */
function readLine(args: readonly string[], frame: Frame, streams: Streams): number {
  const names = args.filter((arg) => !arg.startsWith('-'))
  const { input } = streams
  if (input.text === '') return 1
  const end = input.text.indexOf('\n')
  const line = end < 0 ? input.text : input.text.slice(0, end)
  input.text = end < 0 ? '' : input.text.slice(end + 1)
  const separators = frame.variables.get('IFS') ?? ' \t\n'
  const parts = separators === '' ? [line] : line.trim().split(new RegExp(`[${separators.replaceAll(/[\]\\^-]/g, '\\$&')}]+`))
  for (const [i, name] of (names.length > 0 ? names : ['REPLY']).entries()) frame.variables.set(name, i === Math.max(names.length, 1) - 1 ? parts.slice(i).join(' ') : (parts[i] ?? ''))
  return end < 0 ? 1 : 0
}

function setTraps(shell: Interpreter, args: readonly string[], frame: Frame): number {
  const [action, ...signals] = args[0] === '--' ? args.slice(1) : args
  if (action === undefined) return 0
  if (signals.length === 0) {
    frame.traps.delete(trapName(action))
    return 0
  }
  for (const signal of signals) {
    if (action === '-') frame.traps.delete(trapName(signal))
    else frame.traps.set(trapName(signal), action)
  }
  shell.session.top ??= frame
  return 0
}

function trapName(text: string): string {
  return text === '0' || text.toUpperCase() === 'EXIT' ? 'EXIT' : signalName(text)
}

/** Waits for one job or for all; a trapped signal ends the wait with a status above 128. */
function* waitForJobs(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  const { jobs, pending } = shell.session
  const wanted = args.length > 0 ? args.map((arg) => Number(arg.replace(/^%/, ''))) : [...jobs.keys()]
  let status = 0
  for (const pid of wanted) {
    const job = jobs.get(pid)
    if (!job) {
      status = 127
      continue
    }
    while (job.code === undefined) {
      yield { interruptible: true, on: (wake) => {
        job.watchers.add(wake)
        return () => void job.watchers.delete(wake)
      } }
      if (pending.some((name) => frame.traps.has(name))) {
        yield* shell.traps(frame, streams)
        return 143
      }
    }
    if (args.length > 0) status = job.code
  }
  return status
}

function* sourceFile(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  const { host } = shell.session
  const file = host.files.read(absolutePath(args[0] ?? '', frame.cwd), host.spec.user)
  if (!file.ok) {
    streams.err(`${shellPrefix(shell.session)}.: ${args[0]}: ${file.error === 'ENOENT' ? 'not found' : cError(file.error)}\n`)
    throw new ExitShell(2)
  }
  return yield* shell.source(file.content, frame, streams)
}

/** command -v, type, which: where a name leads. */
function locate(shell: Interpreter, name: string, frame: Frame): string | undefined {
  if (builtins.has(name) || frame.functions.has(name) || shells.has(name)) return name
  const { host } = shell.session
  const found = lookupProgram(host.spec, host.files, name, frame.cwd, frame.variables.get('PATH'))
  return 'text' in found ? undefined : found.path
}

function* command(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  if (args[0] !== '-v' && args[0] !== '-V') return yield* shell.command(args.filter((arg, i) => i > 0 || arg !== '-p'), { ...frame, functions: new Map() }, streams)
  const found = locate(shell, args[1] ?? '', frame)
  if (found !== undefined) streams.out(`${found}\n`)
  return found === undefined ? 127 : 0
}

const undecided = (name: string): Command => quick(() => {
  throw new Undecided(`the shell command ${name}`)
})

export const builtins: ReadonlyMap<string, Command> = new Map<string, Command>([
  [':', quick(() => 0)],
  ['true', quick(() => 0)],
  ['false', quick(() => 1)],
  ['echo', echo],
  ['printf', printf],
  ['test', test('test')],
  ['[', test('[')],
  ['cd', quick((shell, args, frame, streams) => {
    const path = absolutePath(args[0] === '-' ? (frame.variables.get('OLDPWD') ?? '/') : (args[0] ?? frame.variables.get('HOME') ?? '/'), frame.cwd)
    const { host } = shell.session
    const found = host.files.walk(path, host.spec.user)
    if ('error' in found || !found.node.directory) {
      streams.err(`${shellPrefix(shell.session)}cd: can't cd to ${args[0] ?? ''}: ${cError('error' in found ? found.error : 'ENOTDIR')}\n`)
      return 2
    }
    frame.variables.set('OLDPWD', frame.cwd)
    frame.variables.set('PWD', path)
    frame.cwd = path
    return 0
  })],
  ['pwd', quick((_shell, _args, frame, streams) => {
    streams.out(`${frame.cwd}\n`)
    return 0
  })],
  ['exit', quick((_shell, args, frame) => { throw new ExitShell(exitCode(args[0], frame)) })],
  ['return', quick((_shell, args, frame) => { throw new Jump('return', exitCode(args[0], frame)) })],
  ['break', quick((_shell, args) => { throw new Jump('break', Number(args[0] ?? 1)) })],
  ['continue', quick((_shell, args) => { throw new Jump('continue', Number(args[0] ?? 1)) })],
  ['set', quick((_shell, args, frame) => {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!
      if (arg === '--') {
        frame.args = args.slice(i + 1)
        break
      }
      if (/^[-+][a-z]*o$/.test(arg)) {
        const name = args[++i]
        const on = arg.startsWith('-')
        if (name === 'pipefail' || name === 'errexit' || name === 'nounset' || name === 'xtrace') frame.options[name] = on
        setOptions(frame, arg.slice(0, -1))
      } else if (/^[-+]/.test(arg)) setOptions(frame, arg)
      else {
        frame.args = args.slice(i)
        break
      }
    }
    return 0
  })],
  ['shift', quick((_shell, args, frame) => {
    const count = Number(args[0] ?? 1)
    if (count > frame.args.length) return 1
    frame.args = frame.args.slice(count)
    return 0
  })],
  ['export', quick((_shell, args, frame) => {
    assignments(args, frame, (name) => void frame.exported.add(name))
    return 0
  })],
  ['readonly', quick((_shell, args, frame) => {
    assignments(args, frame, () => undefined)
    return 0
  })],
  ['local', quick((_shell, args, frame) => {
    assignments(args, frame, (name, value) => { if (value === undefined) frame.variables.set(name, '') })
    return 0
  })],
  ['unset', quick((_shell, args, frame) => {
    for (const name of args) {
      frame.variables.delete(name)
      frame.exported.delete(name)
      if (args[0] === '-f') frame.functions.delete(name)
    }
    return 0
  })],
  ['exec', execute],
  ['eval', (shell, args, frame, streams) => shell.source(args.join(' '), frame, streams)],
  ['.', sourceFile],
  ['source', sourceFile],
  ['read', quick((_shell, args, frame, streams) => readLine(args, frame, streams))],
  ['trap', quick((shell, args, frame) => setTraps(shell, args, frame))],
  ['wait', waitForJobs],
  ['kill', quick((shell, args, _frame, streams) => sendSignal(shell, args, streams))],
  ['command', command],
  ['type', quick((shell, args, frame, streams) => {
    const found = locate(shell, args[0] ?? '', frame)
    streams.out(found === undefined ? `${args[0]}: not found\n` : `${args[0]} is ${found}\n`)
    return found === undefined ? 127 : 0
  })],
  ['umask', quick(() => 0)],
  ['ulimit', quick(() => 0)],
  ['hash', quick(() => 0)],
  ['jobs', quick(() => 0)],
  ['getopts', undecided('getopts')],
  ['alias', undecided('alias')],
  ['let', undecided('let')],
  ['[[', undecided('[[')],
])
