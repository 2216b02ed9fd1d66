/** Pod Security Standards: each control as the API server decides and words it (pod-security-admission/policy/check_*.go, registry.go), and the fields that break it. */
import type { Fields } from './object.ts'
import { compareText } from './object.ts'
import { podContainers } from './podspec.ts'

export type SecurityLevel = 'privileged' | 'baseline' | 'restricted'

/** `fields` are paths from the pod (`['spec', 'containers', 0, …]`, `['metadata', 'annotations', …]`) of what is wrong or missing. */
export type Violation = { control: string; reason: string; detail: string; fields: (string | number)[][] }

type Found = Omit<Violation, 'control'>
type Pod = { spec: Fields; annotations: Record<string, string>; minor: number }
type Control = {
  id: string
  level: 'baseline' | 'restricted'
  /** First minor version of the policy that has it. */
  since?: number
  /** The baseline control whose place it takes. */
  replaces?: string
  check(pod: Pod): Found | undefined
}

/** The newest policy this file knows: what `latest` means. */
export const newestPolicyMinor = 36

const defaultCapabilities = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'])
/** Sysctls that stay in the pod's own namespaces, and the policy version that first allowed them. */
export const safeSysctls: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
}
const safeSelinuxTypes: Readonly<Record<string, number>> = { '': 0, container_t: 0, container_init_t: 0, container_kvm_t: 0, container_engine_t: 31 }
const restrictedVolumes = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'])
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

type Offenders = { names: string[]; fields: (string | number)[][] }

/** Containers in which `find` names fields, init containers first, then normal, then ephemeral ones. */
function offenders(spec: Fields, find: (container: Fields) => (string | number)[][]): Offenders {
  const found: Offenders = { names: [], fields: [] }
  for (const { container, path } of podContainers(spec)) {
    const fields = find(container)
    if (fields.length === 0) continue
    found.names.push(String(container['name'] ?? ''))
    found.fields.push(...fields.map((field) => [...path, ...field]))
  }
  return found
}

