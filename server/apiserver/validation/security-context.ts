/** Security contexts of pods and containers (core/validation.go: ValidateSecurityContext, validatePodSpecSecurityContext). */
import type { Fields } from '../../k8s/object.ts'
import { userId } from '../../k8s/names.ts'
import { podContainers } from '../../k8s/podspec.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, forbidden, invalid, invalidEach, notSupported, required, tooLong } from '../field.ts'
import { localDescendingPath } from './path-text.ts'
import { validateWindowsOptions } from './windows.ts'

function validateIds(context: Fields, names: readonly string[], at: Path, errors: FieldError[]): void {
  for (const name of names) {
    const id = context[name] as number | undefined
    if (id !== undefined && (id < 0 || id > 2147483647)) errors.push(...invalidEach(at.child(name), id, userId(id)))
  }
}

/** ValidateSecurityContext, for one container. `hostUsers` is true unless the pod has its own user namespace. */
export function validateContainerSecurity(context: Fields | undefined, hostUsers: boolean, at: Path, errors: FieldError[]): void {
  if (!context) return
  validateIds(context, ['runAsUser', 'runAsGroup'], at, errors)
  const procMount = context.procMount as string | undefined
  if (procMount !== undefined) {
    if (procMount !== 'Default' && procMount !== 'Unmasked') errors.push(notSupported(at.child('procMount'), procMount, ['Default', 'Unmasked']))
    if (hostUsers && procMount === 'Unmasked') errors.push(invalid(at.child('procMount'), procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  validateSeccomp(context.seccompProfile as Fields | undefined, at.child('seccompProfile'), errors)
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) errors.push(invalid(at, printedContext(context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    for (const capability of (context.capabilities?.add ?? []) as string[]) {
      if (capability === 'CAP_SYS_ADMIN') errors.push(invalid(at, printedContext(context), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
    }
  }
  if (context.windowsOptions) validateWindowsOptions(context.windowsOptions, at.child('windowsOptions'), errors)
  validateAppArmor(context.appArmorProfile as Fields | undefined, at.child('appArmorProfile'), errors)
}

/** A container's security context as messages print it: the internal type's field names, all of them. */
function printedContext(context: Fields): Fields {
  const { capabilities, seLinuxOptions, windowsOptions, seccompProfile, appArmorProfile } = context
  return {
    Capabilities: capabilities ? { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null } : null,
    Privileged: context.privileged ?? null,
    SELinuxOptions: seLinuxOptions ? { User: seLinuxOptions.user ?? '', Role: seLinuxOptions.role ?? '', Type: seLinuxOptions.type ?? '', Level: seLinuxOptions.level ?? '' } : null,
    WindowsOptions: windowsOptions ? { GMSACredentialSpecName: windowsOptions.gmsaCredentialSpecName ?? null, GMSACredentialSpec: windowsOptions.gmsaCredentialSpec ?? null, RunAsUserName: windowsOptions.runAsUserName ?? null, HostProcess: windowsOptions.hostProcess ?? null } : null,
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: seccompProfile ? printedProfile(seccompProfile) : null,
    AppArmorProfile: appArmorProfile ? printedProfile(appArmorProfile) : null,
  }
}

function printedProfile(profile: Fields): Fields {
  return { Type: profile.type ?? '', LocalhostProfile: profile.localhostProfile ?? null }
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** validateSeccompProfileField. */
function validateSeccomp(profile: Fields | undefined, at: Path, errors: FieldError[]): void {
  if (!profile) return
  const type = (profile.type ?? '') as string
  const file = profile.localhostProfile as string | undefined
  if (type === '') errors.push(required(at.child('type'), 'type is required when seccompProfile is set'))
  else if (!profileTypes.includes(type)) errors.push(notSupported(at.child('type'), type, profileTypes))
  if (type !== 'Localhost') {
    if (file !== undefined) errors.push(invalid(at.child('localhostProfile'), printedProfile(profile), 'can only be set when seccomp type is Localhost'))
  } else if (file === undefined) errors.push(required(at.child('localhostProfile'), 'must be set when seccomp type is Localhost'))
  else localDescendingPath(file, at.child('localhostProfile'), errors)
}

/** PATH_MAX - 1. */
const localhostProfileMax = 4095

/** ValidateAppArmorProfileField. */
export function validateAppArmor(profile: Fields | undefined, at: Path, errors: FieldError[]): void {
  if (!profile) return
  const type = (profile.type ?? '') as string
  const file = profile.localhostProfile as string | undefined
  const fileAt = at.child('localhostProfile')
  if (type === 'Localhost') {
    if (file === undefined) return void errors.push(required(fileAt, 'must be set when AppArmor type is Localhost'))
    if (file.trim() !== file) errors.push(invalid(fileAt, file, 'must not be padded with whitespace'))
    else if (file === '') errors.push(required(fileAt, 'must be set when AppArmor type is Localhost'))
    if (file.length > localhostProfileMax) errors.push(tooLong(fileAt, localhostProfileMax))
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (file !== undefined) errors.push(invalid(fileAt, file, 'can only be set when AppArmor type is Localhost'))
  } else if (type === '') errors.push(required(at.child('type'), 'type is required when appArmorProfile is set'))
  else errors.push(notSupported(at.child('type'), type, profileTypes))
}

/** validatePodSpecSecurityContext. Host namespaces are fields of the spec in v1. */
export function validatePodSecurity(spec: Fields, at: Path, errors: FieldError[]): void {
  const context = spec.securityContext as Fields | undefined
  if (!context) return
  validateIds(context, ['fsGroup', 'runAsUser', 'runAsGroup'], at, errors)
  const groups = (context.supplementalGroups ?? []) as number[]
  groups.forEach((id, index) => errors.push(...invalidEach(at.child('supplementalGroups').index(index), id, userId(id))))
  if (spec.shareProcessNamespace === true && spec.hostPID) errors.push(invalid(at.child('shareProcessNamespace'), true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  if (context.sysctls) validateSysctls(context.sysctls as Fields[], spec, at.child('sysctls'), errors)
  oneOf(context, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch'], at, errors)
  validateSeccomp(context.seccompProfile as Fields | undefined, at.child('seccompProfile'), errors)
  if (context.windowsOptions) validateWindowsOptions(context.windowsOptions, at.child('windowsOptions'), errors)
  validateAppArmor(context.appArmorProfile as Fields | undefined, at.child('appArmorProfile'), errors)
  oneOf(context, 'supplementalGroupsPolicy', ['Merge', 'Strict'], at, errors)
  // MountOption comes with SELinuxMount, which is off by default in 1.36.
  oneOf(context, 'seLinuxChangePolicy', ['Recursive'], at, errors)
}

function oneOf(context: Fields, name: string, allowed: readonly string[], at: Path, errors: FieldError[]): void {
  const value = context[name] as string | undefined
  if (value !== undefined && !allowed.includes(value)) errors.push(notSupported(at.child(name), value, allowed))
}

const sysctlText = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const sysctlFormat = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/

function validateSysctls(sysctls: readonly Fields[], spec: Fields, list: Path, errors: FieldError[]): void {
  const seen = new Set<string>()
  sysctls.forEach((sysctl, index) => {
    const at = list.index(index).child('name')
    const name = (sysctl.name ?? '') as string
    if (name === '') errors.push(required(at))
    else if (name.length > 253 || !sysctlFormat.test(name)) errors.push(invalid(at, name, `must have at most 253 characters and match regex ${sysctlText}`))
    else if (seen.has(name)) errors.push(duplicate(at, name))
    const namespace = sysctlNamespace(name)
    if (spec.hostNetwork && namespace === 'net') errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"))
    else if (spec.hostIPC && namespace === 'ipc') errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"))
    seen.add(name)
  })
}

/** The kernel namespace of a sysctl (component-helpers/node/util/sysctl:GetNamespace); slashes and dots may be exchanged. */
function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  const slash = name.indexOf('/')
  const dot = name.indexOf('.')
  const dotted = slash >= 0 && (dot < 0 || slash < dot) ? name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/')) : name
  if (dotted.startsWith('net.')) return 'net'
  return dotted === 'kernel.sem' || dotted.startsWith('kernel.shm') || dotted.startsWith('kernel.msg') || dotted.startsWith('fs.mqueue.') ? 'ipc' : undefined
}

/** validateHostUsers: a user namespace excludes the host's other namespaces, and block devices. */
export function validateHostUsers(spec: Fields, at: Path, errors: FieldError[]): void {
  if (spec.hostUsers !== false) return
  if (spec.hostNetwork) errors.push(forbidden(at.child('hostNetwork'), 'when `hostUsers` is false'))
  if (spec.hostPID) errors.push(forbidden(at.shown('HostPID', 'hostPID'), 'when `hostUsers` is false'))
  if (spec.hostIPC) errors.push(forbidden(at.shown('HostIPC', 'hostIPC'), 'when `hostUsers` is false'))
  for (const { container, list, index } of podContainers(spec)) {
    if (((container.volumeDevices ?? []) as Fields[]).length > 0) errors.push(forbidden(at.child(list).index(index).child('volumeDevices'), 'when `hostUsers` is false'))
  }
}
