/** What a program looks at before it does anything: flags, variables, files, directories, sockets. The first thing that is wrong ends it. */
import type { Profile } from '../profile.ts'
import { absolutePath, errorText } from './files.ts'
import type { Bound, Host } from './host.ts'
import type { Lookup } from './values.ts'
import { flagNames, goMemoryLimit, isStandardOutput, resolveDuration, resolveValue, splitAddress } from './values.ts'

export type StartProblem = { code: number; lines: string[] }
export type Program = { profile: Profile; lookup: Lookup; cwd: string; name: string }

/** Goes through the checks in their order; the sockets it may bind, or why the program ends. */
export function checkStart(host: Host, program: Program): { bound: Bound[] } | StartProblem {
  const early = flagProblem(program) ?? runtimeProblem(program) ?? envProblem(host, program) ?? fileProblem(host, program) ?? writeProblem(host, program)
  return early ?? bindAll(host, program)
}

function flagProblem({ profile, lookup, name }: Program): StartProblem | undefined {
  const unknown = profile.flags && flagNames(lookup.args).find((flag) => !profile.flags!.includes(flag))
  return unknown === undefined ? undefined : { code: 2, lines: [`flag provided but not defined: -${unknown}`, `Usage of ${name}:`] }
}

/** The Go runtime refuses a malformed GOMEMLIMIT before main. */
function runtimeProblem({ lookup }: Program): StartProblem | undefined {
  const text = lookup.env.get('GOMEMLIMIT')
  if (goMemoryLimit(text) !== undefined) return undefined
  return { code: 2, lines: [`GOMEMLIMIT=${text}`, 'fatal error: malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`'] }
}

function envProblem(host: Host, { profile, lookup, cwd }: Program): StartProblem | undefined {
  for (const need of profile.env) {
    const path = need.fileVariant ? lookup.env.get(`${need.name}_FILE`) : undefined
    let value = lookup.env.get(need.name)
    if (path) {
      const file = host.files.read(absolutePath(path, cwd), host.spec.user)
      if (!file.ok) return { code: need.exitCode, lines: [`level=ERROR msg="open ${path}: ${errorText(file.error)}"`] }
      value = file.content.trim()
    }
    if (value === undefined || value === '') return { code: need.exitCode, lines: [need.log ?? `level=ERROR msg="${need.name} not set"`] }
    if (need.pattern !== undefined && !new RegExp(need.pattern).test(value)) return { code: need.exitCode, lines: [need.log ?? `level=ERROR msg="${need.name}: invalid value" value=${JSON.stringify(value)}`] }
  }
  return undefined
}

function fileProblem(host: Host, { profile, lookup, cwd }: Program): StartProblem | undefined {
  for (const need of profile.files) {
    const path = absolutePath(resolveValue(need.path, lookup), cwd)
    const file = host.files.read(path, host.spec.user)
    if (!file.ok) return { code: need.exitCode, lines: [need.log ?? `level=ERROR msg="${file.error === 'EISDIR' ? 'read' : 'open'} ${path}: ${errorText(file.error)}"`] }
    if (need.contains !== undefined && !file.content.includes(need.contains)) return { code: need.exitCode, lines: [need.log ?? `level=ERROR msg="${path}: ${need.contains} not found"`] }
  }
  return undefined
}

/** The file a `writes` entry makes: the path itself, or one in it when it is a directory. */
export function writtenFile(host: Host, { lookup, cwd, name }: Program, given: string): string {
  const text = resolveValue(given, lookup)
  const path = absolutePath(text, cwd)
  return text.endsWith('/') || host.files.node(path)?.directory ? absolutePath(`${name}.tmp`, path) : path
}

/** A path written with a slash at its end is a directory, which the program makes when it is missing. */
export function makeDirectories(host: Host, program: Program, given: string): { ok: true } | { ok: false; line: string } {
  const text = resolveValue(given, program.lookup)
  if (!text.endsWith('/')) return { ok: true }
  const parts = absolutePath(text, program.cwd).split('/').slice(1)
  for (let i = 1; i <= parts.length; i++) {
    const path = `/${parts.slice(0, i).join('/')}`
    if (host.files.node(path)) continue
    const made = host.files.makeDirectory(path, host.spec.user)
    if (!made.ok) return { ok: false, line: `level=ERROR msg="mkdir ${path}: ${errorText(made.error)}"` }
  }
  return { ok: true }
}

function writeProblem(host: Host, program: Program): StartProblem | undefined {
  for (const write of program.profile.writes.filter((one) => one.onFailure === 'exit' && !isStandardOutput(resolveValue(one.path, program.lookup)))) {
    const made = makeDirectories(host, program, write.path)
    if (!made.ok) return { code: 1, lines: [made.line] }
    const path = writtenFile(host, program, write.path)
    const allowed = host.files.canWrite(path, host.spec.user)
    if (!allowed.ok) return { code: 1, lines: [`level=ERROR msg="open ${path}: ${errorText(allowed.error)}"`] }
  }
  return undefined
}

const anyAddress = new Set(['0.0.0.0', '::', ''])

function bindAll(host: Host, { profile, lookup }: Program): { bound: Bound[] } | StartProblem {
  const bound: Bound[] = []
  for (const listener of profile.listen) {
    const text = resolveValue(listener.port, lookup)
    const own = splitAddress(text)
    const given = splitAddress(resolveValue(listener.address, lookup))
    const named = own.host ?? given.host ?? '0.0.0.0'
    const address = named === 'localhost' || named === '::1' ? '127.0.0.1' : anyAddress.has(named) ? '0.0.0.0' : named
    const port = own.port ?? given.port
    const network = listener.protocol.toLowerCase()
    const shown = `${network} ${address === '0.0.0.0' ? '' : address}:${port ?? ''}`
    const refuse = (why: string): StartProblem => ({ code: 1, lines: [`level=ERROR msg="listen ${why}"`] })
    if (text.includes('://')) return refuse(`${network}: address ${text}: too many colons in address`)
    if (port === undefined || port > 65535) return refuse(`${network}: address ${text}: ${port === undefined ? 'missing port in address' : 'invalid port'}`)
    if (address !== '0.0.0.0' && !address.startsWith('127.') && address !== host.spec.podIP) return refuse(/^[\d.:a-f]+$/.test(address) ? `${shown}: bind: cannot assign requested address` : `${network}: lookup ${address}: no such host`)
    if (port < host.spec.lowestPort) return refuse(`${shown}: bind: permission denied`)
    if (host.taken().some((one) => one.port === port && one.protocol === listener.protocol && (one.address === address || one.address === '0.0.0.0' || address === '0.0.0.0'))) return refuse(`${shown}: bind: address already in use`)
    const maxAgeMs = resolveDuration(listener.maxConnectionAge ?? '', lookup)
    const maxAgeGraceMs = resolveDuration(listener.maxConnectionAgeGrace ?? '', lookup)
    bound.push({ port, protocol: listener.protocol, address, kind: listener.kind, ...(maxAgeMs ? { maxAgeMs, ...(maxAgeGraceMs === undefined ? {} : { maxAgeGraceMs }) } : {}) })
  }
  return { bound }
}
