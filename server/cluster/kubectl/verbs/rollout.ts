/** `kubectl rollout` and `kubectl scale` (cmd/rollout, cmd/scale). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { refOf } from '../../../k8s/object.ts'
import type { Printed } from '../../operations.ts'
import { history, printedName, restart, rolloutStatus, scale, undo } from '../../operations.ts'
import { hasSubresource, resourceOf } from '../../resources.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, find, present, Refusal, written } from '../console.ts'
import { describeTemplate } from '../describe/pod.ts'
import { Page } from '../describe/writer.ts'
import { tabulated } from '../print/tabwriter.ts'
import { yamlText } from '../print/yaml.ts'
import { waitUntil } from '../waiting.ts'
import { dryRun, dryRunSuffix } from './dry-run.ts'
import { namedObjects } from './files.ts'
import type { Verb } from './verb.ts'

const files = 'filename:f=l recursive:R kustomize:k=s selector:l=s'
const rolling = ['Deployment', 'StatefulSet', 'DaemonSet']

/** The workloads named, or the refusal for kinds that have no rollouts. */
function workloads(console: Console, verb: string): K8sObject[] {
  if (console.args.length === 0 && console.flags.all('filename').length === 0) throw new Refusal(`error: required resource not specified`)
  return namedObjects(console, console.args, { selector: console.flags.text('selector'), all: true }).filter((object) => {
    if (rolling.includes(object.kind)) return true
    console.fail(`error: ${{ history: 'no history viewer has been implemented', undo: 'no rollbacker has been implemented', status: 'no status viewer has been implemented' }[verb] ?? `${resourceOf(object.kind).plural}${resourceOf(object.kind).group ? `.${resourceOf(object.kind).group}` : ''} "${object.metadata.name}" ${{ restart: 'restarting', pause: 'pausing', resume: 'resuming' }[verb] ?? verb} is not supported`}${verb === 'status' ? ` for ${kindOf(object)}` : ['history', 'undo'].includes(verb) ? ` for "${kindOf(object)}"` : ''}`, verb === 'restart')
    return false
  })
}

/** `Deployment.apps`, as Go prints a GroupKind. */
function kindOf({ kind, apiVersion }: K8sObject): string {
  return apiVersion.includes('/') ? `${kind}.${apiVersion.split('/')[0]}` : kind
}

/** What --dry-run=server adds to the lines of an operation. */
function withSuffix(console: Console, printed: Printed): Printed {
  return { ...printed, output: printed.output.map((line) => line + dryRunSuffix(console)) }
}

/** Prints the lines of an operation and remembers that something changed. */
function show(console: Console, printed: Printed): void {
  for (const line of printed.output) console.out(line)
  for (const line of printed.errors) console.fail(line)
  if (printed.exitCode === 0) console.mutated = true
}

function status(console: Console): void {
  const { flags } = console
  const revision = flags.number('revision') || 0
  for (const object of workloads(console, 'status')) {
    const ref = refOf(object)
    let last = ''
    let failed = false
    const limit = flags.duration('timeout') || (console.patience ?? 300_000)
    const look = (): boolean => {
      const live = find(console, ref)
      const now = live ? rolloutStatus({ ...console.cluster, view: console.view } as Console['cluster'], ref) : { line: 'error: object has been deleted', done: true, failed: true }
      if (now.line !== last) {
        if (now.failed) console.fail(now.line)
        else console.out(now.line)
      }
      last = now.line
      failed = now.failed
      return now.done
    }
    if (revision > 0 && ref.kind === 'Deployment' && Number(object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0) !== revision) throw new Refusal(`error: desired revision (${revision}) is different from the running revision (${object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0})`)
    const done = flags.on('watch') ? waitUntil(console, limit, look) : look()
    if (!done && !failed && flags.on('watch') && !console.past && console.patience !== 0) {
      if (flags.given('timeout')) console.fail('error: timed out waiting for the condition')
      else console.fail(`# still waiting after ${limit / 1000}s of cluster time`)
    }
  }
}

function historyTable(console: Console): void {
  const asked = console.flags.number('revision') || 0
  const there = { ...console.cluster, view: console.view } as Console['cluster']
  for (const object of workloads(console, 'history')) {
    const revisions = history(there, refOf(object))
    if (asked > 0) {
      const found = revisions.find((revision) => revision.number === asked)
      if (!found) throw new Refusal(`error: unable to find the specified revision`)
      if (console.flags.text('output') === 'yaml') console.write(yamlText({ apiVersion: object.apiVersion, kind: object.kind, metadata: { name: object.metadata.name }, spec: { template: found.template } }))
      else {
        const page = new Page()
        describeTemplate(page, found.template as Fields)
        console.out(`${printedName(refOf(object))} with revision #${asked}`)
        console.out(page.toString())
      }
      continue
    }
    console.out(`${printedName(refOf(object))} `)
    console.out(`${tabulated(['REVISION\tCHANGE-CAUSE', ...revisions.map(({ number, cause }) => `${number}\t${cause}`)].join('\n'), { minWidth: 0, padding: 2 })}\n`)
  }
}