/** The same for one field of the security context. */
function offendersBy(spec: Fields, field: readonly string[], isBad: (security: Fields, container: Fields) => boolean): Offenders {
  return offenders(spec, (container) => (isBad((container['securityContext'] ?? {}) as Fields, container) ? [['securityContext', ...field]] : []))
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')
const plural = (names: readonly string[], word = 'container'): string => `${word}${names.length === 1 ? '' : 's'} ${quoted(names)}`
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort(compareText)

/** `pod and containers "a", "b"`: who set it. */
function setters(podIsBad: boolean, containers: readonly string[]): string {
  return [...(podIsBad ? ['pod'] : []), ...(containers.length > 0 ? [plural(containers)] : [])].join(' and ')
}

const podField = (isBad: boolean, ...field: string[]): (string | number)[][] => (isBad ? [['spec', 'securityContext', ...field]] : [])
const isSafe = (table: Readonly<Record<string, number>>, name: string, minor: number): boolean => Object.hasOwn(table, name) && minor >= table[name]!
const isWindows = ({ spec, minor }: Pod): boolean => minor >= 25 && spec['os']?.name === 'windows'
/** Root inside a user namespace is nobody outside (helpers.go:relaxPolicyForUserNamespacePod). */
const isRelaxed = ({ spec, minor }: Pod): boolean => minor >= 35 && spec['hostUsers'] === false

const baselineControls: Control[] = [
  {
    id: 'appArmorProfile',
    level: 'baseline',
    check({ spec, annotations }) {
      const podIsBad = spec['securityContext']?.appArmorProfile?.type === 'Unconfined'
      const bad = offendersBy(spec, ['appArmorProfile', 'type'], (security) => security['appArmorProfile']?.type === 'Unconfined')
      const marks = Object.entries(annotations).filter(([name, value]) => name.startsWith(appArmorPrefix) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'))
      const parts = [
        ...(podIsBad || bad.names.length > 0 ? [`${setters(podIsBad, bad.names)} must not set AppArmor profile type to "Unconfined"`] : []),
        ...(marks.length > 0 ? [`annotation${marks.length > 1 ? 's' : ''} ${marks.map(([name, value]) => `"${name}"="${value}"`).sort(compareText).join(', ')}`] : []),
      ]
      if (parts.length === 0) return undefined
      return { reason: `forbidden AppArmor profile${parts.length > 1 ? 's' : ''}`, detail: parts.join(', '), fields: [...podField(podIsBad, 'appArmorProfile', 'type'), ...bad.fields, ...marks.map(([name]) => ['metadata', 'annotations', name])] }
    },
  },
  {
    id: 'capabilities_baseline',
    level: 'baseline',
    check: ({ spec }) => addedCapabilities(spec, defaultCapabilities, (names, added) => ({ reason: 'non-default capabilities', detail: `${plural(names)} must not include ${quoted(added)} in securityContext.capabilities.add` })),
  },
  {
    id: 'hostNamespaces',
    level: 'baseline',
    check({ spec }) {
      const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => spec[name] === true)
      return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((name) => `${name}=true`).join(', '), fields: used.map((name) => ['spec', name]) }
    },
  },
  {
    id: 'hostPathVolumes',
    level: 'baseline',
    check({ spec }) {
      const bad = volumesOf(spec).filter(({ volume }) => volume['hostPath'])
      return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: plural(bad.map(({ volume }) => String(volume['name'])), 'volume'), fields: bad.map(({ index }) => ['spec', 'volumes', index, 'hostPath']) }
    },
  },
  {
    id: 'hostPorts',
    level: 'baseline',
    check({ spec }) {
      const ports = new Set<string>()
      const bad = offenders(spec, (container) =>
        ((container['ports'] ?? []) as Fields[]).flatMap((port, index) => {
          if (!port['hostPort']) return []
          ports.add(String(port['hostPort']))
          return [['ports', index, 'hostPort']]
        }),
      )
      return bad.names.length === 0 ? undefined : { reason: 'hostPort', detail: `${plural(bad.names)} use${bad.names.length === 1 ? 's' : ''} hostPort${ports.size === 1 ? '' : 's'} ${sorted(ports).join(', ')}`, fields: bad.fields }
    },
  },
  {
    id: 'hostProbesAndHostLifecycle',
    level: 'baseline',
    since: 34,
    check({ spec }) {
      const hosts = new Set<string>()
      const bad = offenders(spec, (container) =>
        [['livenessProbe'], ['readinessProbe'], ['startupProbe'], ['lifecycle', 'postStart'], ['lifecycle', 'preStop']].flatMap((at) =>
          ['httpGet', 'tcpSocket'].flatMap((handler) => {
            const host = (at.reduce<Fields | undefined>((value, name) => value?.[name] as Fields | undefined, container)?.[handler] as Fields | undefined)?.['host'] as string | undefined
            if (!host) return []
            hosts.add(host)
            return [[...at, handler, 'host']]
          }),
        ),
      )
      return bad.names.length === 0 ? undefined : { reason: 'probe or lifecycle host', detail: `${plural(bad.names)} use${bad.names.length === 1 ? 's' : ''} probe or lifecycle host${hosts.size === 1 ? '' : 's'} ${quoted(sorted(hosts))}`, fields: bad.fields }
    },
  },
  {
    id: 'privileged',
    level: 'baseline',
    check({ spec }) {
      const bad = offendersBy(spec, ['privileged'], (security) => security['privileged'] === true)
      return bad.names.length === 0 ? undefined : { reason: 'privileged', detail: `${plural(bad.names)} must not set securityContext.privileged=true`, fields: bad.fields }
    },
  },
  {
    id: 'procMount',
    level: 'baseline',
    check: (pod) => (isRelaxed(pod) ? undefined : unmaskedProc(pod.spec)),
  },
  { id: 'seLinuxOptions', level: 'baseline', check: selinuxOptions },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    check({ spec }) {
      const isBad = (type: unknown): boolean => type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost'
      return badSeccomp(spec, isBad)
    },
  },
  {
    id: 'sysctls',
    level: 'baseline',
    check({ spec, minor }) {
      const bad = ((spec['securityContext']?.sysctls ?? []) as Fields[]).map((item, index) => ({ name: String(item['name']), index })).filter(({ name }) => !isSafe(safeSysctls, name, minor))
      return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.map(({ name }) => name).join(', '), fields: bad.map(({ index }) => ['spec', 'securityContext', 'sysctls', index, 'name']) }
    },
  },
  {
    id: 'windowsHostProcess',
    level: 'baseline',
    check({ spec }) {
      const podIsBad = spec['securityContext']?.windowsOptions?.hostProcess === true
      const bad = offendersBy(spec, ['windowsOptions', 'hostProcess'], (security) => security['windowsOptions']?.hostProcess === true)
      return !podIsBad && bad.names.length === 0 ? undefined : { reason: 'hostProcess', detail: `${setters(podIsBad, bad.names)} must not set securityContext.windowsOptions.hostProcess=true`, fields: [...podField(podIsBad, 'windowsOptions', 'hostProcess'), ...bad.fields] }
    },
  },
]

