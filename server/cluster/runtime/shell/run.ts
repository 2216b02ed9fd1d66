/** Runs shell scripts in virtual time: every wait is yielded, every side effect goes through the container. */
import { AppProcess } from '../app.ts'
import { absolutePath } from '../files.ts'
import type { Ended, Process } from '../host.ts'
import { cannedCommand, lookupProgram } from '../program.ts'
import { Upstreams } from '../upstreams.ts'
import { builtins } from './builtins.ts'
import { Expander } from './expand.ts'
import { shells } from './names.ts'
import type { Node, Redirection } from './parse.ts'
import { parseScript, ShellSyntaxError } from './parse.ts'
import type { Frame, Session, Step, Streams } from './session.ts'
import { cError, environmentOf, ExitShell, freshFrame, instantly, Jump, shellPrefix, subshellOf, Undecided } from './session.ts'
import { tools } from './tools/index.ts'

const deepestCall = 100

export class Interpreter {
  readonly session: Session
  readonly expander: Expander
  private becomesProgram = false
  private substitutions = 0

  constructor(session: Session) {
    this.session = session
    this.expander = new Expander(session, (list, frame, streams) => this.capture(list, frame, streams))
  }

  /** Parses and runs a whole script in this frame; its exit status. */
  *source(text: string, frame: Frame, streams: Streams): Step<number> {
    let tree: Node
    try {
      tree = parseScript(text)
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error
      if (error.construct) throw new Undecided(error.message)
      streams.err(`${shellPrefix(this.session)}${error.message}\n`)
      return 2
    }
    return yield* this.run(tree, frame, streams)
  }

  /** A script from its first line to its exit, with its EXIT trap. */
  *main(text: string, frame: Frame, streams: Streams): Step<number> {
    this.session.top ??= frame
    let code = yield* this.untilExit(this.source(text, frame, streams))
    const last = frame.traps.get('EXIT')
    if (last !== undefined) {
      frame.traps.delete('EXIT')
      frame.status = code
      const after = yield* this.untilExit(this.source(last, frame, streams), code)
      if (after !== code && /\bexit\b/.test(last)) code = after
    }
    return code
  }

  private *untilExit(step: Step<number>, kept?: number): Step<number> {
    try {
      const code = yield* step
      return kept ?? code
    } catch (thrown) {
      if (thrown instanceof ExitShell) return thrown.code
      if (thrown instanceof Jump) return thrown.kind === 'return' ? thrown.amount : 0
      throw thrown
    }
  }

  *run(node: Node, frame: Frame, streams: Streams, tested = false): Step<number> {
    frame.status = yield* this.node(node, frame, streams, tested)
    return frame.status
  }

  private *node(node: Node, frame: Frame, streams: Streams, tested: boolean): Step<number> {
    switch (node.kind) {
      case 'simple': return this.checked(yield* this.simple(node, frame, streams), frame, tested)
      case 'list': return yield* this.list(node, frame, streams, tested)
      case 'and-or': {
        const left = yield* this.run(node.left, frame, streams, true)
        return (left === 0) === (node.operator === '&&') ? yield* this.run(node.right, frame, streams, tested) : left
      }
      case 'pipeline': return this.checked(yield* this.pipeline(node, frame, streams, tested), frame, tested || node.negated)
      case 'function':
        frame.functions.set(node.name, node.body)
        return 0
      default: return yield* this.redirected(node.redirections, frame, streams, (inner) => this.compound(node, frame, inner, tested))
    }
  }

  /** set -e: a failed command that nobody tests ends the shell. */
  private checked(status: number, frame: Frame, tested: boolean): number {
    if (status !== 0 && frame.options.errexit && !tested) throw new ExitShell(status)
    return status
  }

  private *list(node: Extract<Node, { kind: 'list' }>, frame: Frame, streams: Streams, tested: boolean): Step<number> {
    let status = 0
    for (const item of node.items) {
      if (item.background) {
        const shell = new Interpreter({ ...this.session, pending: [], replacedBy: undefined, top: undefined })
        // The shell's copy becomes the program when the job is one command, so signals to the job reach the program.
        shell.becomesProgram = item.node.kind === 'simple'
        frame.lastJob = this.session.background(shell.session, shell.untilExit(shell.run(item.node, subshellOf(frame), { ...streams, input: { text: '' } })))
        status = frame.status = 0
      } else status = yield* this.run(item.node, frame, streams, tested)
    }
    return status
  }

