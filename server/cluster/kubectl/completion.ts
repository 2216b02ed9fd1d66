/** Tab completion: verbs, flags, resource types, names, containers, namespaces, files. */
import { compareText } from '../../k8s/object.ts'
import { isNamespaced, resources } from '../resources.ts'
import type { LiveCluster } from '../cluster.ts'
import { resourceNamed } from './arguments.ts'
import { globalFlags } from './command-line.ts'
import type { Session } from './console.ts'
import { verbs } from './verbs/index.ts'
import type { Verb } from './verbs/verb.ts'

export type Candidate = { text: string; /** What it is, one or two words. */ about: string }

/** What could stand at the cursor: `from` is where the word to replace begins. Sorted; empty when nothing fits. */
export function completeKubectl(cluster: LiveCluster, line: string, cursor: number = line.length, session: Session = { namespace: cluster.scenario.namespace }): { from: number; candidates: Candidate[] } {
  const before = line.slice(0, cursor)
  const from = before.length - (/[^\s|;&(]*$/.exec(before)?.[0].length ?? 0)
  const segmentStart = /.*(?:[|;&]|\$\()/s.exec(before)?.[0].length ?? 0
  const words = before.slice(segmentStart, from).split(/\s+/).filter((word) => word !== '')
  const current = before.slice(from)
  const all = candidates(cluster, words, current, session)
  const unique = new Map(all.filter((candidate) => candidate.text.startsWith(current)).map((candidate) => [candidate.text, candidate]))
  return { from, candidates: [...unique.values()].sort((a, b) => compareText(a.text, b.text)) }
}

function candidates(cluster: LiveCluster, words: readonly string[], current: string, session: Session): Candidate[] {
  if (words.length === 0) return [{ text: 'kubectl', about: 'command' }, ...verbNames(verbs)]
  let list: readonly Verb[] | undefined = verbs
  let verb: Verb | undefined
  const args: string[] = []
  const rest = words[0] === 'kubectl' || words[0] === 'k' ? words.slice(1) : words
  for (const word of rest) {
    const next: Verb | undefined = list?.find((item) => item.name === word || item.aliases?.includes(word))
    if (next) {
      verb = next
      list = next.verbs
    } else if (!word.startsWith('-')) args.push(word)
  }
  const flags = [...(verb?.flags ?? []), ...globalFlags]
  const last = rest.at(-1) ?? ''
  const valued = flags.find((flag) => flag.kind !== 'switch' && flag.kind !== 'optional' && (last === `--${flag.name}` || (flag.short !== undefined && last === `-${flag.short}`)))
  const there = { ...session, namespace: namespaceIn(rest, session) }
  if (valued) return flagValues(cluster, valued.name, args, there)
  const inline = /^--([\w-]+)=/.exec(current)
  if (inline) return flagValues(cluster, inline[1]!, args, there).map((candidate) => ({ ...candidate, text: `--${inline[1]}=${candidate.text}` }))
  if (current.startsWith('-')) return flags.map((flag) => ({ text: `--${flag.name}`, about: 'flag' }))
  if (!verb) return verbNames(verbs)
  if (list && list.length > 0 && args.length === 0) return verbNames(list)
  return argumentsOf(cluster, verb, args, current, namespaceIn(rest, session))
}

function verbNames(list: readonly Verb[]): Candidate[] {
  return list.map((verb) => ({ text: verb.name, about: verb.about }))
}

function namespaceIn(words: readonly string[], session: Session): string {
  const at = words.findIndex((word) => word === '-n' || word === '--namespace')
  return (at >= 0 ? words[at + 1] : words.find((word) => /^(--namespace=|-n=)/.test(word))?.split('=')[1]) ?? session.namespace
}

function namesOf(cluster: LiveCluster, kind: string, namespace: string, prefix = ''): Candidate[] {
  return cluster.view.list(kind, isNamespaced(kind) ? namespace : undefined).map((object) => ({ text: `${prefix}${object.metadata.name}`, about: kind }))
}

function flagValues(cluster: LiveCluster, flag: string, args: readonly string[], session: Session): Candidate[] {
  if (flag === 'namespace') return namesOf(cluster, 'Namespace', '')
  if (flag === 'output') return ['wide', 'yaml', 'json', 'name', 'jsonpath=', 'jsonpath-as-json=', 'custom-columns='].map((text) => ({ text, about: 'format' }))
  if (flag === 'filename') return Object.keys(session.files ?? {}).map((text) => ({ text, about: 'file' }))
  if (flag === 'container') {
    const pod = cluster.view.get('Pod', session.namespace, (args[0] ?? '').replace(/^pods?\//, ''))
    return [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])].map((container: { name: string }) => ({ text: container.name, about: 'container' }))
  }
  if (flag === 'as') return cluster.view.list('ServiceAccount').map((account) => ({ text: `system:serviceaccount:${account.metadata.namespace}:${account.metadata.name}`, about: 'ServiceAccount' }))
  return []
}

const workloads = ['Deployment', 'StatefulSet', 'DaemonSet']

function argumentsOf(cluster: LiveCluster, verb: Verb, args: readonly string[], current: string, namespace: string): Candidate[] {
  if (verb.completes === 'none' || verb.completes === undefined || verb.completes === 'files') return []
  if (verb.completes === 'nodes') return namesOf(cluster, 'Node', '')
  if (verb.completes === 'pods' && args.length === 0 && !current.includes('/')) return [...namesOf(cluster, 'Pod', namespace), ...workloads.map((kind) => ({ text: `${kind.toLowerCase()}/`, about: 'resource type' }))]
  const slash = current.indexOf('/')
  if (slash >= 0) {
    const resource = resourceNamed(current.slice(0, slash))
    return resource ? namesOf(cluster, resource.kind, namespace, current.slice(0, slash + 1)) : []
  }
  if (args.length > 0 && !args[0]!.includes('/')) {
    const resource = resourceNamed(args[0]!)
    return resource ? namesOf(cluster, resource.kind, namespace) : []
  }
  const kinds = verb.completes === 'workloads' ? resources.filter((resource) => workloads.includes(resource.kind)) : resources
  return kinds.flatMap((resource) => [resource.plural, ...resource.short].map((text) => ({ text: args.length > 0 ? `${text}/` : text, about: 'resource type' })))
}