const restrictedControls: Control[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    check(pod) {
      if (isWindows(pod)) return undefined
      const bad = offendersBy(pod.spec, ['allowPrivilegeEscalation'], (security) => security['allowPrivilegeEscalation'] !== false)
      return bad.names.length === 0 ? undefined : { reason: 'allowPrivilegeEscalation != false', detail: `${plural(bad.names)} must set securityContext.allowPrivilegeEscalation=false`, fields: bad.fields }
    },
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    replaces: 'capabilities_baseline',
    check(pod) {
      if (isWindows(pod)) return undefined
      const keeping = offendersBy(pod.spec, ['capabilities', 'drop'], (security) => !((security['capabilities']?.drop ?? []) as string[]).includes('ALL'))
      const adding = addedCapabilities(pod.spec, new Set(['NET_BIND_SERVICE']), (names, added) => ({ reason: '', detail: `${plural(names)} must not include ${quoted(added)} in securityContext.capabilities.add` }))
      const parts = [...(keeping.names.length > 0 ? [`${plural(keeping.names)} must set securityContext.capabilities.drop=["ALL"]`] : []), ...(adding ? [adding.detail] : [])]
      return parts.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: parts.join('; '), fields: [...keeping.fields, ...(adding?.fields ?? [])] }
    },
  },
  { id: 'procMount_restricted', level: 'restricted', since: 35, replaces: 'procMount', check: ({ spec }) => unmaskedProc(spec) },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    replaces: 'hostPathVolumes',
    check({ spec }) {
      const bad = volumesOf(spec).map(({ volume, index }) => ({ index, name: String(volume['name']), type: Object.keys(volume).find((name) => name !== 'name') ?? 'emptyDir' })).filter(({ type }) => !restrictedVolumes.has(type))
      if (bad.length === 0) return undefined
      const types = sorted(bad.map(({ type }) => type))
      return { reason: 'restricted volume types', detail: `${plural(bad.map(({ name }) => name), 'volume')} use${bad.length === 1 ? 's' : ''} restricted volume type${types.length === 1 ? '' : 's'} ${quoted(types)}`, fields: bad.map(({ index, type }) => ['spec', 'volumes', index, type]) }
    },
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    check(pod) {
      if (isRelaxed(pod)) return undefined
      const podValue = pod.spec['securityContext']?.runAsNonRoot as boolean | undefined
      const podIsBad = podValue === false
      const explicit = offendersBy(pod.spec, ['runAsNonRoot'], (security) => security['runAsNonRoot'] === false)
      if (podIsBad || explicit.names.length > 0) return { reason: 'runAsNonRoot != true', detail: `${setters(podIsBad, explicit.names)} must not set securityContext.runAsNonRoot=false`, fields: [...podField(podIsBad, 'runAsNonRoot'), ...explicit.fields] }
      const implicit = offendersBy(pod.spec, ['runAsNonRoot'], (security) => (security['runAsNonRoot'] ?? undefined) === undefined && podValue !== true)
      return implicit.names.length === 0 ? undefined : { reason: 'runAsNonRoot != true', detail: `pod or ${plural(implicit.names)} must set securityContext.runAsNonRoot=true`, fields: implicit.fields }
    },
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    check(pod) {
      if (isRelaxed(pod)) return undefined
      const podIsBad = pod.spec['securityContext']?.runAsUser === 0
      const bad = offendersBy(pod.spec, ['runAsUser'], (security) => security['runAsUser'] === 0)
      return !podIsBad && bad.names.length === 0 ? undefined : { reason: 'runAsUser=0', detail: `${setters(podIsBad, bad.names)} must not set runAsUser=0`, fields: [...podField(podIsBad, 'runAsUser'), ...bad.fields] }
    },
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    replaces: 'seccompProfile_baseline',
    check(pod) {
      if (isWindows(pod)) return undefined
      const isAllowed = (type: unknown): boolean => type === 'RuntimeDefault' || type === 'Localhost'
      const explicit = badSeccomp(pod.spec, (type) => type !== undefined && !isAllowed(type))
      if (explicit) return explicit
      const podType: unknown = pod.spec['securityContext']?.seccompProfile?.type
      const implicit = offendersBy(pod.spec, ['seccompProfile', 'type'], (security) => !security['seccompProfile'] && !isAllowed(podType))
      return implicit.names.length === 0 ? undefined : { reason: 'seccompProfile', detail: `pod or ${plural(implicit.names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`, fields: implicit.fields }
    },
  },
]

