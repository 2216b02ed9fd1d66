/** Tools that look at files or change them (busybox, coreutils). */
import type { Node } from '../../files.ts'
import { absolutePath } from '../../files.ts'
import type { Command } from '../builtins.ts'
import { quick } from '../builtins.ts'
import type { Interpreter } from '../run.ts'
import type { Frame, Streams } from '../session.ts'
import { cError, Undecided } from '../session.ts'
import { splitFlags } from './flags.ts'

function pathOf(word: string, frame: Frame): string {
  return absolutePath(word, frame.cwd)
}

function complain(streams: Streams, tool: string, word: string, error: string): number {
  streams.err(`${tool}: ${word}: ${cError(error)}\n`)
  return 1
}

/** Runs `each` on every operand; the worst status. */
function overAll(words: readonly string[], each: (word: string) => number): number {
  return words.reduce((status, word) => Math.max(status, each(word)), 0)
}

const devices: Record<string, string> = { '/dev/null': '', '/dev/stdin': '', '/dev/zero': '' }

/** Content of a file, or undefined after the complaint. */
export function contentOf(shell: Interpreter, tool: string, word: string, frame: Frame, streams: Streams): string | undefined {
  const { files, spec } = shell.session.host
  const path = pathOf(word, frame)
  if (path === '/dev/stdin' || word === '-') {
    const { text } = streams.input
    streams.input.text = ''
    return text
  }
  if (Object.hasOwn(devices, path)) return devices[path]
  const file = files.read(path, spec.user)
  if (file.ok) return file.content
  streams.err(tool === 'cat' || tool === 'head' || tool === 'tail' ? `${tool}: can't open '${word}': ${cError(file.error)}\n` : `${tool}: ${word}: ${cError(file.error)}\n`)
  return undefined
}

export const cat: Command = quick((shell, args, frame, streams) => {
  const words = args.filter((arg) => arg === '-' || !arg.startsWith('-'))
  return overAll(words.length > 0 ? words : ['-'], (word) => {
    const content = contentOf(shell, 'cat', word, frame, streams)
    if (content !== undefined) streams.out(content)
    return content === undefined ? 1 : 0
  })
})

export const ls: Command = quick((shell, args, frame, streams) => {
  const { files, spec } = shell.session.host
  const { flags, words } = splitFlags(args, '')
  const line = (name: string, node: Node | undefined): string => (flags.has('l') && node ? `${modeText(node)} 1 ${node.owner} ${node.group} ${node.directory ? 4096 : node.bytes} ${name}\n` : `${name}\n`)
  const operands = words.length > 0 ? words : ['.']
  return overAll(operands, (word) => {
    const path = pathOf(word, frame)
    const found = files.walk(path, spec.user)
    if ('error' in found) return complain(streams, 'ls', word, found.error)
    if (!found.node.directory || flags.has('d')) {
      streams.out(line(word, found.node))
      return 0
    }
    const listed = files.list(path, spec.user)
    if ('error' in listed) {
      streams.err(`ls: can't open '${word}': ${cError(listed.error)}\n`)
      return 1
    }
    if (operands.length > 1) streams.out(`${word}:\n`)
    for (const name of listed.names) if (flags.has('a') || flags.has('A') || !name.startsWith('.')) streams.out(line(name, files.node(absolutePath(name, path))))
    return 0
  })
})

function modeText(node: Node): string {
  const letters = [...'rwxrwxrwx'].map((letter, i) => ((node.mode >> (8 - i)) & 1 ? letter : '-'))
  if (node.mode & 0o2000) letters[5] = letters[5] === 'x' ? 's' : 'S'
  if (node.mode & 0o1000) letters[8] = letters[8] === 'x' ? 't' : 'T'
  return `${node.directory ? 'd' : '-'}${letters.join('')}`
}

export const stat: Command = quick((shell, args, frame, streams) => {
  const { files, spec } = shell.session.host
  const { flags, words } = splitFlags(args, 'c')
  return overAll(words, (word) => {
    const found = files.walk(pathOf(word, frame), spec.user)
    if ('error' in found) {
      streams.err(`stat: can't stat '${word}': ${cError(found.error)}\n`)
      return 1
    }
    const { node } = found
    const values: Record<string, string> = { a: node.mode.toString(8), A: modeText(node), u: String(node.owner), g: String(node.group), s: String(node.directory ? 4096 : node.bytes), n: word, F: node.directory ? 'directory' : 'regular file', U: node.owner === 0 ? 'root' : 'UNKNOWN', G: node.group === 0 ? 'root' : 'UNKNOWN' }
    streams.out(`${(flags.get('c') ?? '%n %s %a %u %g').replaceAll(/%([aAugsnFUG])/g, (_all, key: string) => values[key]!)}\n`)
    return 0
  })
})

