/** `kubectl describe` (cmd/describe/describe.go). */
import type { K8sObject } from '../../../k8s/object.ts'
import { isNamespaced } from '../../resources.ts'
import { findObjects, readRequests } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { list, Refusal } from '../console.ts'
import { describerOf } from '../describe/index.ts'
import { fromFiles } from './files.ts'
import type { Verb } from './verb.ts'

export const describeVerb: Verb = {
  name: 'describe',
  meant: ['inspect'],
  about: 'Show details of a specific resource or group of resources',
  usage: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [flags]',
  completes: 'resources',
  flags: flagTable('all-namespaces:A selector:l=s show-events=b,true chunk-size=i,500 filename:f=l recursive:R kustomize:k=s'),
  run(console) {
    const { flags } = console
    if (console.args.length === 0 && flags.all('filename').length === 0) throw new Refusal('error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.')
    const found = flags.all('filename').length > 0 ? fromFiles(console) : findObjects(console, console.args, { selector: flags.text('selector'), fieldSelector: '', allNamespaces: flags.on('all-namespaces') })
    const { objects, errors } = found
    // Events cost a request per object: since 1.36 they are shown for a single object only, unless --show-events asks for them.
    const showEvents = flags.given('show-events') ? flags.on('show-events') : errors.length === 0 && objects.length <= 1
    if (console.args.length === 2 && objects.length === 0 && errors.length === 1 && errors[0]!.startsWith('Error from server (NotFound)')) {
      const [request] = readRequests(console.args)
      const matching = prefixed(console, request!.resource.kind, console.args[1]!)
      for (const object of matching) console.write(`${describerOf(object.kind)(console, object, showEvents)}\n`)
      if (matching.length > 0) return
    }
    objects.forEach((object, i) => console.write(`${i > 0 ? '\n\n' : ''}${describerOf(object.kind)(console, object, showEvents)}`))
    if (objects.length === 0 && errors.length === 0) console.err(flags.on('all-namespaces') ? 'No resources found' : `No resources found in ${console.namespace} namespace.`)
    for (const line of errors) console.fail(line)
  },
}

/** A name that nothing has may be the start of names (DescribeMatchingResources). */
function prefixed(console: Console, kind: string, name: string): K8sObject[] {
  return list(console, kind, isNamespaced(kind) ? console.namespace : '').filter((object) => object.metadata.name.startsWith(name))
}
