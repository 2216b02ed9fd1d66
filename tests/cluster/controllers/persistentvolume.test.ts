/** Claims and volumes made by hand: which volume a claim gets, what is said when the one it names does not suit, and what becomes of a volume whose claim is gone. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../../server/cluster/index.ts'
import type { Simulation } from '../../../server/cluster/index.ts'
import type { Fields } from '../../../server/k8s/object.ts'
import { fileOf } from '../../support/exercise.ts'

function play(...objects: Fields[]): Simulation {
  const scenario = scenarioSchema.parse({ cluster: { storageClasses: [{ name: 'later' }] }, runs: [{ name: 'main', warmup: '5s', length: '1m' }], goals: [{ id: 'any', admitted: {} }] })
  return simulate({ scenario, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const volume = (name: string, spec: Fields = {}, labels: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, labels }, spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'manual', csi: { driver: 'csi.game.example', volumeHandle: name }, ...spec } })
const claim = (name: string, spec: Fields = {}): Fields => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'game' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'manual', resources: { requests: { storage: '5Gi' } }, ...spec } })
const run = ({ cluster }: Simulation, line: string): string => { const { stdout, stderr } = runKubectl(cluster, `kubectl ${line}`, { namespace: 'game' }); return stdout + stderr }
const later = ({ cluster }: Simulation, seconds: number): void => void cluster.advance(cluster.now + seconds * 1000)
/** Phase of the claim and the volume it has. */
const has = ({ cluster }: Simulation, name: string): (string | undefined)[] => { const { status, spec } = cluster.view.get('PersistentVolumeClaim', 'game', name)!; return [status?.phase, spec?.volumeName] }
const phaseOf = ({ cluster }: Simulation, name: string): string | undefined => cluster.view.get('PersistentVolume', '', name)?.status?.phase
const warnings = (played: Simulation, name: string): string[] => [...run(played, `describe pvc ${name}`).matchAll(/^ +(?:Warning|Normal) +(\w+) .*persistentvolume-controller +(.*)$/gm)].map(([, reason, message]) => `${reason} ${message}`)

describe('a claim', () => {
  it('gets the smallest volume that suits', () => {
    expect(has(play(volume('large', { capacity: { storage: '20Gi' } }), volume('small', { capacity: { storage: '4Gi' } }), volume('middle', { capacity: { storage: '8Gi' } }), claim('a')), 'a')).toEqual(['Bound', 'middle'])
  })
  it('shows what it got, not what it asked for', () => expect(run(play(volume('large', { capacity: { storage: '20Gi' } }), claim('a')), 'get pvc a --no-headers')).toMatch(/^a +Bound +large +20Gi +RWO +manual /))
  it.each<[string, Fields, Fields]>([
    ['its class', { storageClassName: 'other' }, {}], ['its mode', { volumeMode: 'Block' }, {}], ['its access modes', { accessModes: ['ReadOnlyMany'] }, {}], ['its size', { capacity: { storage: '4Gi' } }, {}], ['its labels', {}, { selector: { matchLabels: { disk: 'ssd' } } }],
  ])('gets none that does not suit for %s', (_name, of, wants) => expect(has(play(volume('only', of), claim('a', wants)), 'a')).toEqual(['Pending', undefined]))
  it('gets a volume that is kept for it although a smaller one is free', () => {
    const kept = volume('kept', { capacity: { storage: '20Gi' }, claimRef: { namespace: 'game', name: 'a' } })
    expect(has(play(volume('free'), kept, claim('a')), 'a')).toEqual(['Bound', 'kept'])
    expect(has(play(kept, claim('b')), 'b')).toEqual(['Pending', undefined])
  })
})

describe('a claim that names its volume', () => {
  it.each<[string, Fields, Fields, string]>([
    ['too small', { capacity: { storage: '4Gi' } }, {}, 'requested PV is too small'],
    ['of another class', { storageClassName: 'other' }, {}, 'storageClassName does not match'],
    ['with other access modes', {}, { accessModes: ['ReadWriteMany'] }, 'incompatible accessMode'],
    ['of another mode', {}, { volumeMode: 'Block' }, 'incompatible volumeMode'],
  ])('waits and says why when it is %s', (_name, of, wants, why) => {
    const played = play(volume('named', of), volume('better', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }), claim('a', { volumeName: 'named', ...wants }))
    expect(has(played, 'a')).toEqual(['Pending', 'named'])
    expect(warnings(played, 'a')).toEqual([`VolumeMismatch Cannot bind to requested volume "named": ${why}`])
    expect(phaseOf(played, 'named')).toBe('Available')
  })
  it('waits and says so when another claim has it', () => {
    const played = play(volume('named'), claim('first'), claim('second', { volumeName: 'named' }))
    expect([has(played, 'first'), has(played, 'second')]).toEqual([['Bound', 'named'], ['Pending', 'named']])
    expect(warnings(played, 'second')).toEqual(['FailedBinding volume "named" already bound to a different claim.'])
  })
  it('waits for it in silence, and has it as soon as it is there', () => {
    const played = play(claim('a', { volumeName: 'named' }))
    expect(has(played, 'a')).toEqual(['Pending', 'named'])
    expect(warnings(played, 'a')).toEqual([])
    played.cluster.api.create(volume('named') as never)
    later(played, 20)
    expect(has(played, 'a')).toEqual(['Bound', 'named'])
  })
})

