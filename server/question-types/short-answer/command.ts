/**
 * What a command line means, as one comparable text: two lines that do the same thing get the same one.
 * kubectl is understood (verbs, resource aliases, kind/name or kind name, short and long flags, `--flag=v` or `--flag v`, flag order);
 * of other programs the words count, in order, however they are quoted.
 */
import { compareText } from '../../k8s/object.ts'
import { shellWords } from './shell-words.ts'

/** Aliases as `kubectl api-resources` lists them, to the plural name. */
const resources: Record<string, string> = {}
for (const names of [
  'pods pod po', 'services service svc', 'deployments deployment deploy', 'replicasets replicaset rs', 'statefulsets statefulset sts', 'daemonsets daemonset ds',
  'jobs job', 'cronjobs cronjob cj', 'configmaps configmap cm', 'secrets secret', 'nodes node no', 'namespaces namespace ns', 'events event ev',
  'endpoints ep', 'endpointslices endpointslice', 'ingresses ingress ing', 'networkpolicies networkpolicy netpol', 'persistentvolumes persistentvolume pv',
  'persistentvolumeclaims persistentvolumeclaim pvc', 'storageclasses storageclass sc', 'serviceaccounts serviceaccount sa', 'roles role', 'rolebindings rolebinding',
  'clusterroles clusterrole', 'clusterrolebindings clusterrolebinding', 'horizontalpodautoscalers horizontalpodautoscaler hpa', 'poddisruptionbudgets poddisruptionbudget pdb',
  'resourcequotas resourcequota quota', 'limitranges limitrange limits', 'priorityclasses priorityclass pc', 'leases lease', 'volumeattachments volumeattachment',
  'validatingadmissionpolicies validatingadmissionpolicy', 'gateways gateway gtw', 'httproutes httproute',
]) {
  const all = names.split(' ')
  for (const name of all) resources[name] = all[0]!
}

const groups: Record<string, string> = { 'endpointslices.discovery.k8s.io': 'endpointslices', 'deployments.apps': 'deployments', 'deployment.apps': 'deployments', 'events.events.k8s.io': 'events', 'networkpolicies.networking.k8s.io': 'networkpolicies' }

/** Flags without a value. */
const switches = new Set(('all-namespaces watch watch-only follow previous stdin tty all-containers timestamps show-labels no-headers ignore-daemonsets delete-emptydir-data ' +
  'force rm server-side recursive prefix now all list quiet overwrite wait prune show-kind include-uninitialized disable-eviction attach allow-missing-template-keys containers ' +
  'ignore-not-found sum resources no-diff share-processes keep-liveness record show-managed-fields sort-natural').split(' '))

const shortFlags: Record<string, string> = { n: 'namespace', A: 'all-namespaces', o: 'output', l: 'selector', f: 'filename', c: 'container', w: 'watch', i: 'stdin', t: 'tty', k: 'kustomize', L: 'label-columns', R: 'recursive', v: 'v', q: 'quiet', s: 'server' }
/** A letter that means something else under one verb. */
const shortFlagsOfVerb: Record<string, Record<string, string>> = { logs: { f: 'follow', p: 'previous' }, patch: { p: 'patch' } }

const groupVerbs = new Set(['rollout', 'auth', 'config', 'set', 'top', 'certificate', 'create', 'cluster-info'])
const podVerbs = new Set(['logs', 'exec', 'attach', 'port-forward', 'debug'])
const nodeVerbs = new Set(['cordon', 'uncordon', 'drain'])
const resourceVerbs = new Set(['get', 'describe', 'delete', 'edit', 'scale', 'label', 'annotate', 'patch', 'expose', 'wait', 'autoscale', 'rollout status', 'rollout restart', 'rollout undo', 'rollout history', 'rollout pause', 'rollout resume', 'set image', 'set env', 'set resources', 'set serviceaccount', 'explain'])
const verbAliases: Record<string, string> = { log: 'logs' }

function resourceOf(word: string): string {
  const name = word.toLowerCase()
  return groups[name] ?? (Object.hasOwn(resources, name) ? resources[name]! : name)
}

function isAssignment(word: string): boolean {
  return /^[^/=]+=/.test(word) || /^[\w./-]+-$/.test(word)
}

/** `deploy/login`, `deploy login` and `deployment.apps/login` become `deployments/login`. Assignments (`app=image`, `key-`) stay as they are, at the end. */
function normaliseTargets(words: readonly string[]): string[] {
  const targets: string[] = []
  const rest: string[] = []
  let kinds: string[] | undefined
  for (const word of words) {
    if (kinds !== undefined || word.includes('/') ? isAssignment(word) && !/^[\w.]+\/[^=]+$/.test(word) : false) rest.push(word)
    else if (/^[\w.-]+\/[^/]+$/.test(word)) {
      const [kind, name] = word.split('/') as [string, string]
      targets.push(`${resourceOf(kind)}/${name}`)
      kinds ??= []
    } else if (kinds === undefined) kinds = word.split(',').map(resourceOf)
    else targets.push(...(kinds.length > 0 ? kinds.map((kind) => `${kind}/${word}`) : [word]))
  }
  if (targets.length === 0 && kinds) targets.push([...kinds].sort(compareText).join(','))
  return [...targets.sort(compareText), ...rest.sort(compareText)]
}

