/** Images as volumes, and which pod may pull or use an image: secrets by path, the check of 1.35, back-off per pod and image. */
import { describe, expect, it } from 'vitest'
import { runKubectl, scenarioSchema, simulate } from '../../server/cluster/index.ts'
import type { Simulation } from '../../server/cluster/index.ts'
import type { Fields } from '../../server/k8s/object.ts'
import { fileOf } from '../support/exercise.ts'

const maps = 'registry.game.example/art/maps:1'
const profiles = { maps: { image: { shell: false, files: { '/level.txt': 'castle\n', '/deep/a.txt': 'a\n' } } } }

function play(objects: unknown[], scenario: Fields = {}): Simulation {
  const parsed = scenarioSchema.parse({ cluster: { nodes: [{ name: 'node-1', images: ['busybox:1.37'] }] }, profiles, images: [{ name: maps, profile: 'maps' }], runs: [{ name: 'main', warmup: '0s', length: '1m' }], goals: [{ id: 'any', admitted: {} }], ...scenario })
  return simulate({ scenario: parsed, given: {}, files: { 'a.yaml': fileOf(...objects) } })
}
const pod = (name: string, script: string, mounts: Fields[], image: Fields = {}, spec: Fields = {}): Fields => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' },
  spec: { ...spec, containers: [{ name: 'app', image: 'busybox:1.37', command: ['sh', '-c', `${script}; sleep 600`], volumeMounts: mounts.map((mount) => ({ name: 'maps', mountPath: '/maps', ...mount })) }], volumes: [{ name: 'maps', image: { reference: maps, ...image } }] },
})
const log = ({ cluster }: Simulation, name = 'web'): string => runKubectl(cluster, `kubectl logs ${name} -n game`).stdout
const waiting = ({ cluster }: Simulation, name = 'web'): Fields => cluster.view.get('Pod', 'game', name)!.status.containerStatuses[0].state.waiting as Fields
const events = ({ result }: Simulation, name = 'web'): string[] => result.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.name === name && entry.ref.namespace === 'game').map((entry) => `${String(entry.data!.reason)} ${String(entry.data!.message)}`)

describe('an image volume', () => {
  it('shows the files of the image and nothing else, for reading only', () => expect(log(play([pod('web', 'ls /maps; cat /maps/level.txt; echo x > /maps/y', [{}])]))).toBe("deep\nlevel.txt\ncastle\nsh: can't create /maps/y: Read-only file system\n"))
  it('may be mounted from a folder of the image', () => expect(log(play([pod('web', 'ls /maps', [{ subPath: 'deep' }])]))).toBe('a.txt\n'))
  it('is noted before 1.35, where it is off', () => expect(play([pod('web', 'true', [{}])], { kubernetes: '1.34' }).result.notes).toContainEqual(expect.objectContaining({ text: 'The volume maps is of a kind that is not modelled.', decisive: true })))
  it('is pulled before the image of the container, which the events do not name', () => {
    const played = play([pod('web', 'true', [{}])])
    expect(events(played).slice(1, 4)).toEqual([`Pulling Pulling image "${maps}"`, expect.stringMatching(/^Pulled Successfully pulled image/), 'Pulled Container image "busybox:1.37" already present on machine and can be accessed by the pod'])
    expect(runKubectl(played.cluster, 'kubectl describe pod web -n game').stdout).toMatch(/kubelet +Pulling image "registry/)
  })
  it('that does not exist keeps its container waiting, and not the others', () => {
    const broken = pod('web', 'true', [{}], { reference: 'registry.game.example/art/maps:2' })
    ;(broken.spec as Fields).containers.push({ name: 'other', image: 'busybox:1.37', command: ['sleep', '600'] })
    const played = play([broken])
    expect(waiting(played)).toMatchObject({ reason: 'ErrImagePull', message: expect.stringMatching(/^rpc error: code = NotFound desc = .*maps:2: not found$/) })
    expect(played.cluster.view.get('Pod', 'game', 'web')!.status.containerStatuses[1].state.running).toBeDefined()
    expect(events(played)).toEqual(expect.arrayContaining(['Failed Error: ErrImagePull', 'BackOff Back-off pulling image "registry.game.example/art/maps:2"', 'Failed Error: ImagePullBackOff']))
  })
  it('is not pulled where the policy is Never', () => expect(waiting(play([pod('web', 'true', [{}], { pullPolicy: 'Never' })]))).toMatchObject({ reason: 'ErrImageNeverPull', message: `Container image "${maps}" is not present with pull policy of Never` }))
  it.each([
    ['nope', /ImageVolumeMountFailed: failed to ensure image subpath "nope" in "\/run\/containerd\/.*": openat nope: no such file or directory$/],
    ['level.txt', /ImageVolumeMountFailed: failed to ensure image subpath "level\.txt" in "([^"]*)": only directory subpath is supported, subpath: "level\.txt", mountpoint: "\1" $/],
  ])('has no folder %s', (subPath, message) => expect(waiting(play([pod('web', 'true', [{ subPath }])]))).toMatchObject({ reason: 'CreateContainerError', message: expect.stringMatching(message) }))
})

describe('who may use an image', () => {
  const auth = { username: 'game', password: 'secret' }
  const registries = { 'registry.game.example': { auth } }
  const secret = (name: string, key: string): Fields => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'game' }, type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [key]: auth } }) } })
  const app = (name: string, secrets: string[]): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'game' }, spec: { nodeName: 'node-1', imagePullSecrets: secrets.map((one) => ({ name: one })), containers: [{ name: 'app', image: maps, command: ['/x'] }] } })

  it.each([
    ['registry.game.example', true], ['https://registry.game.example/v1/', true], ['registry.game.example/art', true], ['registry.game.example/art/maps', true], ['*.game.example', true],
    ['registry.game.example/sound', false], ['registry.game.example:5000', false], ['*.example', false], ['registry.*.example/art', true],
  ])('a secret for %s: %s', (key, pulls) => expect(events(play([secret('regcred', key), app('web', ['regcred'])], { registries })).some((text) => text.startsWith('Pulled Successfully'))).toBe(pulls))

  it.each([['1.36', false], ['1.34', true]])('a pod without secrets uses what another one pulled with them: %s %s', (kubernetes, uses) => {
    const both = play([secret('regcred', 'registry.game.example'), app('first', ['regcred']), { ...app('second', []), spec: { ...(app('second', []).spec as Fields), initContainers: [{ name: 'wait', image: 'busybox:1.37', command: ['sleep', '20'] }] } }], { registries, kubernetes })
    expect(events(both, 'second').includes(`Pulled Container image "${maps}" already present on machine`)).toBe(uses)
    expect(events(both, 'second').some((text) => text.includes('401 Unauthorized'))).toBe(!uses)
  })

  it('two containers of a pod share the back-off of an image that is not there', () => {
    const container = (name: string): Fields => ({ name, image: 'registry.game.example/none:1' })
    const played = play([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'game' }, spec: { containers: [container('a'), container('b')] } }])
    expect(events(played).slice(1, 6)).toEqual(['Pulling Pulling image "registry.game.example/none:1"', expect.stringMatching(/^Failed Failed to pull image/), 'Failed Error: ErrImagePull', 'BackOff Back-off pulling image "registry.game.example/none:1"', 'Failed Error: ImagePullBackOff'])
  })

  it('a secret that is missing is told before anything is pulled', () => {
    const told = events(play([app('web', ['regcred'])], { registries }))
    expect(told[0]).toBe('FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.')
    expect(told.some((text) => text.includes('failed to fetch anonymous token'))).toBe(true)
  })
})
