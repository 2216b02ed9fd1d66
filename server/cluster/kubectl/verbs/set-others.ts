/** `kubectl set selector` and `kubectl set subject`: what lies outside of pod templates (cmd/set/set_selector.go, cmd/set/set_subject.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { equal } from '../../pods.ts'
import { resourceOf } from '../../resources.ts'
import { nothingNamed } from '../arguments.ts'
import type { Console } from '../console.ts'
import { authorise, present, Refusal, written } from '../console.ts'
import { parseLabelSelector, SelectorError } from '../label-selector.ts'
import { printDone } from './apply.ts'
import { dryRun } from './dry-run.ts'
import { namedObjects } from './files.ts'

/** Writes the object, or with --dry-run and --local only prints it. */
function put(console: Console, next: K8sObject, done: string): void {
  const local = console.flags.on('local')
  if (!local) authorise(console, 'patch', next.kind, next.metadata.namespace ?? '', next.metadata.name)
  printDone(console, dryRun(console) || local ? next : written(console, console.cluster.api.update(next)), done, local)
}

/** The selector as labels; a Service has no expressions. */
function labelsOf(text: string): Record<string, string> {
  try {
    const requirements = parseLabelSelector(text)
    const other = requirements.filter(({ operator, values = [] }) => operator !== 'In' || values.length !== 1 || text.includes('('))
    if (other.length > 0) throw new Refusal(`error: match expression [${other.map(({ key, operator, values = [] }) => `{${key} ${operator} [${values.join(' ')}]}`).join(' ')}] not supported on this object`)
    return Object.fromEntries(requirements.map(({ key, values }) => [key, values![0]!]))
  } catch (error) {
    if (error instanceof SelectorError) throw new Refusal(`error: couldn't parse the selector string "${text}": ${error.message}`)
    throw error
  }
}

export function setSelector(console: Console): void {
  const text = console.args.at(-1)
  if (text === undefined) throw new Refusal('error: one selector is required')
  if (console.args.length === 1 && console.flags.all('filename').length === 0) throw new Refusal(nothingNamed)
  if (!console.flags.on('local')) present(console)
  for (const object of namedObjects(console, console.args.slice(0, -1), { all: console.flags.on('all') })) {
    if (object.kind !== 'Service') throw new Refusal('error: setting a selector is only supported for Services')
    put(console, { ...object, spec: { ...object.spec, selector: labelsOf(text) } }, 'selector updated')
  }
}

/** --user, --group and --serviceaccount as subjects, each kind sorted and once. */
function subjects(console: Console): Fields[] {
  const { flags } = console
  const once = (flag: string): string[] => [...new Set(flags.all(flag))].sort()
  const named = (kind: string, names: readonly string[]): Fields[] => names.map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name }))
  return [...named('User', once('user')), ...named('Group', once('group')), ...once('serviceaccount').map((text): Fields => {
    const [namespace = '', name = ''] = text.split(':')
    return { kind: 'ServiceAccount', name, namespace: namespace || console.namespace }
  })]
}

export function setSubject(console: Console): void {
  const { flags } = console
  if (!flags.on('local')) present(console)
  const objects = namedObjects(console, console.args, { selector: flags.text('selector'), all: flags.on('all') })
  if (objects.length === 0) return
  if (flags.on('all') && flags.text('selector') !== '') throw new Refusal('error: cannot set --all and --selector at the same time')
  const added = subjects(console)
  if (added.length === 0) throw new Refusal('error: you must specify at least one value of user, group or serviceaccount')
  for (const account of flags.all('serviceaccount')) {
    const [namespace, name = '', ...more] = account.split(':')
    if (name === '' || more.length > 0) throw new Refusal('error: serviceaccount must be <namespace>:<name>')
    if (namespace === '' && objects.some((object) => object.kind === 'ClusterRoleBinding')) throw new Refusal('error: serviceaccount must be <namespace>:<name>, namespace must be specified')
  }
  for (const object of objects) {
    if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') {
      console.fail(`error: ${resourceOf(object.kind).plural}/${object.metadata.name} setting subjects is only supported for RoleBinding/ClusterRoleBinding\n`)
      continue
    }
    const old = (Array.isArray(object.subjects) ? object.subjects : []) as Fields[]
    const fresh = added.filter((one) => !old.some((other) => equal(one, other)))
    // Who is there already is no change, and nothing is said.
    if (fresh.length > 0) put(console, { ...object, subjects: [...old, ...fresh] }, 'subjects updated')
  }
}
