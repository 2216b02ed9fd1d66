/** Tools that ask over the network: wget, curl, nc, ping. Texts and exit codes are those of the tools. */
import type { Millis } from '../../../../k8s/duration.ts'
import { isLocal } from '../../../network/address.ts'
import { absolutePath } from '../../files.ts'
import { locationFrom, urlOf } from '../../../urls.ts'
import type { Url } from '../../../urls.ts'
import type { Host } from '../../host.ts'
import { connect } from '../../upstreams.ts'
import type { Dial } from '../../upstreams.ts'
import type { Interpreter } from '../run.ts'
import type { Frame, Step, Streams } from '../session.ts'
import { cError, Undecided } from '../session.ts'
import type { Command } from '../builtins.ts'
import { splitFlags } from './flags.ts'

const endlessMs = 3_600_000
/** Redirects busybox wget and curl follow at most. */
const wgetRedirects = 5
const curlRedirects = 50
/** A connection nobody answers ends after this long (net.ipv4.tcp_syn_retries = 6). */
const synTimeoutMs = 127_000

type Answer = ReturnType<typeof connect>

function* dial(shell: Interpreter, to: Dial): Step<Answer> {
  shell.session.calls++
  const answer = connect(shell.session.host, to)
  if (!answer.ok && answer.endless && to.timeoutMs === endlessMs) yield { on: () => () => undefined }
  const ms = answer.ok ? answer.latencyMs : Math.min(answer.latencyMs, to.timeoutMs ?? endlessMs)
  if (ms > 0) yield { ms }
  return answer
}