function volumesOf(spec: Fields): { volume: Fields; index: number }[] {
  return ((spec['volumes'] ?? []) as Fields[]).map((volume, index) => ({ volume, index }))
}

function addedCapabilities(spec: Fields, allowed: ReadonlySet<string>, say: (names: string[], added: string[]) => { reason: string; detail: string }): Found | undefined {
  const added = new Set<string>()
  const bad = offenders(spec, (container) =>
    ((container['securityContext']?.capabilities?.add ?? []) as string[]).flatMap((name, index) => {
      if (allowed.has(name)) return []
      added.add(name)
      return [['securityContext', 'capabilities', 'add', index]]
    }),
  )
  return bad.names.length === 0 ? undefined : { ...say(bad.names, sorted(added)), fields: bad.fields }
}

function selinuxOptions({ spec, minor }: Pod): Found | undefined {
  const types = new Set<string>()
  let hasUser = false
  let hasRole = false
  const wrongFields = (options: Fields | undefined): string[] => {
    if (!options) return []
    const type = String(options['type'] ?? '')
    const wrong = [...(isSafe(safeSelinuxTypes, type, minor) ? [] : ['type']), ...(options['user'] ? ['user'] : []), ...(options['role'] ? ['role'] : [])]
    if (wrong.includes('type')) types.add(type)
    hasUser ||= wrong.includes('user')
    hasRole ||= wrong.includes('role')
    return wrong
  }
  const ofPod = wrongFields(spec['securityContext']?.seLinuxOptions as Fields | undefined)
  const bad = offenders(spec, (container) => wrongFields(container['securityContext']?.seLinuxOptions as Fields | undefined).map((name) => ['securityContext', 'seLinuxOptions', name]))
  if (ofPod.length === 0 && bad.names.length === 0) return undefined
  const parts = [...(types.size > 0 ? [`type${types.size > 1 ? 's' : ''} ${quoted(sorted(types))}`] : []), ...(hasUser ? ['user may not be set'] : []), ...(hasRole ? ['role may not be set'] : [])]
  return { reason: 'seLinuxOptions', detail: `${setters(ofPod.length > 0, bad.names)} set forbidden securityContext.seLinuxOptions: ${parts.join('; ')}`, fields: [...ofPod.map((name) => ['spec', 'securityContext', 'seLinuxOptions', name]), ...bad.fields] }
}

