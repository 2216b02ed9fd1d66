/** What the server warns about in a pod that it accepts (pkg/api/pod/warnings.go, pkg/api/node/util.go). */
import type { Fields } from '../../k8s/object.ts'
import { quote } from '../../k8s/go-text.ts'
import { ipWarnings } from '../../k8s/ip.ts'
import { labelValue } from '../../k8s/names.ts'
import { podContainers } from '../../k8s/podspec.ts'
import { isWhole } from '../../k8s/quantity.ts'
import { appArmorField, appArmorPrefix, seccompContainerPrefix, seccompPodAnnotation } from './pod-annotations.ts'
import { isSame } from '../metadata.ts'
import { overlappingPathWarnings } from './volume-warnings.ts'

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Node labels that were replaced, and what is said about them (pkg/api/node/util.go). */
export const oldNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

const oldAnnotations: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]

const oldVolumes: readonly (readonly [string, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

/** `template` is a pod template, or a Pod; `path` is where it is, '' for a Pod. */
export function podWarnings(template: Fields, path: string): string[] {
  const at = path === '' ? '' : `${path}.`
  const spec = (template.spec ?? {}) as Fields
  const annotations = (template.metadata?.annotations ?? {}) as Record<string, string>
  const warnings: string[] = []
  placementWarnings(spec, `${at}spec`, warnings)
  for (const [key, message] of oldAnnotations) if (Object.hasOwn(annotations, key)) warnings.push(`${at}metadata.annotations[${key}]: ${message}`)
  volumeWarnings((spec.volumes ?? []) as Fields[], `${at}spec.volumes`, warnings)
  repeatedNameWarnings(spec, `${at}spec`, warnings)
  for (const name of ['memory', 'ephemeral-storage']) fractionWarning(spec.overhead?.[name] as string | undefined, `${at}spec.overhead[${name}]`, warnings)
  if (!spec.securityContext?.seccompProfile && Object.hasOwn(annotations, seccompPodAnnotation)) warnings.push(`${at}metadata.annotations[${seccompPodAnnotation}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
  for (const { container, list, index } of podContainers(spec)) containerWarnings(container, spec, annotations, path !== '', `${at}spec.${list}[${index}]`, `${at}metadata.annotations`, warnings)
  portWarnings(spec, `${at}spec`, warnings)
  portNameWarnings(spec, `${at}spec`, warnings)
  if (((spec.terminationGracePeriodSeconds ?? 0) as number) < 0) warnings.push(`${at}spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  for (const kind of ['podAffinity', 'podAntiAffinity']) affinityWarnings((spec.affinity?.[kind] ?? {}) as Fields, `${at}spec.affinity.${kind}`, warnings)
  return warnings
}

const noPodMessage = 'a null labelSelector results in matching no pod'

function placementWarnings(spec: Fields, at: string, warnings: string[]): void {
  for (const key of Object.keys((spec.nodeSelector ?? {}) as Fields)) if (Object.hasOwn(oldNodeLabels, key)) warnings.push(`${at}.nodeSelector[${key}]: ${oldNodeLabels[key]}`)
  const affinity = (spec.affinity?.nodeAffinity ?? {}) as Fields
  const terms = (affinity[requiredField]?.nodeSelectorTerms ?? []) as Fields[]
  terms.forEach((term, index) => nodeTermWarnings(term, false, `${at}.affinity.nodeAffinity.${requiredField}.nodeSelectorTerms[${index}]`, warnings))
  const preferred = (affinity[preferredField] ?? []) as Fields[]
  preferred.forEach((term, index) => nodeTermWarnings((term.preference ?? {}) as Fields, true, `${at}.affinity.nodeAffinity.${preferredField}[${index}].preference`, warnings))
  const constraints = (spec.topologySpreadConstraints ?? []) as Fields[]
  constraints.forEach((constraint, index) => {
    const key = (constraint.topologyKey ?? '') as string
    if (Object.hasOwn(oldNodeLabels, key)) warnings.push(`${at}.topologySpreadConstraints[${index}].topologyKey: ${key} is ${oldNodeLabels[key]}`)
    if (!constraint.labelSelector) warnings.push(`${at}.topologySpreadConstraints[${index}].labelSelector: ${noPodMessage}`)
  })
}

/** GetWarningsForNodeSelectorTerm: labels that nodes no longer have; of a preference also values that are no label values. */
export function nodeTermWarnings(term: Fields, isPreference: boolean, at: string, warnings: string[]): void {
  const expressions = (term.matchExpressions ?? []) as Fields[]
  expressions.forEach((expression, index) => {
    const key = (expression.key ?? '') as string
    if (Object.hasOwn(oldNodeLabels, key)) warnings.push(`${at}.matchExpressions[${index}].key: ${key} is ${oldNodeLabels[key]}`)
    const values = (expression.values ?? []) as string[]
    if (isPreference) values.forEach((value, position) => labelValue(value).forEach((message) => warnings.push(`${at}.matchExpressions[${index}].values[${position}]: ${value} is invalid, ${message}`)))
  })
}

function volumeWarnings(volumes: readonly Fields[], at: string, warnings: string[]): void {
  volumes.forEach((volume, index) => {
    for (const [field, shown, message] of oldVolumes) if (volume[field]) warnings.push(`${at}[${index}].${shown}: ${message}`)
    fractionWarning(volume.ephemeral?.volumeClaimTemplate?.spec?.resources?.requests?.storage as string | undefined, `${at}[${index}].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]`, warnings)
  })
  warnings.push(...overlappingPathWarnings(volumes))
}

/** A part of a byte can't be asked for. */
export function fractionWarning(amount: string | undefined, at: string, warnings: string[]): void {
  if (amount !== undefined && !isWhole(amount)) warnings.push(`${at}: fractional byte value ${quote(amount)} is invalid, must be an integer`)
}

function repeatedNameWarnings(spec: Fields, at: string, warnings: string[]): void {
  const addresses = new Set<string>()
  const aliases = (spec.hostAliases ?? []) as Fields[]
  aliases.forEach((alias, index) => {
    const ip = (alias.ip ?? '') as string
    if (addresses.has(ip)) warnings.push(`${at}.hostAliases[${index}].ip: duplicate ip ${quote(ip)}`)
    addresses.add(ip)
    warnings.push(...ipWarnings(`${at}.hostAliases[${index}].ip`, ip))
  })
  const names = new Set<string>()
  const secrets = (spec.imagePullSecrets ?? []) as Fields[]
  const nameOf = (secret: Fields): string => (secret.name ?? '') as string
  secrets.forEach((secret, index) => {
    if (names.has(nameOf(secret))) warnings.push(`${at}.imagePullSecrets[${index}].name: duplicate name ${quote(nameOf(secret))}`)
    names.add(nameOf(secret))
  })
  secrets.forEach((secret, index) => {
    if (nameOf(secret) === '') warnings.push(`${at}.imagePullSecrets[${index}].name: invalid empty name ""`)
  })
  const nameservers = (spec.dnsConfig?.nameservers ?? []) as string[]
  nameservers.forEach((server, index) => warnings.push(...ipWarnings(`${at}.dnsConfig.nameservers[${index}]`, server)))
}

function containerWarnings(container: Fields, spec: Fields, annotations: Record<string, string>, isTemplate: boolean, at: string, annotationsAt: string, warnings: string[]): void {
  const name = (container.name ?? '') as string
  const context = container.securityContext as Fields | undefined
  const seccomp = seccompContainerPrefix + name
  if (!context?.seccompProfile && Object.hasOwn(annotations, seccomp)) warnings.push(`${annotationsAt}[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
  const appArmor = appArmorPrefix + name
  if (Object.hasOwn(annotations, appArmor) && isOldAppArmor(annotations[appArmor]!, context, spec, isTemplate)) warnings.push(`${annotationsAt}[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`)
  for (const resource of ['memory', 'ephemeral-storage']) {
    for (const list of ['limits', 'requests']) fractionWarning(container.resources?.[list]?.[resource] as string | undefined, `${at}.resources.${list}[${resource}]`, warnings)
  }
  const variables = (container.env ?? []) as Fields[]
  const seen = new Set<string>()
  variables.forEach((variable, index) => {
    const own = (variable.name ?? '') as string
    const value = (variable.value ?? '') as string
    const reference = `$(${own})`
    if (seen.has(own) && (variable.valueFrom || value === reference || !value.includes(reference))) warnings.push(`${at}.env[${index}]: hides previous definition of ${quote(own)}, which may be dropped when using apply`)
    seen.add(own)
  })
}

/** In a template: an annotation without any field. In a Pod: one that became the field, or that can't (pod/strategy.go:applyAppArmorVersionSkew). */
function isOldAppArmor(annotation: string, context: Fields | undefined, spec: Fields, isTemplate: boolean): boolean {
  const ofPod = spec.securityContext?.appArmorProfile as Fields | undefined
  if (isTemplate) return !ofPod && !context?.appArmorProfile
  const field = appArmorField(annotation)
  return !field || (!isSame(field, ofPod) && !context?.appArmorProfile)
}

type Port = { at: string; hostIP: string; hostPort: number }

/** The server prints about four thousand characters of warnings; so many about ports are more. */
const portWarningsMax = 200
const comparisonsMax = 500_000

function portWarnings(spec: Fields, at: string, warnings: string[]): void {
  const known = new Map<string, Port[]>()
  const enough = warnings.length + portWarningsMax
  let comparisons = 0
  for (const { container, list, index } of podContainers(spec)) {
    const ports = (container.ports ?? []) as Fields[]
    for (const [position, port] of ports.entries()) {
      const own: Port = { at: `${at}.${list}[${index}].ports[${position}]`, hostIP: (port.hostIP ?? '') as string, hostPort: (port.hostPort ?? 0) as number }
      const protocol = (port.protocol ?? '') as string
      if (own.hostIP !== '' && own.hostPort === 0) warnings.push(`${own.at}: hostIP set without hostPort: {Name:${port.name ?? ''} HostPort:0 ContainerPort:${port.containerPort ?? 0} Protocol:${protocol} HostIP:${own.hostIP}}`)
      const key = `${port.containerPort ?? 0}/${protocol}`
      const others = known.get(key) ?? []
      for (const other of others) {
        if (warnings.length > enough || comparisons++ > comparisonsMax) return
        const conflict = portConflict(own, other)
        if (conflict) warnings.push(`${own.at}: ${conflict} port definition with ${other.at}`)
      }
      others.push(own)
      known.set(key, others)
    }
  }
}

function portNameWarnings(spec: Fields, at: string, warnings: string[]): void {
  const first = new Map<string, string>()
  for (const { container, list, index } of podContainers(spec)) {
    const ports = (container.ports ?? []) as Fields[]
    for (const [position, port] of ports.entries()) {
      const name = (port.name ?? '') as string
      if (name === '') continue
      const own = `${at}.${list}[${index}].ports[${position}]`
      const other = first.get(name)
      if (other === undefined) first.set(name, own)
      else warnings.push(`${own}: duplicate port name ${quote(name)} with ${other}, services and probes that select ports by name will use ${other}`)
    }
  }
}

function portConflict(own: Port, other: Port): string | undefined {
  if (own.hostIP === other.hostIP && own.hostPort === other.hostPort) return 'duplicate'
  if (own.hostPort === 0 || other.hostPort === 0) return 'overlapping'
  return own.hostPort === other.hostPort && (own.hostIP === '') !== (other.hostIP === '') ? 'dangerously ambiguous' : undefined
}

function affinityWarnings(affinity: Fields, at: string, warnings: string[]): void {
  const terms = (affinity[requiredField] ?? []) as Fields[]
  terms.forEach((term, index) => {
    if (!term.labelSelector) warnings.push(`${at}.${requiredField}[${index}].labelSelector: ${noPodMessage}`)
  })
  const preferred = (affinity[preferredField] ?? []) as Fields[]
  preferred.forEach((weighted, index) => {
    if (!weighted.podAffinityTerm?.labelSelector) warnings.push(`${at}.${preferredField}[${index}].podAffinityTerm.labelSelector: ${noPodMessage}`)
  })
}
