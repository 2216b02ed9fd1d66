import { describe, expect, it, test } from 'vitest'
import type { Fields } from '../../server/k8s/object.ts'
import { podSecurityControls, podSecurityViolation, podSecurityViolations, securityPolicyOf } from '../../server/k8s/pod-security.ts'
import { printPath } from '../../server/checker/index.ts'

const spec = (container: Fields, rest: Fields = {}): Fields => ({ containers: [{ name: 'app', image: 'app:1', ...container }], ...rest })
const secured = (securityContext: Fields, rest: Fields = {}): Fields => spec({ securityContext }, rest)

/** A pod that restricted accepts. */
const restricted = secured({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })

describe('controls', () => {
  test.each<[string, Fields, string, string[], Record<string, string>?]>([
    ['appArmorProfile', secured({ appArmorProfile: { type: 'Unconfined' } }), 'container "app" must not set AppArmor profile type to "Unconfined"', ['spec.containers[0].securityContext.appArmorProfile.type']],
    ['appArmorProfile', spec({}), 'annotation "container.apparmor.security.beta.kubernetes.io/app"="unconfined"', ['metadata.annotations[container.apparmor.security.beta.kubernetes.io/app]'], { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' }],
    ['capabilities_baseline', secured({ capabilities: { add: ['CHOWN', 'SYS_ADMIN', 'NET_RAW'] } }), 'container "app" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add', ['spec.containers[0].securityContext.capabilities.add[1]', 'spec.containers[0].securityContext.capabilities.add[2]']],
    ['hostNamespaces', spec({}, { hostNetwork: true, hostPID: true, hostIPC: false }), 'hostNetwork=true, hostPID=true', ['spec.hostNetwork', 'spec.hostPID']],
    ['hostPathVolumes', spec({}, { volumes: [{ name: 'a', emptyDir: {} }, { name: 'h', hostPath: { path: '/' } }] }), 'volume "h"', ['spec.volumes[1].hostPath']],
    ['hostPorts', spec({ ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 81 }, { containerPort: 82, hostPort: 82 }] }), 'container "app" uses hostPorts 80, 82', ['spec.containers[0].ports[0].hostPort', 'spec.containers[0].ports[2].hostPort']],
    ['hostProbesAndHostLifecycle', spec({ livenessProbe: { httpGet: { host: 'b' } }, lifecycle: { preStop: { httpGet: { host: 'a' } } } }), 'container "app" uses probe or lifecycle hosts "a", "b"', ['spec.containers[0].livenessProbe.httpGet.host', 'spec.containers[0].lifecycle.preStop.httpGet.host']],
    ['privileged', { initContainers: [{ name: 'i', securityContext: { privileged: true } }], containers: [{ name: 'c', securityContext: { privileged: true } }] }, 'containers "i", "c" must not set securityContext.privileged=true', ['spec.initContainers[0].securityContext.privileged', 'spec.containers[0].securityContext.privileged']],
    ['procMount', secured({ procMount: 'Unmasked' }), 'container "app" must not set securityContext.procMount to "Unmasked"', ['spec.containers[0].securityContext.procMount']],
    ['seLinuxOptions', secured({ seLinuxOptions: { role: 'r' } }, { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } }), 'pod and container "app" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set', ['spec.securityContext.seLinuxOptions.type', 'spec.securityContext.seLinuxOptions.user', 'spec.containers[0].securityContext.seLinuxOptions.role']],
    ['seccompProfile_baseline', spec({}, { securityContext: { seccompProfile: { type: 'Unconfined' } } }), 'pod must not set securityContext.seccompProfile.type to "Unconfined"', ['spec.securityContext.seccompProfile.type']],
    ['sysctls', spec({}, { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }, { name: 'kernel.msgmax' }] } }), 'kernel.msgmax', ['spec.securityContext.sysctls[1].name']],
    ['windowsHostProcess', secured({ windowsOptions: { hostProcess: true } }), 'container "app" must not set securityContext.windowsOptions.hostProcess=true', ['spec.containers[0].securityContext.windowsOptions.hostProcess']],
    ['allowPrivilegeEscalation', spec({}), 'container "app" must set securityContext.allowPrivilegeEscalation=false', ['spec.containers[0].securityContext.allowPrivilegeEscalation']],
    ['capabilities_restricted', secured({ capabilities: { add: ['CHOWN'] } }), 'container "app" must set securityContext.capabilities.drop=["ALL"]; container "app" must not include "CHOWN" in securityContext.capabilities.add', ['spec.containers[0].securityContext.capabilities.drop', 'spec.containers[0].securityContext.capabilities.add[0]']],
    ['procMount_restricted', secured({ procMount: 'Unmasked' }, { hostUsers: false }), 'container "app" must not set securityContext.procMount to "Unmasked"', ['spec.containers[0].securityContext.procMount']],
    ['restrictedVolumes', spec({}, { volumes: [{ name: 'n', nfs: {} }, { name: 'h', hostPath: {} }, { name: 'i', image: {} }] }), 'volumes "n", "h" use restricted volume types "hostPath", "nfs"', ['spec.volumes[0].nfs', 'spec.volumes[1].hostPath']],
    ['runAsNonRoot', spec({}), 'pod or container "app" must set securityContext.runAsNonRoot=true', ['spec.containers[0].securityContext.runAsNonRoot']],
    ['runAsNonRoot', secured({ runAsNonRoot: true }, { securityContext: { runAsNonRoot: false } }), 'pod must not set securityContext.runAsNonRoot=false', ['spec.securityContext.runAsNonRoot']],
    ['runAsUser', secured({ runAsUser: 0 }, { securityContext: { runAsUser: 0 } }), 'pod and container "app" must not set runAsUser=0', ['spec.securityContext.runAsUser', 'spec.containers[0].securityContext.runAsUser']],
    ['seccompProfile_restricted', spec({}), 'pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"', ['spec.containers[0].securityContext.seccompProfile.type']],
  ])('%s', (control, pod, detail, fields, annotations) => {
    const found = podSecurityViolation(control, pod, annotations)
    expect(found?.detail).toBe(detail)
    expect(found?.fields.map(printPath)).toEqual(fields)
    expect(podSecurityViolation(control, restricted)).toBeUndefined()
  })

  it('are those of 1.36, without a violation in a pod that restricted accepts', () => {
    expect(podSecurityControls).toHaveLength(19)
    expect(podSecurityViolations(restricted, 'restricted')).toEqual([])
  })

  it('stand in the order of the server, baseline first, without those that restricted replaces', () => {
    const pod = spec({ securityContext: { privileged: true } }, { hostPID: true, volumes: [{ name: 'h', hostPath: { path: '/' } }] })
    expect(podSecurityViolations(pod, 'baseline').map(({ control }) => control)).toEqual(['hostNamespaces', 'hostPathVolumes', 'privileged'])
    expect(podSecurityViolations(pod, 'restricted').map(({ control }) => control)).toEqual(['hostNamespaces', 'privileged', 'allowPrivilegeEscalation', 'capabilities_restricted', 'restrictedVolumes', 'runAsNonRoot', 'seccompProfile_restricted'])
    expect(podSecurityViolations(pod, 'privileged')).toEqual([])
  })
})

