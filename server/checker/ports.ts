/** Ports that pods declare, and what a port of a Service or a policy finds among them. */
import type { Fields } from '../k8s/object.ts'
import type { IntOrString } from '../k8s/port.ts'
import type { Workload } from './inventory.ts'
import { runningContainers } from './pods.ts'

export type DeclaredPort = { name?: string; port: number; protocol: string; container: string; path: readonly (string | number)[] }

/** Ports of the containers that run as long as the pod: the normal ones, and init containers that restart always (endpointslice: findPort). */
export function declaredPorts({ pod }: Pick<Workload, 'pod'>): DeclaredPort[] {
  return runningContainers(pod.spec, [...pod.path, 'spec']).flatMap(({ container, path }) =>
    ((container.ports ?? []) as Fields[]).map((port, index) => ({ name: port.name as string | undefined, port: port.containerPort as number, protocol: (port.protocol ?? 'TCP') as string, container: container.name as string, path: [...path, 'ports', index] })),
  )
}

/** Does the pod declare the port: by name with this protocol, or by number? */
export function declares(ports: readonly DeclaredPort[], wanted: IntOrString, protocol: string): boolean {
  return ports.some((port) => port.protocol === protocol && (typeof wanted === 'number' ? port.port === wanted : port.name === wanted))
}

/** `http (8080/TCP), 7777/UDP`. */
export function portList(ports: readonly DeclaredPort[]): string {
  return ports.length === 0 ? '-' : ports.slice(0, 8).map(({ name, port, protocol }) => (name ? `${name} (${port}/${protocol})` : `${port}/${protocol}`)).join(', ')
}