function normaliseValue(flag: string, value: string): string {
  if (flag === 'selector') return value.replaceAll('==', '=').split(',').map((part) => part.trim()).sort(compareText).join(',')
  if (flag === 'patch') {
    try {
      return JSON.stringify(JSON.parse(value))
    } catch {
      return value
    }
  }
  return value
}

type Parsed = { words: string[]; flags: string[]; rest: string[] }

/** Separates flags from words; `verb` settles what a short letter means. */
function separate(words: readonly string[], verb: string): Parsed | undefined {
  const parsed: Parsed = { words: [], flags: [], rest: [] }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      parsed.rest = words.slice(i + 1)
      break
    }
    if (!word.startsWith('-') || word === '-') {
      parsed.words.push(word)
      continue
    }
    let name: string
    let value: string | undefined
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      name = equals < 0 ? word.slice(2) : word.slice(2, equals)
      value = equals < 0 ? undefined : word.slice(equals + 1)
    } else {
      const letters = word.slice(1)
      const long = (letter: string) => shortFlagsOfVerb[verb]?.[letter] ?? (Object.hasOwn(shortFlags, letter) ? shortFlags[letter]! : undefined)
      // A bundle such as -it: all but the last letter are switches.
      let at = 0
      while (at < letters.length - 1 && switches.has(long(letters[at]!) ?? '') && letters[at + 1] !== '=') parsed.flags.push(`${long(letters[at++]!)}=true`)
      const found = long(letters[at]!)
      if (found === undefined) return undefined
      name = found
      const tail = letters.slice(at + 1)
      value = tail === '' ? undefined : tail.replace(/^=/, '')
    }
    if (switches.has(name)) value ??= 'true'
    else if (value === undefined) {
      if (name === 'dry-run' || words[i + 1] === undefined) return undefined
      value = words[++i]!
    }
    if (!(switches.has(name) && value === 'false')) parsed.flags.push(`${name}=${normaliseValue(name, value)}`)
  }
  parsed.flags.sort(compareText)
  return parsed
}

/** The first words that are not flags, before anything is known about the verb: flags may stand in front of it. */
function verbOf(words: readonly string[]): string | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (!word.startsWith('-')) return verbAliases[word] ?? word
    if (word.includes('=') || switches.has(word.replace(/^--/, '')) || word === '-A') continue
    i++
  }
  return undefined
}

/** One text per meaning, or undefined for a line that is no command. Never throws. */
export function meaningOf(line: string): string | undefined {
  const words = shellWords(line.normalize('NFKC').trim().replace(/^[$#]\s+/, ''))
  if (!words || words.length === 0 || words.length > 100) return undefined
  if (words[0] !== 'kubectl' && words[0] !== 'k') return JSON.stringify(words.flatMap((word) => (/^--[\w-]+=/.test(word) ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word])))
  const first = verbOf(words.slice(1))
  if (first === undefined) return undefined
  const parsed = separate(words.slice(1), first)
  if (!parsed) return undefined
  parsed.words[0] = first
  let verb = first
  let operands = parsed.words.slice(1)
  if (groupVerbs.has(first) && operands.length > 0) {
    verb = `${first} ${first === 'top' ? resourceOf(operands[0]!) : operands[0]}`
    operands = operands.slice(1)
  }
  if (verb === 'create secret' && operands.length > 0) {
    verb = `${verb} ${operands[0]}`
    operands = operands.slice(1)
  }
  if (verb === 'explain') operands = operands.map((word) => word.replace(/^[^.]+/, resourceOf))
  else if (resourceVerbs.has(verb)) operands = normaliseTargets(operands)
  else if (podVerbs.has(verb) && operands.length > 0) operands = [operands[0]!.includes('/') ? normaliseTargets([operands[0]!])[0]! : `pods/${operands[0]}`, ...operands.slice(1)]
  else if (nodeVerbs.has(verb)) operands = operands.map((word) => word.replace(/^nodes?\//, '')).sort(compareText)
  else if (verb === 'auth can-i' && operands.length > 1) operands = [operands[0]!, ...operands.slice(1).map((word) => word.split('/').map((part, index) => (index === 0 ? resourceOf(part) : part)).join('/'))]
  return JSON.stringify(['kubectl', verb, operands, parsed.flags, parsed.rest])
}
