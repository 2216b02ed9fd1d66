/** Pod Security Standards: each check as the API server runs and words it (pod-security-admission/policy/check_*.go, registry.go). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import type { Cluster } from '../types.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'
type Check = { id: string; level: 'baseline' | 'restricted'; check(pod: Fields, annotations: Record<string, string>): { reason: string; detail: string } | undefined; /** A restricted check that takes the place of this baseline one. */ replaces?: string }

const defaultCapabilities = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'])
const safeSysctls = new Set(['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'])
const safeSelinuxTypes = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'])
const restrictedVolumes = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'])

/** Init containers first, then normal, then ephemeral: the order in which the checks visit. */
function containersOf(pod: Fields): Fields[] {
  return [...(pod.initContainers ?? []), ...(pod.containers ?? []), ...(pod.ephemeralContainers ?? [])]
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

function plural(names: readonly string[], word = 'container'): string {
  return `${word}${names.length === 1 ? '' : 's'} ${quoted(names)}`
}

function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].sort(compareText)
}

/** Containers for which `bad` holds, by name. */
function offenders(pod: Fields, bad: (container: Fields) => boolean): string[] {
  return containersOf(pod).filter(bad).map((container) => container.name)
}

function setters(pod: Fields, podIsBad: boolean, containers: readonly string[]): string {
  return [...(podIsBad ? ['pod'] : []), ...(containers.length > 0 ? [plural(containers)] : [])].join(' and ')
}

