/** `kubectl describe` (cmd/describe/describe.go). */
import type { K8sObject } from '../../../k8s/object.ts'
import { isNamespaced } from '../../resources.ts'
import { findObjects, readRequests } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { list, Refusal } from '../console.ts'
import { describerOf } from '../describe/index.ts'
import { Page } from '../describe/writer.ts'
import { served } from '../served.ts'
import { objectsFromFiles } from './files.ts'
import type { Verb } from './verb.ts'

export const describeVerb: Verb = {
  name: 'describe',
  about: 'Show details of a specific resource or group of resources',
  usage: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [flags]',
  completes: 'resources',
  flags: flagTable('all-namespaces:A selector:l=s show-events=b,true chunk-size=i,500 filename:f=l recursive:R kustomize:k=s'),
  run(console) {
    const { flags } = console
    if (console.args.length === 0 && flags.all('filename').length === 0) throw new Refusal('error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.')
    const args = flags.all('filename').length > 0 ? objectsFromFiles(console).map(({ object }) => `${object.kind.toLowerCase()}/${object.metadata.name}`) : console.args
    const requests = readRequests(args)
    const found = findObjects(console, args, { selector: flags.text('selector'), fieldSelector: '', allNamespaces: flags.on('all-namespaces') })
    const objects = [...found.objects]
    const errors = [...found.errors]
    if (found.single && objects.length === 0 && errors.length === 1) {
      const matching = prefixed(console, requests[0]!.resource.kind, requests[0]!.name!)
      if (matching.length > 0) {
        objects.push(...matching)
        errors.length = 0
      } else if (requests[0]!.resource.kind === 'Pod' && goneWithEvents(console, requests[0]!.name!)) return
    }
    objects.forEach((object, i) => console.write(`${i > 0 ? '\n\n' : ''}${describerOf(object.kind)(console, object, flags.on('show-events'))}`))
    if (objects.length === 0 && errors.length === 0) console.err(flags.on('all-namespaces') || requests.some((request) => !isNamespaced(request.resource.kind)) ? 'No resources found' : `No resources found in ${console.namespace} namespace.`)
    for (const line of errors) console.fail(line)
  },
}

/** A name that nothing has may be the start of names (DescribeMatchingResources). */
function prefixed(console: Console, kind: string, name: string): K8sObject[] {
  return list(console, kind, isNamespaced(kind) ? console.namespace : '').filter((object) => object.metadata.name.startsWith(name))
}

/** A pod that is gone may have left events (PodDescriber.Describe). */
function goneWithEvents(console: Console, name: string): boolean {
  const events = served(console, 'Event', console.namespace).filter((event) => event.involvedObject?.name === name)
  if (events.length === 0) return false
  const page = new Page()
  page.line(0, `Pod '${name}': error 'pods "${name}" not found', but found events.`)
  page.events(console, events)
  console.write(page.toString())
  return true
}