export const mkdir: Command = quick((shell, args, frame, streams) => {
  const { files, spec } = shell.session.host
  const { flags, words } = splitFlags(args, 'm')
  const mode = flags.has('m') ? parseInt(flags.get('m')!, 8) : 0o755
  return overAll(words, (word) => {
    const path = pathOf(word, frame)
    const parts = path.split('/').filter((part) => part !== '')
    for (let i = flags.has('p') ? 1 : parts.length; i <= parts.length; i++) {
      const step = `/${parts.slice(0, i).join('/')}`
      if (flags.has('p') && files.node(step)?.directory) continue
      const made = files.makeDirectory(step, spec.user, mode)
      if (!made.ok) {
        streams.err(`mkdir: can't create directory '${word}': ${cError(made.error)}\n`)
        return 1
      }
    }
    return 0
  })
})

export const touch: Command = quick((shell, args, frame, streams) => {
  const { files, spec } = shell.session.host
  return overAll(splitFlags(args, 'drt').words, (word) => {
    const path = pathOf(word, frame)
    const old = files.node(path)
    if (old?.directory) return 0
    const done = files.write(path, old ? old.content : '', spec.user, old?.bytes)
    return done.ok ? 0 : complain(streams, 'touch', word, done.error)
  })
})

export const rm: Command = quick((shell, args, frame, streams) => {
  const { files, spec } = shell.session.host
  const { flags, words } = splitFlags(args, '')
  const whole = flags.has('r') || flags.has('R')
  return overAll(words, (word) => {
    const path = pathOf(word, frame)
    const node = files.node(path)
    const refuse = (error: string): number => {
      streams.err(`rm: can't remove '${word}': ${cError(error)}\n`)
      return 1
    }
    if (node?.directory && !whole) {
      streams.err(`rm: '${word}' is a directory\n`)
      return 1
    }
    const done = files.remove(path, spec.user)
    if (done.ok || (done.error === 'ENOENT' && flags.has('f'))) return 0
    return refuse(done.error)
  })
})

export const rmdir: Command = quick((shell, args, frame, streams) => {
  const { files, spec } = shell.session.host
  return overAll(splitFlags(args, '').words, (word) => {
    const path = pathOf(word, frame)
    const listed = files.list(path, spec.user)
    const error = 'error' in listed ? listed.error : listed.names.length > 0 ? 'ENOTEMPTY' : undefined
    if (error) return complain(streams, 'rmdir', `'${word}'`, error)
    const done = files.remove(path, spec.user)
    return done.ok ? 0 : complain(streams, 'rmdir', `'${word}'`, done.error)
  })
})

/** cp and mv of files and of directories with all in them. */
function copy(tool: 'cp' | 'mv'): Command {
  return quick((shell, args, frame, streams) => {
    const { files, spec } = shell.session.host
    const { flags, words } = splitFlags(args, '')
    const target = words.at(-1)
    if (words.length < 2 || target === undefined) return 1
    const into = files.node(pathOf(target, frame))?.directory === true
    const recursive = tool === 'mv' || ['r', 'R', 'a'].some((flag) => flags.has(flag))
    const one = (from: string, to: string): string | undefined => {
      const found = files.walk(from, spec.user)
      if ('error' in found) return found.error
      if (!found.node.directory) {
        const file = files.read(from, spec.user)
        if (!file.ok) return file.error
        const written = files.write(to, file.content, spec.user, found.node.bytes)
        if (!written.ok) return written.error
        if ((found.node.mode & 0o111) !== 0) files.change(to, spec.user, { mode: found.node.mode })
        return undefined
      }
      if (!recursive) return 'EISDIR'
      if (!files.node(to)) {
        const made = files.makeDirectory(to, spec.user)
        if (!made.ok) return made.error
      }
      const listed = files.list(from, spec.user)
      if ('error' in listed) return listed.error
      return listed.names.map((name) => one(absolutePath(name, from), absolutePath(name, to))).find((error) => error !== undefined)
    }
    return overAll(words.slice(0, -1), (word) => {
      const from = pathOf(word, frame)
      const inside = word.endsWith('/.') || !into ? pathOf(target, frame) : absolutePath(from.split('/').at(-1)!, pathOf(target, frame))
      const error = one(from, inside)
      if (error !== undefined) {
        streams.err(error === 'ENOENT' ? `${tool}: can't stat '${word}': ${cError(error)}\n` : `${tool}: can't create '${target}': ${cError(error)}\n`)
        return 1
      }
      if (tool === 'cp') return 0
      const gone = files.remove(from, spec.user)
      return gone.ok ? 0 : complain(streams, tool, word, gone.error)
    })
  })
}

/** The paths below a path, itself first. */
function below(shell: Interpreter, path: string): string[] {
  const { files, spec } = shell.session.host
  const listed = files.list(path, spec.user)
  return [path, ...('names' in listed ? listed.names.flatMap((name) => below(shell, absolutePath(name, path))) : [])]
}