function pause(console: Console, on: boolean): void {
  present(console)
  for (const object of workloads(console, on ? 'pause' : 'resume')) {
    authorise(console, 'patch', object.kind, object.metadata.namespace ?? '', object.metadata.name)
    const name = printedName(refOf(object))
    if (object.kind !== 'Deployment') console.fail(`error: ${object.kind.toLowerCase()}s.apps "${object.metadata.name}" ${on ? 'pausing' : 'resuming'} is not supported`)
    else if (Boolean(object.spec?.paused) === on) console.fail(`error: deployments.apps "${object.metadata.name}" is ${on ? 'already paused' : 'not paused'}`)
    else {
      written(console, console.cluster.api.patch(refOf(object), { spec: { paused: on ? true : null } }))
      console.out(`${name} ${on ? 'paused' : 'resumed'}`)
    }
  }
}

/** --dry-run=client: the template that would come back (polymorphichelpers/rollback.go). */
function undoDry(console: Console, object: K8sObject): Printed {
  const revisions = history(console.cluster, refOf(object))
  const asked = console.flags.number('to-revision')
  const found = asked > 0 ? revisions.find((revision) => revision.number === asked) : revisions.at(-2)
  if (!found) return { output: [], errors: [asked > 0 ? `error: unable to find specified revision ${asked} in history` : `error: no rollout history found for ${object.kind.toLowerCase()} "${object.metadata.name}"`], exitCode: 1 }
  const page = new Page()
  describeTemplate(page, found.template as Fields)
  return { output: [`${printedName(refOf(object))} ${page.toString()}${dryRunSuffix(console)}`], errors: [], exitCode: 0 }
}

/** Runs an operation on every workload named. */
function each(console: Console, verb: string, act: (object: K8sObject) => Printed): void {
  present(console)
  for (const object of workloads(console, verb)) {
    authorise(console, 'patch', object.kind, object.metadata.namespace ?? '', object.metadata.name)
    show(console, act(object))
  }
}

export const rolloutVerb: Verb = {
  name: 'rollout',
  about: 'Manage the rollout of a resource',
  usage: 'rollout SUBCOMMAND',
  verbs: [
    { name: 'history', about: 'View rollout history', usage: 'rollout history (TYPE NAME | TYPE/NAME) [flags]', completes: 'workloads', flags: flagTable(`revision=i output:o=s ${files}`), run: historyTable },
    { name: 'pause', about: 'Mark the provided resource as paused', usage: 'rollout pause RESOURCE', completes: 'workloads', flags: flagTable(`${files} output:o=s`), run: (console) => pause(console, true) },
    { name: 'restart', about: 'Restart a resource', usage: 'rollout restart RESOURCE', completes: 'workloads', flags: flagTable(`${files} output:o=s`), run: (console) => each(console, 'restart', (object) => restart(console.cluster, refOf(object))) },
    { name: 'resume', about: 'Resume a paused resource', usage: 'rollout resume RESOURCE', completes: 'workloads', flags: flagTable(`${files} output:o=s`), run: (console) => pause(console, false) },
    { name: 'status', about: 'Show the status of the rollout', usage: 'rollout status (TYPE NAME | TYPE/NAME) [flags]', completes: 'workloads', flags: flagTable(`watch:w=b,true timeout=d revision=i ${files}`), run: status },
    { name: 'undo', about: 'Undo a previous rollout', usage: 'rollout undo (TYPE NAME | TYPE/NAME) [flags]', completes: 'workloads', flags: flagTable(`to-revision=i,0 dry-run=o,unchanged output:o=s ${files}`), run: (console) => each(console, 'undo', (object) => (dryRun(console) ? undoDry(console, object) : withSuffix(console, undo(console.cluster, refOf(object), console.flags.number('to-revision'))))) },
  ],
}

export const scaleVerb: Verb = {
  name: 'scale',
  meant: ['resize'],
  about: 'Set a new size for a deployment, replica set, or replication controller',
  usage: 'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  completes: 'workloads',
  flags: flagTable(`replicas=i current-replicas=i,-1 resource-version=s timeout=d all dry-run=o,unchanged output:o=s ${files}`),
  run(console) {
    present(console)
    const { flags } = console
    if (!flags.given('replicas')) throw new Refusal('error: required flag(s) "replicas" not set')
    if (flags.number('replicas') < 0) throw new Refusal(`error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0`)
    for (const object of namedObjects(console, console.args, { selector: flags.text('selector'), all: flags.on('all') })) {
      authorise(console, 'patch', object.kind, object.metadata.namespace ?? '', object.metadata.name, 'scale')
      if (!hasSubresource(object.kind, 'scale')) console.fail(`Error from server (NotFound): the server could not find the requested resource`)
      else if (flags.number('current-replicas') >= 0 && (object.spec?.replicas ?? 1) !== flags.number('current-replicas')) console.fail(`error: Expected replicas to be ${flags.number('current-replicas')}, was ${object.spec?.replicas ?? 1}`)
      else if (dryRun(console)) console.out(`${printedName(refOf(object))} scaled${dryRunSuffix(console)}`)
      else show(console, withSuffix(console, scale(console.cluster, refOf(object), flags.number('replicas'))))
    }
  },
}
