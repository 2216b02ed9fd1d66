/** From an image reference to what is in it: the scenario's images first, then the catalogue of public ones. */
import type { Cluster, ResolvedImage } from '../types.ts'
import type { Profile } from '../profile.ts'
import { profileSchema } from '../profile.ts'
import { hash } from '../../seed.ts'
import { amountOf } from '../amounts.ts'
import { normalizedImage } from '../kubelet/images.ts'
import { catalogue } from './catalogue.ts'

/** A digest that belongs to a name and tag, the same in every run. */
export function digestOf(name: string): string {
  return `sha256:${Array.from({ length: 8 }, (_, i) => hash(`${i}\0${name}`).toString(16).padStart(8, '0')).join('')}`
}

const parsedCatalogue = new Map<string, Profile>()

/** Catalogue profiles are constants: parsed once per process, on first use. */
function catalogueProfile(name: string, input: (typeof catalogue)[number]['profile']): Profile {
  let profile = parsedCatalogue.get(name)
  if (!profile) parsedCatalogue.set(name, (profile = profileSchema.parse(input)))
  return profile
}

/** Finds images by name and tag, by digest, or by both (then the digest decides). Undefined: the registry has no such image. */
export function createImageSource(cluster: Cluster): (reference: string) => ResolvedImage | undefined {
  const own = cluster.scenario.images.flatMap((image) => {
    const parsed = normalizedImage(image.name)
    const profile = cluster.scenario.profiles[image.profile]
    if ('error' in parsed || !profile) return []
    const tag = parsed.tag.startsWith('sha256:') ? undefined : parsed.tag
    const resolved: ResolvedImage = { name: parsed.name, profile, image: profile.image, arch: image.arch, digest: image.digest ?? (tag === undefined ? parsed.tag : digestOf(parsed.name)), sizeBytes: amountOf(image.size).milli / 1000, pullMs: image.pull }
    return [{ repository: `${parsed.host}/${parsed.path}`, tag, resolved }]
  })
  const known = new Map<string, ResolvedImage | undefined>()

  function find(reference: string): ResolvedImage | undefined {
    const parsed = normalizedImage(reference)
    if ('error' in parsed) return undefined
    const repository = `${parsed.host}/${parsed.path}`
    const byDigest = parsed.tag.startsWith('sha256:')
    const mine = own.find((one) => one.repository === repository && (byDigest ? one.resolved.digest === parsed.tag : one.tag === parsed.tag))
    if (mine) return mine.resolved
    const entry = catalogue.find((one) => one.name === repository)
    if (!entry || (!byDigest && !entry.tags.test(parsed.tag))) return undefined
    const profile = catalogueProfile(entry.name, entry.profile)
    return { name: parsed.name, profile, image: profile.image, arch: entry.arch ?? ['amd64', 'arm64'], digest: byDigest ? parsed.tag : digestOf(parsed.name), sizeBytes: entry.sizeBytes, pullMs: entry.pullMs }
  }

  return (reference) => {
    if (!known.has(reference)) known.set(reference, find(reference))
    return known.get(reference)
  }
}