  private *compound(node: Exclude<Node, { kind: 'simple' | 'list' | 'and-or' | 'pipeline' | 'function' }>, frame: Frame, streams: Streams, tested: boolean): Step<number> {
    switch (node.kind) {
      case 'group': {
        if (!node.subshell) return yield* this.run(node.list, frame, streams, tested)
        return this.checked(yield* this.untilExit(this.run(node.list, subshellOf(frame), streams, tested)), frame, tested)
      }
      case 'if': {
        for (const branch of node.branches) if ((yield* this.run(branch.condition, frame, streams, true)) === 0) return yield* this.run(branch.body, frame, streams, tested)
        return node.otherwise ? yield* this.run(node.otherwise, frame, streams, tested) : 0
      }
      case 'case': {
        const text = yield* this.expander.text(node.word, frame, streams)
        for (const branch of node.branches) for (const word of branch.patterns) if ((yield* this.expander.pattern(word, frame, streams)).test(text)) return yield* this.run(branch.body, frame, streams, tested)
        return 0
      }
      case 'for': {
        const values = node.words ? yield* this.expander.fields(node.words, frame, streams) : [...frame.args]
        return yield* this.loop(frame, streams, node.body, tested, () => instantly(() => {
          const value = values.shift()
          if (value === undefined) return false
          frame.variables.set(node.name, value)
          return true
        }))
      }
      case 'loop': {
        const test = (): Step<number> => this.run(node.condition, frame, streams, true)
        return yield* this.loop(frame, streams, node.body, tested, function* () {
          return ((yield* test()) === 0) !== node.until
        })
      }
    }
  }

  private *loop(frame: Frame, streams: Streams, body: Node, tested: boolean, next: () => Step<boolean>): Step<number> {
    let status = 0
    for (;;) {
      try {
        if (!(yield* next())) return status
        status = yield* this.run(body, frame, streams, tested)
      } catch (thrown) {
        if (!(thrown instanceof Jump) || thrown.kind === 'return') throw thrown
        if (thrown.amount > 1) throw new Jump(thrown.kind, thrown.amount - 1)
        if (thrown.kind === 'break') return 0
      }
    }
  }

  /** Commands of a pipe run one after the other, each reading what the one before wrote. */
  private *pipeline(node: Extract<Node, { kind: 'pipeline' }>, frame: Frame, streams: Streams, tested: boolean): Step<number> {
    let input = streams.input
    let status = 0
    let failed = 0
    for (const [i, command] of node.commands.entries()) {
      const last = i === node.commands.length - 1
      if (!last && followsFor(command)) throw new Undecided('a pipe from a command that never ends')
      let text = ''
      const out = last ? streams.out : (chunk: string): void => void (text += chunk)
      status = yield* this.untilExit(this.run(command, node.commands.length > 1 ? subshellOf(frame) : frame, { ...streams, input, out }, tested || node.negated))
      if (status !== 0) failed = status
      input = { text }
    }
    if (frame.options.pipefail) status = failed
    return node.negated ? (status === 0 ? 1 : 0) : status
  }

  private *capture(list: Node, frame: Frame, streams: Streams): Step<string> {
    let text = ''
    this.substitutions++
    const inner = subshellOf(frame)
    frame.status = yield* this.untilExit(this.run(list, inner, { ...streams, out: (chunk) => void (text += chunk) }))
    return text
  }

  // ---- redirections

  private *redirected(redirections: readonly Redirection[], frame: Frame, streams: Streams, body: (streams: Streams) => Step<number>): Step<number> {
    if (redirections.length === 0) return yield* body(streams)
    const opened = yield* this.open(redirections, frame, streams)
    return opened ? yield* body(opened) : 1
  }