const statusTexts: Record<number, string> = { 200: 'OK', 201: 'Created', 204: 'No Content', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 415: 'Unsupported Media Type', 429: 'Too Many Requests', 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout' }

function seconds(text: string | undefined): Millis | undefined {
  const value = Number(text)
  return text === undefined || text === '' || !Number.isFinite(value) ? undefined : Math.round(value * 1000)
}

type Kind = 'name' | 'name-timeout' | 'refused' | 'reset' | 'certificate' | 'timeout'

function kindOf(error: string): Kind {
  if (/no such host/.test(error)) return 'name'
  if (/lookup .*i\/o timeout/.test(error)) return 'name-timeout'
  if (/connection refused/.test(error)) return 'refused'
  if (/failed to verify certificate/.test(error)) return 'certificate'
  if (/reset by peer/.test(error)) return 'reset'
  return 'timeout'
}

function addressOf(host: Host, name: string): string {
  if (isLocal(name)) return '127.0.0.1'
  const found = host.cluster.network.resolve({ kind: 'pod', pod: host.spec.pod }, name)
  return found.ok ? found.addresses[0]! : name
}

function save(shell: Interpreter, frame: Frame, streams: Streams, tool: string, file: string | undefined, body: string): number {
  if (file === undefined || file === '-') {
    streams.out(body)
    return 0
  }
  const path = absolutePath(file, frame.cwd)
  if (path === '/dev/null') return 0
  const done = shell.session.host.files.write(path, body, shell.session.host.spec.user)
  if (done.ok) return 0
  streams.err(`${tool}: can't open '${file}': ${cError(done.error)}\n`)
  return 1
}

const wgetLong: Record<string, string> = { timeout: 'T', tries: 't', quiet: 'q', 'output-document': 'O' }

function* wget(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  const { flags, words } = splitFlags(args, 'OTtPUY')
  for (const [long, short] of Object.entries(wgetLong)) if (flags.has(long)) flags.set(short, flags.get(long)!)
  const url = urlOf(words[0] ?? '')
  return url ? yield* wgetFrom(shell, url, flags, frame, streams, wgetRedirects) : 1
}

function* wgetFrom(shell: Interpreter, url: Url, flags: Map<string, string>, frame: Frame, streams: Streams, redirectsLeft: number): Step<number> {
  const { host } = shell.session
  const timeoutMs = seconds(flags.get('T')) ?? 900_000
  const address = addressOf(host, url.host)
  const answer = yield* dial(shell, { host: url.host, port: url.port, protocol: 'TCP', kind: 'http', path: url.path, timeoutMs, ...(url.scheme === 'https' ? { tls: 'any' as const } : {}) })
  const say = (text: string): void => { if (!flags.has('q') || text.startsWith('wget:')) streams.err(`${text}\n`) }
  if (!answer.ok && (kindOf(answer.error) === 'name' || kindOf(answer.error) === 'name-timeout')) {
    say(`wget: bad address '${url.host}${url.port === 80 ? '' : `:${url.port}`}'`)
    return 1
  }
  say(`Connecting to ${url.host}${url.port === 80 ? '' : `:${url.port}`} (${address}:${url.port})`)
  if (!answer.ok) {
    const kind = kindOf(answer.error)
    say(kind === 'refused' ? `wget: can't connect to remote host (${address}): Connection refused` : kind === 'reset' ? 'wget: error getting response: Connection reset by peer' : 'wget: download timed out')
    return 1
  }
  const status = answer.status === 0 || answer.status === undefined ? 200 : answer.status
  if (status >= 300 && status < 400 && answer.location !== undefined) {
    if (redirectsLeft > 0) return yield* wgetFrom(shell, locationFrom(url, answer.location), flags, frame, streams, redirectsLeft - 1)
    say('wget: too many redirections')
    return 1
  }
  if (status >= 400) {
    say(`wget: server returned error: HTTP/1.1 ${status} ${statusTexts[status] ?? ''}`.trimEnd())
    return 1
  }
  if (flags.has('spider')) {
    say('remote file exists')
    return 0
  }
  const base = url.path.split('?')[0]!.split('/').at(-1)!
  return save(shell, frame, streams, 'wget', flags.get('O') ?? (base === '' ? 'index.html' : base), answer.body ?? 'ok\n')
}

const curlLong: Record<string, string> = { silent: 's', fail: 'f', output: 'o', 'max-time': 'm', 'write-out': 'w', head: 'I', 'show-error': 'S', insecure: 'k', location: 'L', include: 'i', request: 'X', header: 'H', data: 'd', verbose: 'v' }
const curlValued = new Set(['output', 'max-time', 'write-out', 'request', 'header', 'data', 'connect-timeout', 'retry', 'retry-delay', 'retry-max-time', 'user', 'cacert', 'cert', 'key', 'resolve', 'url'])

/** Long flags of curl take their value as the next word. */
function joined(args: readonly string[]): string[] {
  const result: string[] = []
  for (let i = 0; i < args.length; i++) {
    const name = /^--([a-z-]+)$/.exec(args[i]!)?.[1]
    if (name !== undefined && curlValued.has(name)) result.push(`--${name}=${args[++i] ?? ''}`)
    else result.push(args[i]!)
  }
  return result
}

function* curl(shell: Interpreter, args: readonly string[], frame: Frame, streams: Streams): Step<number> {
  const { flags, words } = splitFlags(joined(args), 'omwXHduTAbe')
  for (const [long, short] of Object.entries(curlLong)) if (flags.has(long)) flags.set(short, flags.get(long)!)
  const url = urlOf(flags.get('url') ?? words[0] ?? '')
  if (!url) return 3
  const connectMs = seconds(flags.get('connect-timeout'))
  const whole = seconds(flags.get('m'))
  const retries = Number(flags.get('retry') ?? 0)
  for (let attempt = 0; ; attempt++) {
    const result = yield* curlOnce(shell, url, flags, frame, streams, { connectMs, wholeMs: whole })
    const again = result.transient || (result.code === 7 && (flags.has('retry-connrefused') || flags.has('retry-all-errors')))
    if (result.code === 0 || !again || attempt >= retries) return result.code
    yield { ms: seconds(flags.get('retry-delay')) || Math.min(1000 * 2 ** attempt, 600_000) }
  }
}

/** The one certificate no client accepts is the controller's own, signed by itself (curl src/tool_operate.c). */
const certificateText = `SSL certificate problem: self-signed certificate
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the webpage mentioned above.`

function* curlOnce(shell: Interpreter, url: Url, flags: Map<string, string>, frame: Frame, streams: Streams, limits: { connectMs: Millis | undefined; wholeMs: Millis | undefined }, redirectsLeft = curlRedirects): Step<{ code: number; transient: boolean }> {
  const { host } = shell.session
  const limit = Math.min(limits.wholeMs ?? endlessMs, limits.connectMs ?? endlessMs)
  const say = (code: number, text: string): void => { if (!flags.has('s') || flags.has('S')) streams.err(`curl: (${code}) ${text}\n`) }
  const written = (status: number): void => {
    const format = flags.get('w')
    if (format !== undefined) streams.out(format.replaceAll('%{http_code}', String(status).padStart(3, '0')).replaceAll('%{response_code}', String(status).padStart(3, '0')).replaceAll('\\n', '\n'))
  }
  const fail = (code: number, text: string): { code: number; transient: boolean } => {
    say(code, text)
    written(0)
    return { code, transient: code === 28 }
  }
  const began = shell.session.now()
  const connected = yield* dial(shell, { host: url.host, port: url.port, protocol: 'TCP', kind: 'connect', timeoutMs: Math.min(limit, synTimeoutMs) })
  const spent = (): Millis => shell.session.now() - began
  if (!connected.ok) {
    const kind = kindOf(connected.error)
    if (kind === 'name') return fail(6, `Could not resolve host: ${url.host}`)
    // The resolver gives up by itself, unless curl does so before.
    if (kind === 'name-timeout') return spent() < limit ? fail(6, `Could not resolve host: ${url.host}`) : fail(28, `Resolving timed out after ${spent()} milliseconds`)
    if (kind === 'refused') return fail(7, `Failed to connect to ${url.host} port ${url.port} after ${spent()} ms: Could not connect to server`)
    return fail(28, `Connection timed out after ${spent()} milliseconds`)
  }
  const left = limits.wholeMs === undefined ? endlessMs : Math.max(1, limits.wholeMs - spent())
  const answer = yield* dial(shell, { host: url.host, port: url.port, protocol: 'TCP', kind: 'http', path: url.path, timeoutMs: left, ...(url.scheme === 'https' ? { tls: flags.has('k') ? 'any' as const : 'verified' as const } : {}) })
  if (!answer.ok && kindOf(answer.error) === 'certificate') return fail(60, certificateText)
  if (!answer.ok && url.scheme === 'https' && kindOf(answer.error) === 'reset') return fail(35, 'TLS connect error: error:0A00010B:SSL routines::wrong version number')
  if (!answer.ok) return kindOf(answer.error) === 'reset' ? fail(56, 'Recv failure: Connection reset by peer') : fail(28, `Operation timed out after ${spent()} milliseconds with 0 bytes received`)
  if (url.scheme === 'https' && isLocal(url.host)) host.cluster.note({ text: 'TLS between containers of one pod is not modelled in detail.', ref: host.spec.pod, decisive: false })
  const status = answer.status === 0 || answer.status === undefined ? 200 : answer.status
  if (flags.has('L') && status >= 300 && status < 400 && answer.location !== undefined) {
    if (redirectsLeft === 0) return fail(47, `Maximum (${curlRedirects}) redirects followed`)
    return yield* curlOnce(shell, locationFrom(url, answer.location), flags, frame, streams, { ...limits, wholeMs: limits.wholeMs === undefined ? undefined : Math.max(1, limits.wholeMs - spent()) }, redirectsLeft - 1)
  }
  const transient = [408, 429, 500, 502, 503, 504].includes(status)
  if (flags.has('f') && status >= 400) {
    say(22, `The requested URL returned error: ${status}`)
    written(status)
    return { code: 22, transient }
  }
  const heading = flags.has('I') || flags.has('i') ? `HTTP/1.1 ${status} ${statusTexts[status] ?? ''}\n${answer.location === undefined ? '' : `Location: ${answer.location}\n`}\n` : ''
  const saved = save(shell, frame, streams, 'curl', flags.get('o'), `${heading}${flags.has('I') ? '' : (answer.body ?? 'ok\n')}`)
  written(status)
  return { code: saved === 0 ? 0 : 23, transient: false }
}

function* nc(shell: Interpreter, args: readonly string[], _frame: Frame, streams: Streams): Step<number> {
  const { flags, words } = splitFlags(args, 'wpsiq')
  if (flags.has('l')) throw new Undecided('nc -l')
  const [host = '', port = ''] = words
  const udp = flags.has('u')
  const answer = yield* dial(shell, { host, port: Number(port), protocol: udp ? 'UDP' : 'TCP', kind: 'connect', timeoutMs: seconds(flags.get('w')) ?? synTimeoutMs })
  const address = addressOf(shell.session.host, host)
  if (answer.ok) {
    if (flags.has('v')) streams.err(`${host} (${address}:${port}) open\n`)
    return 0
  }
  const kind = kindOf(answer.error)
  // A datagram that nobody answers is no failure for the sender.
  if (udp && kind === 'timeout') return 0
  if (kind === 'name' || kind === 'name-timeout') streams.err(`nc: bad address '${host}'\n`)
  else if (flags.has('v') || !flags.has('z')) streams.err(`nc: ${host} (${address}:${port}): ${kind === 'refused' ? 'Connection refused' : 'Connection timed out'}\n`)
  return 1
}

/** ping: names and routes count; a Service address never answers. */
function* ping(shell: Interpreter, args: readonly string[], _frame: Frame, streams: Streams): Step<number> {
  const { flags, words } = splitFlags(args, 'cwWis')
  const { host } = shell.session
  const [name = ''] = words
  const found = isLocal(name) ? { ok: true as const, addresses: ['127.0.0.1'] } : host.cluster.network.resolve({ kind: 'pod', pod: host.spec.pod }, name)
  if (!found.ok) {
    streams.err(`ping: bad address '${name}'\n`)
    return 1
  }
  const address = found.addresses[0]!
  const count = Number(flags.get('c') ?? 0)
  const answers = address === '127.0.0.1' || host.cluster.view.list('Pod').some((pod) => pod.status?.podIP === address) || host.cluster.view.list('Node').some((node) => node.status?.addresses?.some((item: { address: string }) => item.address === address))
  streams.out(`PING ${name} (${address}): 56 data bytes\n`)
  if (count === 0) yield { on: () => () => undefined }
  yield { ms: answers ? (count - 1) * 1000 + 1 : count * 1000 + 10_000 }
  streams.out(`\n--- ${name} ping statistics ---\n${count} packets transmitted, ${answers ? count : 0} packets received, ${answers ? 0 : 100}% packet loss\n`)
  return answers ? 0 : 1
}

export const networkTools: [string, Command][] = [['wget', wget], ['curl', curl], ['nc', nc], ['ping', ping]]
