/** `kubectl events`: events in the order they were last seen (cmd/events/events.go). */
import type { K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { resourceFor } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { list, Refusal } from '../console.ts'
import { eventAge } from '../describe/writer.ts'
import { printFormatted, readFormat } from '../print/output.ts'
import { tabulated } from '../print/tabwriter.ts'
import { lastSeen } from '../served.ts'
import { patienceOf, waitUntil } from '../waiting.ts'
import type { Verb } from './verb.ts'

export const eventsVerb: Verb = {
  name: 'events',
  about: 'List events',
  usage: 'events [(-o|--output=)…] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  completes: 'none',
  flags: flagTable('all-namespaces:A for=s types=l watch:w output:o=s no-headers chunk-size=i,500 allow-missing-template-keys=b,true show-managed-fields template=s'),
  run(console) {
    const { flags } = console
    for (const type of flags.list('types')) if (!/^(normal|warning)$/i.test(type)) throw new Refusal('error: valid --types are Normal or Warning')
    const about = flags.text('for') === '' ? undefined : target(flags.text('for'))
    const format = readFormat(console)
    if (flags.on('watch')) waitUntil(console, patienceOf(console), () => false)
    const moment: Console = flags.on('watch') ? { ...console, view: console.cluster.view, nowMs: Date.parse(console.cluster.timestamp()) } : console
    const events = list(moment, 'Event', flags.on('all-namespaces') ? '' : console.namespace)
      .filter((event) => (about === undefined || (event.involvedObject?.name === about.name && event.involvedObject?.kind === about.kind)) && (flags.list('types').length === 0 || flags.list('types').some((type) => type.toLowerCase() === String(event.type).toLowerCase())))
      .sort((a, b) => compareText(lastSeen(a), lastSeen(b)))
    if (format.name !== '' && format.name !== 'wide') printFormatted(console, events, format, false)
    else if (events.length === 0) console.err(flags.on('all-namespaces') ? 'No events found.' : `No events found in ${console.namespace} namespace.`)
    else console.out(eventTable(events, flags.on('all-namespaces'), !flags.on('no-headers'), moment.nowMs))
  },
}

function target(text: string): { kind: string; name: string } {
  const [type = '', name = '', ...more] = text.split('/')
  if (name === '' || more.length > 0) throw new Refusal(`error: --for must be in resource/name form`)
  return { kind: resourceFor(type).kind, name }
}

function eventTable(events: readonly K8sObject[], namespaces: boolean, headers: boolean, nowMs: number): string {
  const row = (event: K8sObject): string[] => [...(namespaces ? [event.metadata.namespace ?? ''] : []), eventAge(event, nowMs), event.type, event.reason, `${event.involvedObject?.kind}/${event.involvedObject?.name}`, String(event.message ?? '').trim()]
  return tabulated([...(headers ? [[...(namespaces ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']] : []), ...events.map(row)].map((cells) => cells.join('\t')).join('\n'))
}