  /** Streams after the redirections, in their order; undefined when a file cannot be opened, which has been said. */
  *open(redirections: readonly Redirection[], frame: Frame, streams: Streams): Step<Streams | undefined> {
    const now = { ...streams }
    const { host } = this.session
    for (const { fd, operator, word } of redirections) {
      const target = yield* this.expander.text(word, frame, streams)
      if (operator === '>&') {
        if (target === '1' || target === '2') {
          const source = target === '1' ? now.out : now.err
          if (fd === 1) now.out = source
          else now.err = source
        } else if (target !== '-') throw new Undecided(`the redirection ${fd}>&${target}`)
        continue
      }
      if (operator === '<<') {
        now.input = { text: target }
        continue
      }
      const path = absolutePath(target, frame.cwd)
      if (operator === '<') {
        const file = path === '/dev/null' ? { ok: true as const, content: '' } : host.files.read(path, host.spec.user)
        if (!file.ok) {
          now.err(`${shellPrefix(this.session)}can't open ${target}: ${file.error === 'ENOENT' ? 'no such file' : cError(file.error)}\n`)
          return undefined
        }
        now.input = { text: file.content }
        continue
      }
      const sink = this.sink(path, operator === '>', now)
      if (typeof sink === 'string') {
        now.err(`${shellPrefix(this.session)}can't create ${target}: ${sink === 'ENOENT' ? 'nonexistent directory' : cError(sink)}\n`)
        return undefined
      }
      if (fd === 1) now.out = sink
      else if (fd === 2) now.err = sink
      else throw new Undecided(`the redirection of file descriptor ${fd}`)
    }
    return now
  }

  private sink(path: string, truncate: boolean, streams: Streams): ((text: string) => void) | string {
    const { files, spec } = this.session.host
    if (path === '/dev/null') return () => undefined
    if (path === '/dev/stdout') return streams.out
    if (path === '/dev/stderr') return streams.err
    if (path === '/proc/1/fd/1' || path === '/proc/1/fd/2') return (text) => { for (const line of text.replace(/\n$/, '').split('\n')) this.session.host.print(line) }
    const content = (): string => {
      const node = files.node(path)
      return node && !node.directory ? node.content : ''
    }
    const first = files.write(path, truncate ? '' : content(), spec.user)
    if (!first.ok) return first.error
    return (text) => void files.write(path, content() + text, spec.user)
  }

  // ---- simple commands

  private *simple(node: Extract<Node, { kind: 'simple' }>, frame: Frame, streams: Streams): Step<number> {
    yield* this.traps(frame, streams)
    const pause = this.session.spend()
    if (pause > 0) yield { ms: pause }
    const { substitutions } = this
    const words = yield* this.expander.fields(node.words, frame, streams)
    const values: [string, string][] = []
    for (const { name, value } of node.assignments) values.push([name, yield* this.expander.text(value, frame, streams)])
    if (frame.options.xtrace && words.length > 0) streams.err(`+ ${words.join(' ')}\n`)
    if (words.length === 0) {
      for (const [name, value] of values) frame.variables.set(name, value)
      const opened = yield* this.open(node.redirections, frame, streams)
      return !opened ? 1 : this.substitutions > substitutions ? frame.status : 0
    }
    const opened = yield* this.open(node.redirections, frame, streams)
    if (!opened) return 1
    if (words[0] === 'exec' && words.length === 1) {
      Object.assign(streams, opened)
      return 0
    }
    const status = yield* this.withValues(values, frame, () => this.command(words, frame, opened))
    yield* this.traps(frame, streams)
    return status
  }

  private *withValues(values: readonly [string, string][], frame: Frame, body: () => Step<number>): Step<number> {
    const before = values.map(([name]) => [name, frame.variables.get(name), frame.exported.has(name)] as const)
    for (const [name, value] of values) {
      frame.variables.set(name, value)
      frame.exported.add(name)
    }
    const status = yield* body()
    for (const [name, value, exported] of before) {
      if (value === undefined) frame.variables.delete(name)
      else frame.variables.set(name, value)
      if (!exported) frame.exported.delete(name)
    }
    return status
  }

