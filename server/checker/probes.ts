/** What rules about probes share. */
import type { Fields } from '../k8s/object.ts'

export const probeNames = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const
export type ProbeName = (typeof probeNames)[number]

/** The probes of a container that are set. */
export function probesOf(container: Fields): { name: ProbeName; probe: Fields }[] {
  return probeNames.flatMap((name) => (container[name] ? [{ name, probe: container[name] as Fields }] : []))
}

/** What a probe does, as comparable text; the thresholds are left out. */
export function handlerOf(probe: Fields): string {
  const handler = ['exec', 'httpGet', 'tcpSocket', 'grpc'].find((name) => probe[name])
  return handler === undefined ? '' : `${handler} ${JSON.stringify(probe[handler])}`
}
