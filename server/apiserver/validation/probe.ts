/** Probes and lifecycle hooks (core/validation.go: validateProbe, validateHandler, validateLifecycle). */
import type { Fields } from '../../k8s/object.ts'
import { httpHeaderName, portName, portNumber } from '../../k8s/names.ts'
import type { IntOrString } from '../../k8s/port.ts'
import type { FieldError, Path } from '../field.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from '../field.ts'

const negativeMessage = 'must be greater than or equal to 0'

/** ValidateNonnegativeField; an absent number is zero. */
export function nonNegative(value: number | undefined, at: Path, errors: FieldError[]): void {
  if (value !== undefined && value < 0) errors.push(invalid(at, value, negativeMessage))
}

/** ValidatePortNumOrName; an absent port is the number 0. */
export function portNumberOrName(port: IntOrString | undefined, at: Path, errors: FieldError[]): void {
  const value = port ?? 0
  errors.push(...invalidEach(at, value, typeof value === 'number' ? portNumber(value) : portName(value)))
}

/** The three probes of a normal container or sidecar. `gracePeriod` is the pod's terminationGracePeriodSeconds. */
export function validateProbes(container: Fields, gracePeriod: number | undefined, at: Path, errors: FieldError[]): void {
  const { livenessProbe, readinessProbe, startupProbe } = container
  if (livenessProbe) {
    validateProbe(livenessProbe, gracePeriod, at.child('livenessProbe'), errors)
    successThresholdOne(livenessProbe, at.child('livenessProbe'), errors)
  }
  if (readinessProbe) {
    validateProbe(readinessProbe, gracePeriod, at.child('readinessProbe'), errors)
    const seconds = readinessProbe.terminationGracePeriodSeconds as number | undefined
    if (seconds !== undefined) errors.push(invalid(at.child('readinessProbe', 'terminationGracePeriodSeconds'), seconds, 'must not be set for readinessProbes'))
  }
  if (startupProbe) {
    validateProbe(startupProbe, gracePeriod, at.child('startupProbe'), errors)
    successThresholdOne(startupProbe, at.child('startupProbe'), errors)
  }
}

function successThresholdOne(probe: Fields, at: Path, errors: FieldError[]): void {
  if (probe.successThreshold !== 1) errors.push(invalid(at.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1'))
}

function validateProbe(probe: Fields, gracePeriod: number | undefined, at: Path, errors: FieldError[]): void {
  validateHandler(probe, gracePeriod, at, errors)
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']) {
    if ((probe[name] as number | undefined) !== undefined && probe[name] < 0) nonNegative(probe[name] as number, at.child(name), errors)
  }
  const seconds = probe.terminationGracePeriodSeconds as number | undefined
  if (seconds !== undefined && seconds <= 0) errors.push(invalid(at.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0'))
}

/** validateLifecycle. */
export function validateLifecycle(lifecycle: Fields, gracePeriod: number | undefined, at: Path, errors: FieldError[]): void {
  if (lifecycle.postStart) validateHandler(lifecycle.postStart, gracePeriod, at.child('postStart'), errors)
  if (lifecycle.preStop) validateHandler(lifecycle.preStop, gracePeriod, at.child('preStop'), errors)
}

type Check = (action: Fields, at: Path, errors: FieldError[], gracePeriod: number | undefined) => void

/** Handlers in the order in which the server counts them; the first one is checked, any further one is forbidden. */
const handlers: readonly (readonly [string, Check])[] = [
  ['exec', (action, at, errors) => {
    if (!action.command?.length) errors.push(required(at.child('command')))
  }],
  ['httpGet', validateHttpGet],
  ['tcpSocket', (action, at, errors) => portNumberOrName(action.port as IntOrString | undefined, at.child('port'), errors)],
  ['grpc', (action, at, errors) => portNumberOrName(action.port as number | undefined, at.child('port'), errors)],
  ['sleep', validateSleep],
]

function validateHandler(handler: Fields, gracePeriod: number | undefined, at: Path, errors: FieldError[]): void {
  let found = false
  for (const [name, check] of handlers) {
    const action: unknown = handler[name]
    if (!action) continue
    if (found) errors.push(forbidden(at.child(name), 'may not specify more than 1 handler type'))
    else check(action as Fields, at.child(name), errors, gracePeriod)
    found = true
  }
  if (!found) errors.push(required(at, 'must specify a handler type'))
}

function validateHttpGet(action: Fields, at: Path, errors: FieldError[]): void {
  if (!action.path) errors.push(required(at.child('path')))
  portNumberOrName(action.port as IntOrString | undefined, at.child('port'), errors)
  if (action.scheme !== 'HTTP' && action.scheme !== 'HTTPS') errors.push(notSupported(at.child('scheme'), action.scheme ?? '', ['HTTP', 'HTTPS']))
  const headers = (action.httpHeaders ?? []) as Fields[]
  headers.forEach((header, index) => {
    const name = (header.name ?? '') as string
    const wrong = httpHeaderName(name)
    if (wrong.length > 0) errors.push(...invalidEach(at.shown('httpHeaders', 'httpHeaders', index, 'name'), name, wrong))
  })
}

function validateSleep(action: Fields, at: Path, errors: FieldError[], gracePeriod: number | undefined): void {
  const seconds = (action.seconds ?? 0) as number
  if (gracePeriod !== undefined && (seconds < 0 || seconds > gracePeriod)) errors.push(invalid(at, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`))
}