  /** A command by its words: function, builtin, or program. */
  *command(words: readonly string[], frame: Frame, streams: Streams): Step<number> {
    const [name = '', ...args] = words
    const body = frame.functions.get(name)
    if (body) return yield* this.call(body, args, frame, streams)
    const builtin = builtins.get(name)
    if (builtin) return yield* builtin(this, args, frame, streams)
    return yield* this.external(words, frame, streams, this.becomesProgram)
  }

  private *call(body: Node, args: string[], frame: Frame, streams: Streams): Step<number> {
    if (frame.depth >= deepestCall) throw new Undecided('functions that call one another without end')
    const outer = frame.args
    frame.args = args
    frame.depth++
    try {
      return yield* this.run(body, frame, streams)
    } catch (thrown) {
      if (thrown instanceof Jump && thrown.kind === 'return') return thrown.amount
      throw thrown
    } finally {
      frame.args = outer
      frame.depth--
    }
  }

  /** A program of the image; `replace`: exec, so signals to the shell go to it. */
  *external(words: readonly string[], frame: Frame, streams: Streams, replace = false): Step<number> {
    const { host } = this.session
    const [name = ''] = words
    const found = lookupProgram(host.spec, host.files, name, frame.cwd, frame.variables.get('PATH'))
    if ('text' in found) {
      streams.err(`${shellPrefix(this.session)}${name}: ${found.missing ? 'not found' : 'Permission denied'}\n`)
      return found.missing ? 127 : 126
    }
    const { program } = found
    if (program.kind === 'script') return yield* this.script(program.path, words, frame, streams)
    if (program.kind === 'app' || program.kind === 'command') {
      const canned = yield* this.canned(words, streams)
      if (canned !== undefined) return canned
      if (program.kind === 'app' && this.session.print) return yield* this.app(words, frame, streams, replace)
      throw new Undecided(`the command \`${words.join(' ')}\`, which the profile does not describe`)
    }
    if (program.kind === 'unknown') throw new Undecided(`the program ${program.path}`)
    if (shells.has(program.name)) return yield* this.shell(words, frame, streams)
    const tool = tools.get(program.name)
    if (!tool) throw new Undecided(`the tool ${program.name}`)
    return yield* tool(this, words.slice(1), frame, streams)
  }

  private *script(path: string, words: readonly string[], frame: Frame, streams: Streams): Step<number> {
    const { host } = this.session
    const node = host.files.node(path)
    const text = node && !node.directory ? node.content : ''
    const interpreter = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(text)
    const program = (interpreter?.[1]?.endsWith('/env') ? interpreter[2] : interpreter?.[1])?.split('/').at(-1) ?? ''
    if (!shells.has(program)) throw new Undecided(`a script for ${program === '' ? 'an unknown interpreter' : program}`)
    if (!host.files.node(absolutePath(interpreter![1]!, '/'))) {
      streams.err(`${shellPrefix(this.session)}${words[0]}: not found\n`)
      return 127
    }
    return yield* this.main(text, freshFrame(environmentOf(frame), frame.cwd, words[0]!, words.slice(1)), streams)
  }

  /** sh -c text [name args...], or sh file [args...]. */
  private *shell(words: readonly string[], frame: Frame, streams: Streams): Step<number> {
    const { host } = this.session
    const inner = freshFrame(environmentOf(frame), frame.cwd, words[0]!, [])
    let i = 1
    let command = false
    for (; i < words.length && /^[-+]/.test(words[i]!); i++) {
      const flags = words[i]!
      if (flags === '--') {
        i++
        break
      }
      if (/^-[a-z]*o$/.test(flags)) {
        if (words[i + 1] === 'pipefail') inner.options.pipefail = true
        setOptions(inner, flags.slice(0, -1))
        i++
      } else {
        setOptions(inner, flags)
        if (flags.includes('c')) command = true
      }
    }
    const first = words[i]
    if (first === undefined) return command ? 2 : yield* this.main(streams.input.text, inner, streams)
    if (command) {
      inner.name = words[i + 1] ?? words[0]!
      inner.args = words.slice(i + 2)
      const single = host.spec.image.image.shellExecs ? singleProgram(first) : false
      return yield* this.main(single ? `exec ${first}` : first, inner, streams)
    }
    const path = absolutePath(first, frame.cwd)
    const file = host.files.read(path, host.spec.user)
    if (!file.ok) {
      streams.err(`${shellPrefix(this.session)}can't open '${first}': ${cError(file.error)}\n`)
      return file.error === 'ENOENT' ? 2 : 126
    }
    inner.name = first
    inner.args = words.slice(i + 1)
    return yield* this.main(file.content, inner, streams)
  }

