/** What the containers of a pod ask for together (component-helpers/resource: AggregateContainerRequests, AggregateContainerLimits). */
import type { Fields } from '../k8s/object.ts'
import type { Quantity } from '../k8s/quantity.ts'
import { addQuantities, printQuantity, quantityOf } from '../k8s/quantity.ts'

type Sums = Map<string, Quantity>

/**
 * The pod's requests or limits by resource, as canonical texts: normal containers and sidecars add up; an init container needs
 * its own amount beside the sidecars started before it, and the largest such need is a floor.
 */
export function aggregateResources(spec: Fields, list: 'requests' | 'limits'): Map<string, string> {
  const total: Sums = new Map()
  for (const container of (spec.containers ?? []) as Fields[]) add(total, container.resources?.[list] as Fields | undefined)
  const sidecars: Sums = new Map()
  const floor: Sums = new Map()
  for (const container of (spec.initContainers ?? []) as Fields[]) {
    const amounts = container.resources?.[list] as Fields | undefined
    const isSidecar = container.restartPolicy === 'Always'
    if (isSidecar) add(total, amounts)
    const together: Sums = isSidecar ? sidecars : new Map(sidecars)
    add(together, amounts)
    raise(floor, together)
  }
  raise(total, floor)
  return new Map([...total].map(([name, quantity]) => [name, printQuantity(quantity)]))
}

function add(sums: Sums, amounts: Fields | undefined): void {
  for (const name of Object.keys(amounts ?? {})) {
    const quantity = quantityOf(amounts![name] as string)
    const before = sums.get(name)
    sums.set(name, before ? addQuantities(before, quantity) : quantity)
  }
}

function raise(sums: Sums, floor: Sums): void {
  for (const [name, quantity] of floor) {
    const before = sums.get(name)
    if (!before || quantity.nano > before.nano) sums.set(name, quantity)
  }
}
