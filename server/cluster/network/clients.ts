/**
 * What clients of the three protocols say of a verdict: nothing when they are content, else the error in the words of Go's HTTP client,
 * of grpc-go (clientconn.go, internal/transport/http2_client.go, internal/transport/http_util.go) and of gorilla/websocket (client.go).
 */
import type { NetworkVerdict } from '../types.ts'

/** What a client asks for; neither a path nor a method: the connection alone. */
export type Asked = { path?: string | undefined; grpc?: string | undefined; websocket?: string | undefined }
type Verdict = NetworkVerdict

const switchingProtocols = 101
const codes = ['OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound', 'AlreadyExists', 'PermissionDenied', 'ResourceExhausted', 'FailedPrecondition', 'Aborted', 'OutOfRange', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss', 'Unauthenticated']
const statusTexts: Record<number, string> = { 400: 'Bad Request', 404: 'Not Found', 415: 'Unsupported Media Type', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout' }
/** Codes that grpc-go takes a status of HTTP for (internal/transport/http_util.go:HTTPStatusConvTab); Unknown for the others. */
const codeOfProxy: Record<number, string> = { 400: 'Internal', 401: 'Unauthenticated', 403: 'PermissionDenied', 404: 'Unimplemented', 429: 'Unavailable', 502: 'Unavailable', 503: 'Unavailable', 504: 'Unavailable' }

/** An error of a call as grpc-go prints it. */
export function callError(code: string, text: string): string {
  return `rpc error: code = ${code} desc = ${text}`
}

/** The kind and the facts of the request that asks for it. */
export function requestOf({ path, grpc, websocket }: Asked, quiet: 'connect' | 'data'): { kind: 'connect' | 'data' | 'http' | 'grpc' | 'websocket'; path?: string; service?: string } {
  if (grpc !== undefined) return { kind: 'grpc', service: grpc }
  if (websocket !== undefined) return { kind: 'websocket', path: websocket }
  return path === undefined ? { kind: quiet } : { kind: 'http', path }
}

/** What the client complains of; undefined: it got what it wanted. */
export function complaintOf(asked: Asked, verdict: Verdict): string | undefined {
  if (asked.grpc !== undefined) return callComplaint(asked.grpc, verdict)
  if (!verdict.ok) return verdict.error
  if (asked.websocket === undefined) return verdict.status >= 400 || isSentAway(verdict) ? `HTTP status ${verdict.status}` : undefined
  return verdict.status === switchingProtocols || verdict.external !== undefined ? undefined : `websocket: bad handshake (HTTP status ${verdict.status})`
}

/** A front door that sends the client elsewhere says nothing of what is behind it; a program that does so has answered. */
function isSentAway({ status, location, pod }: Verdict & { ok: true }): boolean {
  return status >= 300 && location !== undefined && !pod
}

function callComplaint(asked: string, verdict: Verdict): string | undefined {
  if (!verdict.ok) return brokenCall(verdict)
  const { status } = verdict
  if (status === 0 || verdict.external !== undefined) return undefined
  if (status < codes.length) return callError(codes[status]!, textOf(asked, codes[status]!))
  if (verdict.pod && !asked.includes('/')) return status < 400 ? undefined : 'service unhealthy (responded with "NOT_SERVING")'
  return callError(codeOfProxy[status] ?? 'Unknown', `unexpected HTTP status code received from server: ${status} (${statusTexts[status] ?? ''}); transport: received unexpected content-type "text/html"`)
}

/** What the server says with a code: grpc-go's own words for what it does not know (server.go:handleStream), else the program's. */
function textOf(asked: string, code: string): string {
  const [service = '', method] = asked.split('/')
  if (code === 'Unimplemented') return method === undefined ? 'unknown service grpc.health.v1.Health' : `unknown method ${method} for service ${service}`
  if (code === 'NotFound' && method === undefined) return 'unknown service'
  return code === 'Unavailable' ? 'a dependency is unavailable' : 'the call failed'
}

function brokenCall(verdict: Verdict & { ok: false }): string {
  const deadline = 'received context error while waiting for new LB policy update: context deadline exceeded'
  switch (verdict.stage) {
    case 'dns': return verdict.symptom === 'timeout' ? callError('DeadlineExceeded', 'context deadline exceeded') : callError('Unavailable', 'name resolver error: produced zero addresses')
    case 'silent': return callError('DeadlineExceeded', 'context deadline exceeded')
    case 'reset': return callError('Unavailable', 'connection error: desc = "error reading server preface: http2: frame too large"')
    case 'certificate': return callError('Unavailable', `connection error: desc = "transport: authentication handshake failed: ${verdict.error}"`)
    default: return verdict.symptom === 'timeout' ? callError('DeadlineExceeded', deadline) : callError('Unavailable', `connection error: desc = "transport: Error while dialing: ${verdict.error}"`)
  }
}