function symbolicMode(text: string, old: number): number | undefined {
  if (/^[0-7]{3,4}$/.test(text)) return parseInt(text, 8)
  let mode = old
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause)
    if (!match) return undefined
    const bits = [...match[3]!].reduce((sum, letter) => sum | ({ r: 4, w: 2, x: 1, X: 1 }[letter] ?? 0), 0)
    const who = match[1] === '' || match[1]!.includes('a') ? 'ugo' : match[1]!
    for (const one of who) {
      const shift = { u: 6, g: 3, o: 0 }[one as 'u']
      if (match[2] === '+') mode |= bits << shift
      else if (match[2] === '-') mode &= ~(bits << shift)
      else mode = (mode & ~(7 << shift)) | (bits << shift)
    }
  }
  return mode
}

function changing(tool: 'chmod' | 'chown' | 'chgrp'): Command {
  return quick((shell, args, frame, streams) => {
    const { files, spec } = shell.session.host
    const { flags, words } = splitFlags(args, '')
    const [what = '', ...targets] = words
    return overAll(targets, (word) => overAll(flags.has('R') ? below(shell, pathOf(word, frame)) : [pathOf(word, frame)], (path) => {
      const node = files.node(path)
      const [owner, group] = what.split(':')
      const identity = (text: string | undefined): number | undefined => (text === undefined || text === '' ? undefined : text === 'root' ? 0 : text === 'nobody' ? 65534 : Number(text))
      const mode = tool === 'chmod' ? symbolicMode(what, node?.mode ?? 0) : undefined
      if (tool === 'chmod' && mode === undefined) throw new Undecided(`chmod ${what}`)
      const ids = { owner: identity(owner), group: identity(group) }
      if (Number.isNaN(ids.owner) || Number.isNaN(ids.group)) throw new Undecided(`${tool} ${what}`)
      const to = tool === 'chmod' ? { mode: mode! } : tool === 'chgrp' ? { group: ids.owner ?? 0 } : { ...(ids.owner === undefined ? {} : { owner: ids.owner }), ...(ids.group === undefined ? {} : { group: ids.group }) }
      const done = files.change(path, spec.user, to)
      return done.ok ? 0 : complain(streams, tool, word, done.error)
    }))
  })
}

/** dd of=FILE bs=1M count=N: the size matters, the content does not. */
const dd: Command = quick((shell, args, frame, streams) => {
  const { files, spec } = shell.session.host
  const given = new Map(args.map((arg) => arg.split('=') as [string, string]))
  const size = (text: string): number => Number.parseInt(text, 10) * ({ k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[text.at(-1)!] ?? 1)
  const output = given.get('of')
  if (output === undefined || !given.has('count')) throw new Undecided('dd without of= and count=')
  const bytes = size(given.get('bs') ?? '512') * Number(given.get('count'))
  if (output === '/dev/null') return 0
  const done = files.write(pathOf(output, frame), '', spec.user, bytes)
  if (done.ok) return 0
  streams.err(`dd: can't open '${output}': ${cError(done.error)}\n`)
  return 1
})

const find: Command = quick((shell, args, frame, streams) => {
  const start = args[0] !== undefined && !args[0].startsWith('-') ? args[0] : '.'
  const rest = args.slice(args[0] === start ? 1 : 0)
  let name: RegExp | undefined
  let type: string | undefined
  for (let i = 0; i < rest.length; i += 2) {
    if (rest[i] === '-name') name = new RegExp(`^${rest[i + 1]!.replaceAll(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`)
    else if (rest[i] === '-type') type = rest[i + 1]
    else throw new Undecided(`find ${rest[i]}`)
  }
  const base = pathOf(start, frame)
  for (const path of below(shell, base)) {
    const node = shell.session.host.files.node(path)
    if (name && !name.test(path.split('/').at(-1)!)) continue
    if (type !== undefined && (type === 'd') !== (node?.directory === true)) continue
    streams.out(`${start === '.' ? `.${path.slice(base === '/' ? 0 : base.length)}` : path}\n`)
  }
  return 0
})

/** readlink and realpath; links are not modelled, so a path leads to itself. */
const resolved: Command = quick((_shell, args, frame, streams) => {
  for (const word of splitFlags(args, '').words) streams.out(`${pathOf(word, frame)}\n`)
  return 0
})

export const fileTools: [string, Command][] = [
  ['cat', cat], ['ls', ls], ['stat', stat], ['mkdir', mkdir], ['touch', touch], ['rm', rm], ['rmdir', rmdir], ['cp', copy('cp')], ['mv', copy('mv')],
  ['chmod', changing('chmod')], ['chown', changing('chown')], ['chgrp', changing('chgrp')], ['dd', dd], ['find', find], ['readlink', resolved], ['realpath', resolved], ['sync', quick(() => 0)],
]
