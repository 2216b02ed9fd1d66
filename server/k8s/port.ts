/** Int-or-string values: ports by number or name, counts by number or percentage (apimachinery/pkg/util/intstr). */

export type IntOrString = number | string

/** GetScaledValueFromIntOrPercent: a number as it is; `25%` of `total`, rounded up or down; undefined when the text is no percentage. */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): number | undefined {
  if (typeof value === 'number') return value
  const percentage = percentOf(value)
  if (percentage === undefined) return undefined
  return roundUp ? Math.ceil((percentage * total) / 100) : Math.floor((percentage * total) / 100)
}

/** The number before the `%`, or undefined. */
export function percentOf(value: IntOrString): number | undefined {
  return typeof value === 'string' && /^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) : undefined
}

/** IntOrString.IntValue: a number, or the number a text spells, or 0. */
export function intValue(value: IntOrString): number {
  if (typeof value === 'number') return value
  return /^[+-]?[0-9]+$/.test(value) ? Number(value) : 0
}

/** The number of the port that `target` names among `ports`, or undefined. */
export function resolvePort(target: IntOrString, ports: readonly { name?: string; containerPort: number; protocol?: string }[], protocol = 'TCP'): number | undefined {
  if (typeof target === 'number') return target
  return ports.find((port) => port.name === target && (port.protocol ?? 'TCP') === protocol)?.containerPort
}