describe('a volume whose claim is gone', () => {
  const left = (policy: string): Simulation => {
    const disk = volume('disk', { persistentVolumeReclaimPolicy: policy })
    disk.metadata.annotations = { 'pv.kubernetes.io/provisioned-by': 'csi.game.example' }
    const played = play(disk, claim('a'))
    expect(has(played, 'a')).toEqual(['Bound', 'disk'])
    run(played, 'delete pvc a')
    later(played, 20)
    return played
  }
  it('is released, and nobody gets it: neither another claim nor one of the same name nor one that asks for it', () => {
    const played = left('Retain')
    expect(run(played, 'get pv disk --no-headers')).toMatch(/^disk +5Gi +RWO +Retain +Released +game\/a +manual /)
    for (const one of [claim('b'), claim('a'), claim('c', { volumeName: 'disk' })]) played.cluster.api.create(one as never)
    later(played, 60)
    expect(['a', 'b', 'c'].map((name) => has(played, name)[0])).toEqual(['Pending', 'Pending', 'Pending'])
    expect(phaseOf(played, 'disk')).toBe('Released')
    expect(warnings(played, 'c')).toEqual(['FailedBinding volume "disk" already bound to a different claim.'])
  })
  it('is there for all when its claimRef is taken away', () => {
    const played = left('Retain')
    expect(run(played, `patch pv disk --type=json -p '[{"op":"remove","path":"/spec/claimRef"}]'`)).toBe('persistentvolume/disk patched\n')
    later(played, 5)
    expect(phaseOf(played, 'disk')).toBe('Available')
    played.cluster.api.create(claim('b') as never)
    later(played, 20)
    expect(has(played, 'b')).toEqual(['Bound', 'disk'])
  })
  it('is there for a claim of the same name when only the uid is taken away', () => {
    const played = left('Retain')
    run(played, `patch pv disk -p '{"spec":{"claimRef":{"uid":null}}}'`)
    for (const name of ['b', 'a']) played.cluster.api.create(claim(name) as never)
    later(played, 20)
    expect([has(played, 'a'), has(played, 'b')]).toEqual([['Bound', 'disk'], ['Pending', undefined]])
  })
  it('goes too with the policy Delete', () => expect(phaseOf(left('Delete'), 'disk')).toBeUndefined())
})

it('a claim whose volume is deleted by force is lost', () => {
  const played = play(volume('disk'), claim('a'))
  run(played, `patch pv disk -p '{"metadata":{"finalizers":null}}'`)
  run(played, 'delete pv disk')
  later(played, 20)
  expect(has(played, 'a')[0]).toBe('Lost')
  expect(warnings(played, 'a')).toEqual(['ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!'])
})

describe('a claim that asks for more', () => {
  const grows = (allowVolumeExpansion: boolean | undefined, size: string, from = 'fast'): [string, string] => {
    const fast = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' }, provisioner: 'csi.game.example', ...(allowVolumeExpansion === undefined ? {} : { allowVolumeExpansion }) }
    const played = play(fast, volume('hand', { storageClassName: 'none' }), claim('a', { storageClassName: from }))
    const told = run(played, `patch pvc a -p '{"spec":{"resources":{"requests":{"storage":"${size}"}}}}'`)
    later(played, 20)
    return [told.trim(), String(played.cluster.view.get('PersistentVolumeClaim', 'game', 'a')!.status!.capacity?.storage)]
  }
  const unsupported = 'Error from server (Forbidden): persistentvolumeclaims "a" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
  it('gets it where its class allows that', () => expect(grows(true, '8Gi')).toEqual(['persistentvolumeclaim/a patched', '8Gi']))
  it.each([[undefined], [false]])('is refused where its class does not: %s', (allowed) => expect(grows(allowed, '8Gi')).toEqual([unsupported, '5Gi']))
  it('is refused where it has no class that made the volume', () => expect(grows(true, '8Gi', 'none')).toEqual([unsupported, '5Gi']))
  it('is refused before it is bound', () => expect(grows(true, '8Gi', 'later')).toEqual([expect.stringMatching(/^The PersistentVolumeClaim "a" is invalid: spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims/), 'undefined']))
  it('never shrinks', () => expect(grows(true, '4Gi')).toEqual(['The PersistentVolumeClaim "a" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity', '5Gi']))
})
