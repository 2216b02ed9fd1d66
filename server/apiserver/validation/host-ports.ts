/** Container ports and host ports (core/validation.go: validateContainerPorts, AccumulateUniqueHostPorts, validatePodHostNetworkDeps). */
import type { Fields } from '../../k8s/object.ts'
import { portName, portNumber } from '../../k8s/names.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, invalid, invalidEach, notSupported, required } from '../field.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

export function validateContainerPorts(ports: readonly Fields[], list: Path, errors: FieldError[]): void {
  const names = new Set<string>()
  ports.forEach((port, index) => {
    const at = list.index(index)
    if (port.name) {
      const wrong = portName(port.name as string)
      if (wrong.length > 0) errors.push(...invalidEach(at.child('name'), port.name, wrong))
      else if (names.has(port.name as string)) errors.push(duplicate(at.child('name'), port.name))
      else names.add(port.name as string)
    }
    if (!port.containerPort) errors.push(required(at.child('containerPort')))
    else errors.push(...invalidEach(at.child('containerPort'), port.containerPort, portNumber(port.containerPort as number)))
    if (port.hostPort) errors.push(...invalidEach(at.child('hostPort'), port.hostPort, portNumber(port.hostPort as number)))
    if (!port.protocol) errors.push(required(at.child('protocol')))
    else if (!protocols.includes(port.protocol as string)) errors.push(notSupported(at.child('protocol'), port.protocol, protocols))
  })
}

/** checkHostPortConflicts over `containers`; `pathOf` gives the path of each. */
export function hostPortConflicts(containers: readonly Fields[], pathOf: (index: number) => Path, errors: FieldError[]): void {
  const taken = new Set<string>()
  containers.forEach((container, index) => {
    const ports = (container.ports ?? []) as Fields[]
    ports.forEach((port, position) => {
      if (!port.hostPort) return
      const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`
      if (taken.has(key)) errors.push(duplicate(pathOf(index).child('ports').index(position).child('hostPort'), key))
      else taken.add(key)
    })
  })
}

/** With hostNetwork a host port is the container port; in a template it may be left out, in a Pod it was defaulted. */
export function validateHostNetworkPorts(spec: Fields, isPod: boolean, at: Path, errors: FieldError[]): void {
  if (!spec.hostNetwork) return
  const containers = (spec.containers ?? []) as Fields[]
  containers.forEach((container, index) => {
    const ports = (container.ports ?? []) as Fields[]
    ports.forEach((port, position) => {
      const hostPort = (port.hostPort ?? 0) as number
      if ((isPod || hostPort !== 0) && hostPort !== (port.containerPort ?? 0)) {
        errors.push(invalid(at.child('containers').index(index).child('ports').index(position).child('hostPort'), hostPort, 'must match `containerPort` when `hostNetwork` is true'))
      }
    })
  })
}
