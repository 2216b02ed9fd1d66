import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { resources } from '../../../server/cluster/resources.ts'
import { everyKind } from './objects.ts'
import { stillCluster, told } from './still-cluster.ts'

const cluster = stillCluster(everyKind, 100)
const folder = new URL('goldens/', import.meta.url)

/** Holds what commands print to a file; UPDATE_GOLDEN=1 writes it. */
function golden(name: string, commands: readonly string[]): void {
  const text = commands.map((command) => `$ kubectl ${command}\n${told(cluster, `kubectl ${command}`)}`).join('\n')
  const file = new URL(`${name}.txt`, folder)
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, text)
  }
  expect(existsSync(file)).toBe(true)
  expect(text).toBe(readFileSync(file, 'utf8'))
}

describe('what every kind looks like', () => {
  const shown = resources.filter(({ kind }) => everyKind.some((object) => object.kind === kind))
  it.each(shown)('get $plural', ({ plural }) => golden(`get-${plural}`, [`get ${plural}`, `get ${plural} -o wide`, `get ${plural} -A --show-labels`]))
  it.each(shown.filter(({ kind }) => kind !== 'Event'))('describe $plural', ({ plural }) => golden(`describe-${plural}`, [`describe ${plural} --show-events`]))
  it('Endpoints mirrored from slices', () => golden('endpoints', ['get endpoints', 'describe endpoints login']))
  it('events by time, by object and by type', () => golden('events', ['events', 'events --for pod/login-6d4-x7k2p --types=Warning', 'events -A --no-headers', 'get events --sort-by=.metadata.creationTimestamp', 'get events --field-selector type=Warning,involvedObject.kind=Pod']))
})
