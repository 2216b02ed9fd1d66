/** Windows pods: their options, host processes, and what an operating system excludes (core/validation.go: validateWindows…, validateLinux, validateOS). */
import type { Fields } from '../../k8s/object.ts'
import { dns1123Subdomain } from '../../k8s/names.ts'
import { podContainers } from '../../k8s/podspec.ts'
import type { FieldError, Path } from '../field.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from '../field.ts'

const credentialSpecBytesMax = 64 * 1024

/** validateWindowsSecurityContextOptions. */
export function validateWindowsOptions(options: Fields, at: Path, errors: FieldError[]): void {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options as Record<string, string | undefined>
  if (gmsaCredentialSpecName !== undefined) errors.push(...invalidEach(at.child('gmsaCredentialSpecName'), gmsaCredentialSpecName, dns1123Subdomain(gmsaCredentialSpecName)))
  if (gmsaCredentialSpec !== undefined) {
    if (gmsaCredentialSpec === '') errors.push(invalid(at.child('gmsaCredentialSpec'), '', 'gmsaCredentialSpec cannot be an empty string'))
    else if (gmsaCredentialSpec.length > credentialSpecBytesMax) errors.push(invalid(at.child('gmsaCredentialSpec'), gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'))
  }
  if (runAsUserName !== undefined) for (const message of userNameRefusals(runAsUserName)) errors.push(invalid(at.child('runAsUserName'), runAsUserName, message))
}

const controlCharacters = /[\x00-\x1f\x7f]/
const netBiosFormat = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsFormat = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`)

function userNameRefusals(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (controlCharacters.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts[parts.length - 1]!
  const found: string[] = []
  if (parts.length === 2) {
    const domain = parts[0]!
    if (domain.length >= 256) found.push("runAsUserName's Domain length must be under 256 characters")
    if (!netBiosFormat.test(domain) && !dnsFormat.test(domain)) found.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
  }
  if (user === '') found.push("runAsUserName's User cannot be empty")
  else if (user.length > 104) found.push("runAsUserName's User length must not be longer than 104 characters")
  if (/^[. ]+$/.test(user)) found.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) found.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]')
  return found
}

function eachContainer(spec: Fields, at: Path, visit: (container: Fields, path: Path) => void): void {
  for (const { container, list, index } of podContainers(spec)) visit(container, at.child(list).index(index))
}

/** validateWindowsHostProcessPod: all containers or none, and then the host's network. */
export function validateHostProcess(spec: Fields, at: Path, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess as boolean | undefined
  let containers = 0
  let hostProcesses = 0
  eachContainer(spec, at, (container, path) => {
    containers++
    const own = container.securityContext?.windowsOptions?.hostProcess as boolean | undefined
    if (ofPod !== undefined && own !== undefined && ofPod !== own) errors.push(invalid(path.child('securityContext', 'windowsOptions', 'hostProcess'), own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`))
    if (own ?? ofPod) hostProcesses++
  })
  if (hostProcesses === 0) return
  if (hostProcesses !== containers) errors.push(invalid(at, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'))
  if (!spec.hostNetwork) errors.push(invalid(at.child('hostNetwork'), false, 'hostNetwork must be true if pod contains any hostProcess containers'))
}

/** validateOS, and what the named system forbids. */
export function validateOperatingSystem(spec: Fields, at: Path, errors: FieldError[]): void {
  if (!spec.os) return
  const name = (spec.os.name ?? '') as string
  if (name === '') errors.push(required(at.child('os', 'name')))
  else if (name === 'linux') validateLinux(spec, at, errors)
  else if (name === 'windows') validateWindows(spec, at, errors)
  else errors.push(notSupported(at.shown('os', 'os', 'name'), name, ['linux', 'windows']))
}

function validateLinux(spec: Fields, at: Path, errors: FieldError[]): void {
  const message = 'windows options cannot be set for a linux pod'
  if (spec.securityContext?.windowsOptions) errors.push(forbidden(at.child('securityContext', 'windowsOptions'), message))
  eachContainer(spec, at, (container, path) => {
    if (container.securityContext?.windowsOptions) errors.push(forbidden(path.child('securityContext', 'windowsOptions'), message))
  })
}

/** Fields of Linux pods, in the order in which the server looks at them: those of the security context and those of the spec. */
const linuxPodFields: readonly (readonly ['context' | 'spec' | 'flag', string])[] = [
  ['context', 'appArmorProfile'], ['context', 'seLinuxOptions'], ['spec', 'hostUsers'], ['flag', 'hostPID'], ['flag', 'hostIPC'], ['context', 'seccompProfile'], ['context', 'fsGroup'],
  ['context', 'fsGroupChangePolicy'], ['context', 'sysctls'], ['spec', 'shareProcessNamespace'], ['context', 'runAsUser'], ['context', 'runAsGroup'], ['context', 'supplementalGroups'],
  ['context', 'supplementalGroupsPolicy'], ['context', 'seLinuxChangePolicy'],
]

const linuxContainerFields = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup']

function validateWindows(spec: Fields, at: Path, errors: FieldError[]): void {
  const message = 'cannot be set for a windows pod'
  const context = (spec.securityContext ?? {}) as Fields
  for (const [where, name] of linuxPodFields) {
    const value: unknown = where === 'context' ? context[name] : spec[name]
    if (value === undefined || (where === 'flag' && value === false) || (name === 'sysctls' && (value as unknown[]).length === 0)) continue
    errors.push(forbidden(where === 'context' ? at.child('securityContext', name) : at.child(name), message))
  }
  eachContainer(spec, at, (container, path) => {
    const own = container.securityContext as Fields | undefined
    if (own) for (const name of linuxContainerFields) if (own[name] !== undefined) errors.push(forbidden(path.child('securityContext', name), message))
  })
}