function unmaskedProc(spec: Fields): Found | undefined {
  const kinds = new Set<string>()
  const bad = offendersBy(spec, ['procMount'], ({ procMount }) => {
    if (!procMount || procMount === 'Default') return false
    kinds.add(String(procMount))
    return true
  })
  return bad.names.length === 0 ? undefined : { reason: 'procMount', detail: `${plural(bad.names)} must not set securityContext.procMount to ${quoted(sorted(kinds))}`, fields: bad.fields }
}

function badSeccomp(spec: Fields, isBad: (type: unknown) => boolean): Found | undefined {
  const types = new Set<string>()
  const wrong = (type: unknown): boolean => {
    if (isBad(type)) types.add(String(type))
    return isBad(type)
  }
  const podIsBad = wrong(spec['securityContext']?.seccompProfile?.type)
  const bad = offendersBy(spec, ['seccompProfile', 'type'], (security) => wrong(security['seccompProfile']?.type))
  return !podIsBad && bad.names.length === 0 ? undefined : { reason: 'seccompProfile', detail: `${setters(podIsBad, bad.names)} must not set securityContext.seccompProfile.type to ${quoted(sorted(types))}`, fields: [...podField(podIsBad, 'seccompProfile', 'type'), ...bad.fields] }
}

const controls: readonly Control[] = [...baselineControls, ...restrictedControls]
const isIn = (control: Control, minor: number): boolean => minor >= (control.since ?? 0)

/** The controls of a level in one version of the policy: baseline ones by id, without those that a restricted one replaces, then restricted ones by id. */
function controlsOf(level: SecurityLevel, minor: number): Control[] {
  const known = controls.filter((control) => isIn(control, minor)).sort((a, b) => compareText(a.id, b.id))
  const baseline = known.filter((control) => control.level === 'baseline')
  const restricted = known.filter((control) => control.level === 'restricted')
  return level === 'privileged' ? [] : level === 'baseline' ? baseline : [...baseline.filter(({ id }) => !restricted.some(({ replaces }) => replaces === id)), ...restricted]
}

const controlLists = new Map<string, Control[]>()
const controlById = new Map(controls.map((control) => [control.id, control]))

/** Every violation of a pod at a level, in the server's order: baseline controls by id, then restricted ones. `minor` is the policy's version, 36 for v1.36. */
export function podSecurityViolations(spec: Fields, level: SecurityLevel, annotations: Record<string, string> = {}, minor: number = newestPolicyMinor): Violation[] {
  const key = `${level} ${minor}`
  let list = controlLists.get(key)
  if (!list) controlLists.set(key, (list = controlsOf(level, minor)))
  return list.flatMap((control) => violationOf(control, { spec, annotations, minor }) ?? [])
}

/** The violation of one control, or undefined. */
export function podSecurityViolation(control: string, spec: Fields, annotations: Record<string, string> = {}, minor: number = newestPolicyMinor): Violation | undefined {
  return violationOf(controlById.get(control)!, { spec, annotations, minor })
}

function violationOf(control: Control, pod: Pod): Violation | undefined {
  const found = isIn(control, pod.minor) ? control.check(pod) : undefined
  return found && { control: control.id, ...found }
}

/** Ids of all controls of both levels. */
export const podSecurityControls: readonly { id: string; level: 'baseline' | 'restricted' }[] = controls.map(({ id, level }) => ({ id, level }))

/** What the labels of a namespace ask for (api/helpers.go:PolicyToEvaluate): an unknown level counts as restricted, no label as privileged; an unreadable version, or one newer than known, as the newest. */
export function securityPolicyOf(labels: Record<string, string> | undefined, mode: 'enforce' | 'audit' | 'warn'): { level: SecurityLevel; minor: number; text: string } {
  const level = labels?.[`pod-security.kubernetes.io/${mode}`] ?? 'privileged'
  const version = labels?.[`pod-security.kubernetes.io/${mode}-version`] ?? 'latest'
  const known: SecurityLevel = level === 'privileged' || level === 'baseline' ? level : 'restricted'
  const minor = Number(/^v1\.(\d{1,3})$/.exec(version)?.[1] ?? newestPolicyMinor)
  return { level: known, minor: Math.min(minor, newestPolicyMinor), text: `${known}:${version}` }
}