  /** A command line the profile gives the result of. */
  private *canned(words: readonly string[], streams: Streams): Step<number | undefined> {
    const { host } = this.session
    const { profile } = host.spec.image
    const command = cannedCommand(profile, words)
    if (!command) return undefined
    const state = stateOf(host)
    if (command.failsWhenHung && state.hung) yield { on: () => () => undefined }
    yield { ms: command.latency }
    if (command.readyOnly && !state.ready) return Math.max(1, command.exitCode)
    const calls = new Upstreams(host, profile.upstreams, { env: host.spec.env, args: host.spec.argv.slice(1) }).together(command.depends)
    this.session.calls += command.depends.length
    if (!calls.ok && calls.endless) yield { on: () => () => undefined }
    if (calls.latencyMs > 0) yield { ms: calls.latencyMs }
    if (!calls.ok) {
      streams.err(`${calls.error}\n`)
      return Math.max(1, command.exitCode)
    }
    streams.out(command.output)
    return command.exitCode
  }

  private *app(words: readonly string[], frame: Frame, streams: Streams, replace: boolean): Step<number> {
    const { host } = this.session
    const watchers = new Set<() => void>()
    let ended: Ended | undefined
    const app: Process = host.start({ argv: words, env: environmentOf(frame), cwd: frame.cwd, onEnd: (how) => {
      ended = how
      for (const wake of [...watchers]) wake()
    }, ...(this.session.print === host.print && streams.out === host.out ? {} : { print: (line) => streams.out(`${line}\n`) }) })
    if (replace) this.session.replacedBy = app
    try {
      while (!ended) yield { on: (wake) => {
        watchers.add(wake)
        return () => void watchers.delete(wake)
      } }
      return (ended as Ended).code
    } finally {
      if (!ended) app.end({ code: 137, signal: 9 })
    }
  }

  /** Runs the handlers of signals that have arrived. */
  *traps(frame: Frame, streams: Streams): Step<void> {
    while (this.session.pending.length > 0) {
      const name = this.session.pending[0]!
      const handler = frame.traps.get(name)
      if (handler === undefined) return
      this.session.pending.shift()
      const status = frame.status
      yield* this.source(handler, frame, streams)
      frame.status = status
    }
  }
}

/** Flags of `set` and of the shell's command line. */
export function setOptions(frame: Frame, flags: string): void {
  const on = flags.startsWith('-')
  if (flags.includes('e')) frame.options.errexit = on
  if (flags.includes('u')) frame.options.nounset = on
  if (flags.includes('x')) frame.options.xtrace = on
}

/** Is the script one plain program call, which such a shell replaces itself by? */
function singleProgram(text: string): boolean {
  try {
    const tree = parseScript(text)
    const first = tree.kind === 'simple' ? tree.words[0]?.[0] : undefined
    return tree.kind === 'simple' && tree.assignments.length === 0 && first?.kind === 'text' && !builtins.has(first.text)
  } catch {
    return false
  }
}

/** `tail -f` and the like write without end. */
function followsFor(node: Node): boolean {
  if (node.kind !== 'simple') return false
  const texts = node.words.map((word) => word.map((part) => (part.kind === 'text' ? part.text : '')).join(''))
  return texts[0] === 'yes' || (texts[0] === 'tail' && texts.some((text) => /^-\d*[fF]/.test(text) || text === '-nf'))
}

function stateOf(host: Session['host']): { hung: boolean; ready: boolean } {
  const apps = [...host.processes].filter((task): task is AppProcess => task instanceof AppProcess)
  return { hung: apps.some((app) => app.isHung), ready: apps.length === 0 || apps.some((app) => app.isReady) }
}
