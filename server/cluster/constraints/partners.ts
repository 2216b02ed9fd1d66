/** Which container of an answer is which container of before: a new name is no way out of a constraint. */
import { normalizedImage } from '../kubelet/images.ts'
import type { Profile } from '../profile.ts'
import type { Scenario } from '../scenario.ts'
import type { ContainerPlace, Item } from './items.ts'
import { containersIn, podIn } from './items.ts'

/** An image reference with what the container runtime fills in: registry, library and the tag latest; one that cannot be read stays as it is. */
export function normalImage(reference: string): string {
  const read = normalizedImage(reference)
  return 'error' in read ? reference : read.name
}

export function imageOf({ container }: ContainerPlace): string {
  return normalImage(String(container.image ?? ''))
}

/** What the scenario says that runs in the image of a container. */
export function profileOf(scenario: Scenario, place: ContainerPlace): Profile | undefined {
  const image = imageOf(place)
  return scenario.profiles[scenario.images.find(({ name }) => normalImage(name) === image)?.profile ?? '']
}

/** Runs as long as the pod does: a container or a sidecar, no init container that ends. */
export function runsBeside({ group, container }: ContainerPlace): boolean {
  return group === 'containers' || container.restartPolicy === 'Always'
}

/** Both sides: kept; only `old`: gone; only `now`: new. */
export type Partners = { old: ContainerPlace; now: ContainerPlace | undefined } | { old: undefined; now: ContainerPlace }

/** What a container of the answer was called before; a new one keeps its name. */
export function formerNames(before: Item | undefined, after: Item): (name: string) => string {
  const names = new Map(partnersOf(before, after).flatMap(({ old, now }) => (old && now ? [[now.name, old.name]] : [])))
  return (name) => names.get(name) ?? name
}

/** By name, else by image, else the only one that is left with the only one that is left. What ran beside the others is no init container that ends. */
export function partnersOf(before: Item | undefined, after: Item): Partners[] {
  const free = containersIn(podIn(after.object))
  const partner = new Map<ContainerPlace, ContainerPlace>()
  const all = containersIn(before && podIn(before.object))
  const left = (): ContainerPlace[] => all.filter((old) => !partner.has(old))
  const take = (old: ContainerPlace, now: ContainerPlace | undefined): void => {
    if (!now) return
    partner.set(old, now)
    free.splice(free.indexOf(now), 1)
  }
  for (const old of all) take(old, free.find((now) => now.name === old.name && (runsBeside(now) || !runsBeside(old))))
  for (const old of left()) take(old, free.find((now) => imageOf(now) === imageOf(old) && runsBeside(now) === runsBeside(old)))
  const [lost, found] = [left().filter(runsBeside), free.filter(runsBeside)]
  if (lost.length === 1 && found.length === 1) take(lost[0]!, found[0])
  return [...all.map((old) => ({ old, now: partner.get(old) })), ...free.map((now) => ({ old: undefined, now }))]
}