describe('versions of the policy', () => {
  const violated = (pod: Fields, minor: number): string[] => podSecurityViolations(pod, 'restricted', {}, minor).map(({ control }) => control)
  const base = (restricted['containers'] as Fields[])[0]!

  test.each<[string, Fields, number, string]>([
    ['a user namespace excuses root', { ...restricted, hostUsers: false, securityContext: { runAsUser: 0 } }, 35, 'runAsUser'],
    ['sysctls of 1.32', { ...restricted, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_wmem' }] } }, 32, 'sysctls'],
    ['sysctls of 1.29', { ...restricted, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout' }] } }, 29, 'sysctls'],
    ['sysctls of 1.27', { ...restricted, securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports' }] } }, 27, 'sysctls'],
    ['the SELinux type of 1.31', { ...restricted, securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }, 31, 'seLinuxOptions'],
    ['Windows pods need no Linux settings', { os: { name: 'windows' }, containers: [{ name: 'w', securityContext: { runAsNonRoot: true } }] }, 25, 'seccompProfile_restricted'],
  ])('%s from 1.%i on', (_name, pod, minor, control) => {
    expect(violated(pod, minor)).toEqual([])
    expect(violated(pod, minor - 1)).toContain(control)
  })

  it('forbids hosts of probes from 1.34 on', () => {
    const pod = { containers: [{ ...base, readinessProbe: { tcpSocket: { host: 'db' } } }] }
    expect(violated(pod, 34)).toEqual(['hostProbesAndHostLifecycle'])
    expect(violated(pod, 33)).toEqual([])
  })

  it('reads labels: an unknown level is restricted, an unknown version the newest', () => {
    const of = (level?: string, version?: string) => securityPolicyOf({ ...(level ? { 'pod-security.kubernetes.io/enforce': level } : {}), ...(version ? { 'pod-security.kubernetes.io/enforce-version': version } : {}) }, 'enforce')
    expect(of()).toEqual({ level: 'privileged', minor: 36, text: 'privileged:latest' })
    expect(of('baseline', 'v1.28')).toEqual({ level: 'baseline', minor: 28, text: 'baseline:v1.28' })
    expect(of('strict', 'v1.99')).toEqual({ level: 'restricted', minor: 36, text: 'restricted:v1.99' })
  })
})
