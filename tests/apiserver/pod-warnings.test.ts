import { describe, expect, it } from 'vitest'
import { admit } from '../../server/apiserver/index.ts'
import type { Fields, K8sObject } from '../../server/k8s/object.ts'

const pod = (spec: Fields): K8sObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { serviceAccountName: 'x', containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec } })
const files = (...paths: string[]): Fields[] => paths.map((path, index) => ({ key: `k${index}`, path }))
const projected = (...sources: Fields[]): K8sObject => pod({ volumes: [{ name: 'v', projected: { sources } }] })
const warned = (given: K8sObject): string[] => admit(given).warnings

describe('files that overlap', () => {
  it.each<[string, K8sObject, string[]]>([
    ['twice the same', pod({ volumes: [{ name: 'v', configMap: { name: 'm', items: files('a', 'a/') } }] }), ['volume "v" (ConfigMap "m"): overlapping paths: "a" with "a"']],
    ['a file in a file', pod({ volumes: [{ name: 'v', secret: { secretName: 's', items: files('a', 'a/b', 'ab') } }] }), ['volume "v" (Secret "s"): overlapping paths: "a/b" with "a"']],
    ['from two sources', projected({ configMap: { name: 'm', items: files('t/x') } }, { serviceAccountToken: { path: 't' } }), ['volume "v" (Projected): overlapping paths: "t" (ServiceAccountToken) with "t/x" (ConfigMap "m")']],
    ['with several others', projected({ secret: { name: 's', items: files('t/x', 't/y') } }, { serviceAccountToken: { path: 't' } }), ['x', 'y'].map((name) => `volume "v" (Projected): overlapping paths: "t" (ServiceAccountToken) with "t/${name}" (Secret "s")`)],
    ['none at all', projected({}), ['volume "v" (Projected) has no sources provided']],
  ])('%s', (_name, given, expected) => expect(warned(given)).toEqual(expected))
})

describe('ports that meet', () => {
  const ports = (...lists: Fields[][]): K8sObject => pod({ containers: lists.map((list, index) => ({ name: `c${index}`, image: 'i:1', ports: list })) })
  const at = (container: number, port: number): string => `spec.containers[${container}].ports[${port}]`
  it.each<[string, K8sObject, string[]]>([
    ['the same port twice', ports([{ containerPort: 80 }, { containerPort: 80 }]), [`${at(0, 1)}: duplicate port definition with ${at(0, 0)}`]],
    ['another protocol', ports([{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }]), []],
    ['one on the host', ports([{ containerPort: 80, hostPort: 80 }], [{ containerPort: 80 }]), [`${at(1, 0)}: overlapping port definition with ${at(0, 0)}`]],
    ['one on all addresses', ports([{ containerPort: 80, hostPort: 80 }], [{ containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' }]), [`${at(1, 0)}: dangerously ambiguous port definition with ${at(0, 0)}`]],
    ['the same name in two containers', ports([{ containerPort: 80, name: 'http' }], [{ containerPort: 81, name: 'http' }]), [`${at(1, 0)}: duplicate port name "http" with ${at(0, 0)}, services and probes that select ports by name will use ${at(0, 0)}`]],
    ['the name of a sidecar\'s port', pod({ initContainers: [{ name: 's', image: 'i:1', restartPolicy: 'Always', ports: [{ containerPort: 81, name: 'http' }] }], containers: [{ name: 'c', image: 'i:1', ports: [{ containerPort: 80, name: 'http' }] }] }), [`${at(0, 0)}: duplicate port name "http" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]`]],
  ])('%s', (_name, given, expected) => expect(warned(given)).toEqual(expected))
})

describe('warnings of hostile Pods', () => {
  it('end before they take long', () => {
    const many = Array.from({ length: 4000 }, (_, index) => index)
    const start = performance.now()
    expect(warned(pod({ containers: [{ name: 'c', image: 'i:1', ports: many.map(() => ({ containerPort: 80 })) }] })).length).toBeLessThan(300)
    expect(warned(pod({ containers: [{ name: 'c', image: 'i:1', ports: many.map((index) => ({ containerPort: 80, hostPort: index + 1 })) }] }))).toEqual([])
    expect(warned(projected(...many.map((index) => ({ configMap: { name: `m${index}`, items: files(`x${index}`) } }))))).toEqual([])
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