const baselineChecks: Check[] = [
  {
    id: 'appArmorProfile',
    level: 'baseline',
    check(pod, annotations) {
      const podIsBad = pod.securityContext?.appArmorProfile?.type === 'Unconfined'
      const bad = offenders(pod, (container) => container.securityContext?.appArmorProfile?.type === 'Unconfined')
      const marks = Object.entries(annotations).filter(([name, value]) => name.startsWith('container.apparmor.security.beta.kubernetes.io/') && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'))
      const parts = [...(podIsBad || bad.length > 0 ? [`${setters(pod, podIsBad, bad)} must not set AppArmor profile type to "Unconfined"`] : []), ...(marks.length > 0 ? [`annotation${marks.length > 1 ? 's' : ''} ${marks.map(([name, value]) => `"${name}"="${value}"`).sort(compareText).join(', ')}`] : [])]
      return parts.length === 0 ? undefined : { reason: `forbidden AppArmor profile${parts.length > 1 ? 's' : ''}`, detail: parts.join(', ') }
    },
  },
  {
    id: 'capabilities_baseline',
    level: 'baseline',
    check(pod) {
      const added = new Set<string>()
      const bad = offenders(pod, (container) => {
        const wrong = (container.securityContext?.capabilities?.add ?? []).filter((name: string) => !defaultCapabilities.has(name))
        for (const name of wrong) added.add(name)
        return wrong.length > 0
      })
      return bad.length === 0 ? undefined : { reason: 'non-default capabilities', detail: `${plural(bad)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add` }
    },
  },
  {
    id: 'hostNamespaces',
    level: 'baseline',
    check(pod) {
      const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => pod[name] === true)
      return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((name) => `${name}=true`).join(', ') }
    },
  },
  {
    id: 'hostPathVolumes',
    level: 'baseline',
    check(pod) {
      const names = (pod.volumes ?? []).filter((volume: Fields) => volume.hostPath).map((volume: Fields) => volume.name)
      return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: plural(names, 'volume') }
    },
  },
  {
    id: 'hostPorts',
    level: 'baseline',
    check(pod) {
      const ports = new Set<number>()
      const bad = offenders(pod, (container) => {
        const used = (container.ports ?? []).filter((port: Fields) => port.hostPort)
        for (const port of used) ports.add(port.hostPort)
        return used.length > 0
      })
      const list = [...ports].map(String).sort(compareText)
      return bad.length === 0 ? undefined : { reason: 'hostPort', detail: `${plural(bad)} use${bad.length === 1 ? 's' : ''} hostPort${list.length === 1 ? '' : 's'} ${list.join(', ')}` }
    },
  },
  {
    id: 'hostProbesAndHostLifecycle',
    level: 'baseline',
    check(pod) {
      const hosts = new Set<string>()
      const bad = offenders(pod, (container) => {
        const handlers = [container.livenessProbe, container.readinessProbe, container.startupProbe, container.lifecycle?.postStart, container.lifecycle?.preStop]
        const found = handlers.flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host]).filter(Boolean)
        for (const host of found) hosts.add(host)
        return found.length > 0
      })
      return bad.length === 0 ? undefined : { reason: 'probe or lifecycle host', detail: `${plural(bad)} use${bad.length === 1 ? 's' : ''} probe or lifecycle host${hosts.size === 1 ? '' : 's'} ${quoted(sorted(hosts))}` }
    },
  },
  {
    id: 'privileged',
    level: 'baseline',
    check(pod) {
      const bad = offenders(pod, (container) => container.securityContext?.privileged === true)
      return bad.length === 0 ? undefined : { reason: 'privileged', detail: `${plural(bad)} must not set securityContext.privileged=true` }
    },
  },
  {
    id: 'procMount',
    level: 'baseline',
    check(pod) {
      if (pod.hostUsers === false) return undefined
      const bad = containersOf(pod).filter((container) => container.securityContext?.procMount && container.securityContext.procMount !== 'Default')
      return bad.length === 0 ? undefined : { reason: 'procMount', detail: `${plural(bad.map((container) => container.name))} must not set securityContext.procMount to ${quoted(sorted(bad.map((container) => container.securityContext.procMount)))}` }
    },
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    check(pod) {
      const wrong = (options: Fields | undefined): boolean => options !== undefined && (!safeSelinuxTypes.has(options.type ?? '') || Boolean(options.user) || Boolean(options.role))
      const podIsBad = wrong(pod.securityContext?.seLinuxOptions)
      const bad = offenders(pod, (container) => wrong(container.securityContext?.seLinuxOptions))
      if (!podIsBad && bad.length === 0) return undefined
      const all = [pod.securityContext?.seLinuxOptions, ...containersOf(pod).map((container) => container.securityContext?.seLinuxOptions)].filter(wrong) as Fields[]
      const types = sorted(all.map((options) => options.type ?? '').filter((type) => !safeSelinuxTypes.has(type)))
      const parts = [...(types.length > 0 ? [`type${types.length > 1 ? 's' : ''} ${quoted(types)}`] : []), ...(all.some((options) => options.user) ? ['user may not be set'] : []), ...(all.some((options) => options.role) ? ['role may not be set'] : [])]
      return { reason: 'seLinuxOptions', detail: `${setters(pod, podIsBad, bad)} set forbidden securityContext.seLinuxOptions: ${parts.join('; ')}` }
    },
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    check(pod) {
      const podIsBad = pod.securityContext?.seccompProfile?.type === 'Unconfined'
      const bad = offenders(pod, (container) => container.securityContext?.seccompProfile?.type === 'Unconfined')
      return !podIsBad && bad.length === 0 ? undefined : { reason: 'seccompProfile', detail: `${setters(pod, podIsBad, bad)} must not set securityContext.seccompProfile.type to "Unconfined"` }
    },
  },
  {
    id: 'sysctls',
    level: 'baseline',
    check(pod) {
      const names = (pod.securityContext?.sysctls ?? []).map((item: Fields) => item.name).filter((name: string) => !safeSysctls.has(name))
      return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') }
    },
  },
  {
    id: 'windowsHostProcess',
    level: 'baseline',
    check(pod) {
      const podIsBad = pod.securityContext?.windowsOptions?.hostProcess === true
      const bad = offenders(pod, (container) => container.securityContext?.windowsOptions?.hostProcess === true)
      return !podIsBad && bad.length === 0 ? undefined : { reason: 'hostProcess', detail: `${setters(pod, podIsBad, bad)} must not set securityContext.windowsOptions.hostProcess=true` }
    },
  },
]

