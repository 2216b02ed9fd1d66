/** Formats of strings that the API server checks in custom resources (kube-openapi/pkg/validation/strfmt); others are not looked at. */
import { parseCidr, parseIp } from '../../k8s/ip.ts'
import { timeError } from '../../k8s/go-time.ts'

const uuid = (version: string): RegExp => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i')
const [anyUuid, uuid3, uuid4, uuid5] = [uuid('[0-9a-f]'), uuid('3'), uuid('4'), uuid('5')]

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => timeError(text) === undefined,
  datetime: (text) => timeError(text) === undefined,
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && timeError(`${text}T00:00:00Z`) === undefined,
  duration: (text) => /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$|^0$/.test(text) || /^\d+\s*(ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hr|hours?|d|days?|w|weeks?)$/i.test(text),
  ipv4: (text) => !text.includes(':') && parseIp(text) !== undefined,
  ipv6: (text) => text.includes(':') && parseIp(text) !== undefined,
  cidr: (text) => parseCidr(text) !== undefined,
  mac: (text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$|^([0-9a-f]{2}[:-]){7}[0-9a-f]{2}$/i.test(text),
  uuid: (text) => anyUuid!.test(text),
  uuid3: (text) => uuid3!.test(text),
  uuid4: (text) => uuid4!.test(text),
  uuid5: (text) => uuid5!.test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  email: (text) => /^[^\s@<>,;]+@[^\s@<>,;]+$/.test(text),
  hostname: (text) => text.length <= 255 && /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i.test(text),
  uri: (text) => /^([a-z][a-z0-9+.-]*:\S*|\/\S*)$/i.test(text) && !/%(?![0-9a-f]{2})/i.test(text),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
}

/** Is the text of this format? Unknown formats take every text. */
export function isOfFormat(format: string, text: string): boolean {
  return !Object.hasOwn(checks, format) || checks[format]!(text)
}
