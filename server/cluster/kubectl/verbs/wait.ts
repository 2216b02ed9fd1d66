/** `kubectl wait` (cmd/wait): all conditions of --for one after the other, create first. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { refOf } from '../../../k8s/object.ts'
import { printedName } from '../../operations.ts'
import { resourceOf } from '../../resources.ts'
import { findObjects, readRequests } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import { find, Refusal } from '../console.ts'
import { JsonPathError, printed, readTemplate, relaxed, select } from '../print/jsonpath.ts'
import { waitUntil } from '../waiting.ts'
import { objectsFromFiles } from './files.ts'
import type { Verb } from './verb.ts'

/** What a negative --timeout means. */
const weekMs = 7 * 24 * 3_600_000

type Check = { met(object: K8sObject | undefined): boolean; deletes: boolean }

function templateOf(text: string): ReturnType<typeof readTemplate> {
  try {
    return readTemplate(relaxed(text))
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error
    throw new Refusal(`error: ${error.message}`)
  }
}

/** `delete`, `condition=Ready[=true]`, `jsonpath={.status.phase}[=Running]`. */
function readCheck(text: string): Check {
  const word = text.toLowerCase()
  if (word === 'delete') return { met: (object) => object === undefined, deletes: true }
  if (word.startsWith('condition=')) {
    const [name = '', value = 'true'] = text.slice('condition='.length).split('=')
    return { deletes: false, met: (object) => ((object?.status?.conditions ?? []) as Fields[]).some((condition) => condition.type.toLowerCase() === name.toLowerCase() && String(condition.status).toLowerCase() === value.toLowerCase() && (condition.observedGeneration === undefined || condition.observedGeneration >= (object?.metadata.generation ?? 0))) }
  }
  if (word.startsWith('jsonpath=')) {
    const match = /^(\{.*?\}|[^=]+)(?:=(.*))?$/s.exec(text.slice('jsonpath='.length).replace(/^(["'])(.*)\1$/s, '$2'))
    if (!match) throw new Refusal(`error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'`)
    const template = templateOf(match[1]!)
    return { deletes: false, met: (object) => object !== undefined && select(template, object).some((value) => match[2] === undefined || printed(value).trim() === match[2]) }
  }
  throw new Refusal(`error: unrecognized condition: ${JSON.stringify(text)}`)
}

export const waitVerb: Verb = {
  name: 'wait',
  about: 'Experimental: Wait for a specific condition on one or many resources',
  usage: 'wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath=\'{}\'[=value]]',
  completes: 'resources',
  flags: flagTable('for=l timeout=d,30s all all-namespaces:A selector:l=s field-selector=s filename:f=l recursive:R local output:o=s'),
  run(console) {
    const { flags } = console
    const conditions = flags.list('for')
    if (conditions.length === 0) throw new Refusal('error: unrecognized condition: ""')
    const isCreate = (text: string): boolean => text.toLowerCase() === 'create'
    const checks = conditions.filter((text) => !isCreate(text)).map(readCheck)
    const creates = checks.length < conditions.length
    const deletes = checks.some((check) => check.deletes)
    const args = flags.all('filename').length > 0 ? objectsFromFiles(console).map(({ object }) => `${object.kind.toLowerCase()}/${object.metadata.name}`) : console.args
    if (args.length === 0) throw new Refusal('error: arguments in resource/name form must have a single resource and name')
    const requests = readRequests(args)
    if (requests.some((request) => request.name === undefined) && flags.text('selector') === '' && flags.text('field-selector') === '' && !flags.on('all')) throw new Refusal('error: resource(s) were provided, but no name was specified')
    const filter = { selector: flags.text('selector'), fieldSelector: flags.text('field-selector'), allNamespaces: flags.on('all-namespaces') }
    // One deadline for all conditions of all objects.
    const timeout = flags.duration('timeout')
    const end = console.cluster.now + (timeout < 0 ? weekMs : timeout)
    const left = (): number => Math.max(0, end - console.cluster.now)
    let found = findObjects(console, args, filter)
    if (creates && found.objects.length === 0) waitUntil(console, left(), () => (found = findObjects(console, args, filter)).objects.length > 0)
    if (found.objects.length === 0) {
      if (deletes && !creates && found.errors.every((line) => line.startsWith('Error from server (NotFound)'))) return
      if (found.errors.length > 0) throw new Refusal(found.errors.join('\n'))
      throw new Refusal('error: no matching resources found')
    }
    for (const line of deletes ? [] : found.errors) console.fail(line)
    for (const object of found.objects) {
      const look = ({ deletes }: Check): K8sObject | undefined => {
        const live = find(console, refOf(object))
        return deletes && live?.metadata.uid !== object.metadata.uid ? undefined : live
      }
      if (checks.every((check) => waitUntil(console, left(), () => check.met(look(check))))) console.out(`${printedName(refOf(object))} condition met`)
      else console.fail(`error: ${timeout === 0 ? 'condition not met for' : 'timed out waiting for the condition on'} ${resourceOf(object.kind).plural}/${object.metadata.name}`)
    }
  },
}