function rootless(pod: Fields): boolean {
  return pod.hostUsers === false
}

const restrictedChecks: Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    check(pod) {
      const bad = offenders(pod, (container) => container.securityContext?.allowPrivilegeEscalation !== false)
      return bad.length === 0 ? undefined : { reason: 'allowPrivilegeEscalation != false', detail: `${plural(bad)} must set securityContext.allowPrivilegeEscalation=false` }
    },
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    replaces: 'capabilities_baseline',
    check(pod) {
      const added = new Set<string>()
      const keeping = offenders(pod, (container) => !(container.securityContext?.capabilities?.drop ?? []).includes('ALL'))
      const adding = offenders(pod, (container) => {
        const wrong = (container.securityContext?.capabilities?.add ?? []).filter((name: string) => name !== 'NET_BIND_SERVICE')
        for (const name of wrong) added.add(name)
        return wrong.length > 0
      })
      const parts = [...(keeping.length > 0 ? [`${plural(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []), ...(adding.length > 0 ? [`${plural(adding)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add`] : [])]
      return parts.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: parts.join('; ') }
    },
  },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    replaces: 'hostPathVolumes',
    check(pod) {
      const typeOf = (volume: Fields): string => Object.keys(volume).find((name) => name !== 'name') ?? 'emptyDir'
      const bad = (pod.volumes ?? []).filter((volume: Fields) => !restrictedVolumes.has(typeOf(volume)))
      if (bad.length === 0) return undefined
      const types = sorted(bad.map(typeOf))
      const names = bad.map((volume: Fields) => volume.name)
      return { reason: 'restricted volume types', detail: `${plural(names, 'volume')} use${names.length === 1 ? 's' : ''} restricted volume type${types.length === 1 ? '' : 's'} ${quoted(types)}` }
    },
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    check(pod) {
      if (rootless(pod)) return undefined
      const podValue = pod.securityContext?.runAsNonRoot
      const explicit = offenders(pod, (container) => container.securityContext?.runAsNonRoot === false)
      const implicit = offenders(pod, (container) => container.securityContext?.runAsNonRoot === undefined && podValue !== true)
      const podIsBad = podValue === false
      if (!podIsBad && explicit.length === 0 && implicit.length === 0) return undefined
      if (podIsBad || explicit.length > 0) return { reason: 'runAsNonRoot != true', detail: `${setters(pod, podIsBad, explicit)} must not set securityContext.runAsNonRoot=false` }
      return { reason: 'runAsNonRoot != true', detail: `pod or ${plural(implicit)} must set securityContext.runAsNonRoot=true` }
    },
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    check(pod) {
      if (rootless(pod)) return undefined
      const podIsBad = pod.securityContext?.runAsUser === 0
      const bad = offenders(pod, (container) => container.securityContext?.runAsUser === 0)
      return !podIsBad && bad.length === 0 ? undefined : { reason: 'runAsUser=0', detail: `${setters(pod, podIsBad, bad)} must not set runAsUser=0` }
    },
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    replaces: 'seccompProfile_baseline',
    check(pod) {
      const allowed = (type: unknown): boolean => type === 'RuntimeDefault' || type === 'Localhost'
      const podType = pod.securityContext?.seccompProfile?.type
      const podIsBad = podType !== undefined && !allowed(podType)
      const explicit = offenders(pod, (container) => container.securityContext?.seccompProfile !== undefined && !allowed(container.securityContext.seccompProfile.type))
      const implicit = offenders(pod, (container) => container.securityContext?.seccompProfile === undefined && podType === undefined)
      const list = '"RuntimeDefault" or "Localhost"'
      if (podIsBad || explicit.length > 0) return { reason: 'seccompProfile', detail: `${setters(pod, podIsBad, explicit)} must not set securityContext.seccompProfile.type to ${quoted(sorted([...(podIsBad ? [podType] : []), ...containersOf(pod).map((c) => c.securityContext?.seccompProfile?.type).filter((type) => type !== undefined && !allowed(type))]))}` }
      return implicit.length === 0 ? undefined : { reason: 'seccompProfile', detail: `pod or ${plural(implicit)} must set securityContext.seccompProfile.type to ${list}` }
    },
  },
]

const byId = (a: Check, b: Check): number => compareText(a.id, b.id)
const checksOf: Record<Level, Check[]> = {
  privileged: [],
  baseline: [...baselineChecks].sort(byId),
  restricted: [...baselineChecks.filter((check) => !restrictedChecks.some((other) => other.replaces === check.id)).sort(byId), ...[...restrictedChecks].sort(byId)],
}

/** Every violation of a pod spec at a level: the details joined as the API server joins them; undefined when there is none. */
export function podSecurityViolation(spec: Fields, level: Level, annotations: Record<string, string> = {}): { reasons: string; details: string } | undefined {
  const found = checksOf[level].flatMap((check) => check.check(spec, annotations) ?? [])
  return found.length === 0 ? undefined : { reasons: found.map((item) => item.reason).join(', '), details: found.map((item) => `${item.reason} (${item.detail})`).join(', ') }
}

/** Level and version a namespace's label asks for; unknown levels count as restricted, an absent label as privileged. */
export function policyOf(namespace: K8sObject | undefined, mode: 'enforce' | 'audit' | 'warn'): { level: Level; text: string } {
  const labels = namespace?.metadata.labels ?? {}
  const level = labels[`pod-security.kubernetes.io/${mode}`] ?? 'privileged'
  const version = labels[`pod-security.kubernetes.io/${mode}-version`] ?? 'latest'
  const known: Level = level === 'privileged' || level === 'baseline' ? level : 'restricted'
  return { level: known, text: `${known}:${version}` }
}

/** Refusal text for a pod, without the `is forbidden:` prefix, and warnings for pods and workloads (admission.go:EvaluatePod, ValidatePodController). */
export function podSecurity(object: K8sObject, cluster: Cluster): { refusal?: string; warnings: string[] } {
  const namespace = cluster.view.get('Namespace', '', object.metadata.namespace ?? '')
  const template = object.kind === 'Pod' ? object : object.kind === 'CronJob' ? object.spec?.jobTemplate?.spec?.template : object.spec?.template
  if (!template?.spec) return { warnings: [] }
  const annotations = template.metadata?.annotations ?? {}
  const enforce = policyOf(namespace, 'enforce')
  const refused = object.kind === 'Pod' ? podSecurityViolation(template.spec, enforce.level, annotations) : undefined
  if (refused) return { refusal: `violates PodSecurity "${enforce.text}": ${refused.details}`, warnings: [] }
  const warn = policyOf(namespace, 'warn')
  const warned = podSecurityViolation(template.spec, warn.level, annotations)
  return { warnings: warned ? [`would violate PodSecurity "${warn.text}": ${warned.details}`] : [] }
}

/** What labelling a namespace warns about its running pods (admission.go:EvaluatePodsInNamespace): most frequent violation groups, oldest pod named. */
export function namespaceWarnings(namespace: K8sObject, old: K8sObject | undefined, cluster: Cluster): string[] {
  const enforce = policyOf(namespace, 'enforce')
  if (enforce.level === 'privileged' || policyOf(old, 'enforce').text === enforce.text) return []
  const groups = new Map<string, string[]>()
  for (const pod of cluster.view.list('Pod', namespace.metadata.name)) {
    const found = podSecurityViolation(pod.spec, enforce.level, pod.metadata.annotations)
    if (found) groups.set(found.reasons, [...(groups.get(found.reasons) ?? []), pod.metadata.name])
  }
  if (groups.size === 0) return []
  const lines = [...groups].map(([reasons, pods]) => `${pods[0]}${pods.length === 2 ? ' (and 1 other pod)' : pods.length > 2 ? ` (and ${pods.length - 1} other pods)` : ''}: ${reasons}`)
  return [`existing pods in namespace "${namespace.metadata.name}" violate the new PodSecurity enforce level "${enforce.text}"`, ...lines]
}
