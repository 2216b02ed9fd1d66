/** Which objects a command line names: types, type/name pairs, names, selectors (cli-runtime/pkg/resource/builder.go). */
import type { K8sObject, Ref } from '../../k8s/object.ts'
import { notFound } from '../admission/refusal.ts'
import { isNamespaced, resources } from '../resources.ts'
import type { Resource } from '../resources.ts'
import type { Console } from './console.ts'
import { authorise, find, list, Refusal, serverError } from './console.ts'
import { readFieldSelector, readLabelSelector } from './selectors.ts'

/** The members of the category `all`, in the order kubectl asks for them. */
const all = ['Pod', 'ReplicationController', 'Service', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'HorizontalPodAutoscaler', 'CronJob', 'Job']

/** A resource by plural, singular, short name or kind, with an optional `.group` or `.version.group`; undefined when the cluster has none of that name. */
export function resourceNamed(word: string): Resource | undefined {
  const [first = '', ...rest] = word.toLowerCase().split('.')
  const matches = resources.filter((resource) => resource.plural === first || resource.kind.toLowerCase() === first || resource.short.includes(first))
  if (rest.length === 0) return matches[0]
  const tail = rest.join('.')
  return matches.find((resource) => resource.group === tail || `${resource.version}.${resource.group}` === tail || (resource.group === '' && tail === resource.version))
}

/** The resource, or kubectl's refusal. */
export function resourceFor(word: string): Resource {
  const resource = resourceNamed(word)
  if (!resource) throw new Refusal(`error: the server doesn't have a resource type "${word.split('.')[0]}"`)
  return resource
}

export type Request = { resource: Resource; /** Undefined: the whole collection. */ name?: string }

/** Reads `pods`, `pods,svc`, `pod a b`, `pod/a svc/b`, `all`. */
export function readRequests(args: readonly string[]): Request[] {
  const slashes = args.filter((arg) => arg.includes('/')).length
  if (slashes > 0 && slashes < args.length) throw new Refusal("error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'")
  if (slashes > 0) {
    return args.map((arg) => {
      const parts = arg.split('/')
      if (parts.length !== 2) throw new Refusal('error: arguments in resource/name form may not have more than one slash')
      if (parts[0] === '' || parts[1] === '' || parts[0]!.includes(',')) throw new Refusal('error: arguments in resource/name form must have a single resource and name')
      return { resource: resourceFor(parts[0]!), name: parts[1]! }
    })
  }
  const types = (args[0] ?? '').split(',').filter((word) => word !== '').flatMap((word) => (word === 'all' ? all.map((kind) => resources.find((resource) => resource.kind === kind)!) : [resourceFor(word)]))
  const names = args.slice(1)
  return [...new Set(types)].flatMap((resource): Request[] => (names.length === 0 ? [{ resource }] : names.map((name) => ({ resource, name }))))
}

export type Found = { objects: K8sObject[]; /** Lines of what was not found. */ errors: string[]; requests: Request[]; /** A single object was named. */ single: boolean }

export type Filter = { selector: string; fieldSelector: string; allNamespaces: boolean; verb?: string }

/** All objects that the arguments and selectors name, request by request. */
export function findObjects(console: Console, args: readonly string[], filter: Filter): Found {
  const requests = readRequests(args)
  const named = requests.some((request) => request.name !== undefined)
  if (named && filter.selector !== '') throw new Refusal(args.some((arg) => arg.includes('/')) ? 'error: selectors and the all flag cannot be used when passing resource/name arguments' : 'error: name cannot be provided when a selector is specified')
  if (named && filter.allNamespaces && requests.some((request) => isNamespaced(request.resource.kind))) throw new Refusal('error: a resource cannot be retrieved by name across all namespaces')
  const found: Found = { objects: [], errors: [], requests, single: requests.length === 1 && named }
  if (requests.some((request) => request.resource.kind === 'Endpoints')) console.err('Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice')
  for (const { resource, name } of requests) {
    const namespace = !resource.namespaced || filter.allNamespaces ? '' : console.namespace
    try {
      if (name === undefined) found.objects.push(...selected(console, resource.kind, namespace, filter))
      else found.objects.push(one(console, { kind: resource.kind, namespace, name }, filter))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (!found.errors.includes(error.message)) found.errors.push(error.message)
    }
  }
  return found
}

function one(console: Console, ref: Ref, filter: Filter): K8sObject {
  authorise(console, filter.verb ?? 'get', ref.kind, ref.namespace, ref.name)
  const object = find(console, ref)
  if (!object) throw new Refusal(serverError(notFound(ref.kind, ref.name)))
  return object
}

/** A collection, filtered by labels and fields. */
export function selected(console: Console, kind: string, namespace: string, { selector, fieldSelector }: Pick<Filter, 'selector' | 'fieldSelector'>): K8sObject[] {
  const matchesLabels = selector === '' ? () => true : readLabelSelector(selector, kind, fieldSelector)
  const matchesFields = fieldSelector === '' ? () => true : readFieldSelector(fieldSelector, kind, selector)
  return list(console, kind, namespace).filter((object) => matchesLabels(object.metadata.labels) && matchesFields(object))
}

/** resource.Builder's answer when nothing says which objects are meant. */
export const nothingNamed = "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"

/** The objects a verb acts on: must be named or selected. Prints what was not found and fails at the end. */
export function targets(console: Console, args: readonly string[], options: { selector?: string; fieldSelector?: string; all?: boolean; allNamespaces?: boolean; verb?: string; /** Say nothing of what is not there. */ ignoreNotFound?: boolean } = {}): K8sObject[] {
  const filter: Filter = { selector: options.selector ?? '', fieldSelector: options.fieldSelector ?? '', allNamespaces: options.allNamespaces ?? false, ...(options.verb ? { verb: options.verb } : {}) }
  if (args.length === 0) throw new Refusal(nothingNamed)
  const requests = readRequests(args)
  if (requests.some((request) => request.name === undefined) && filter.selector === '' && filter.fieldSelector === '' && !options.all) throw new Refusal('error: resource(s) were provided, but no name was specified')
  const found = findObjects(console, args, filter)
  for (const line of found.errors) if (!options.ignoreNotFound || !line.startsWith('Error from server (NotFound)')) console.fail(line)
  return found.objects
}
