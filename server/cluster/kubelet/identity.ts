/** Who the processes of a container are: user, groups and host name (containerd oci/spec_opts.go:WithUser,WithAdditionalGIDs; kubelet_pods.go:GeneratePodHostNameAndDomain; util.go:GetNodenameForKernel). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import type { ImageProfile } from '../profile.ts'
import type { User } from '../types.ts'

const longestFqdn = 64

function linesOf(image: ImageProfile, path: string): string[][] {
  const file = image.files[path]
  return (file === undefined ? '' : typeof file === 'string' ? file : file.content).split('\n').filter((line) => line !== '').map((line) => line.split(':'))
}

/** A numeric user is looked up in the image for its group; the supplementary groups are the pod's, and those the image gives the user unless the pod's policy is Strict. */
export function userOf(pod: K8sObject, container: Fields, image: ImageProfile): User {
  const own = container.securityContext ?? {}
  const shared = pod.spec?.securityContext ?? {}
  const passwd = linesOf(image, '/etc/passwd')
  const asked = own.runAsUser ?? shared.runAsUser
  const entry = passwd.find(([name, , uid]) => (asked === undefined ? name === String(image.user) || uid === String(image.user) : uid === String(asked)))
  const imageUid = Number.isFinite(Number(image.user)) ? Number(image.user) : Number(entry?.[2] ?? 1000)
  const uid = (asked ?? imageUid) as number
  const primary = entry ? Number(entry[3]) : uid === imageUid ? image.group : 0
  const given = [...(shared.fsGroup === undefined ? [] : [shared.fsGroup]), ...(shared.supplementalGroups ?? [])] as number[]
  const inherited = entry && shared.supplementalGroupsPolicy !== 'Strict' ? linesOf(image, '/etc/group').filter(([, , , members]) => (members ?? '').split(',').includes(entry[0]!)).map(([, , gid]) => Number(gid)) : []
  return { uid, gid: own.runAsGroup ?? shared.runAsGroup ?? primary, groups: [...new Set([...given, ...inherited])], dropAll: ((own.capabilities?.drop ?? []) as string[]).includes('ALL') }
}

/** The name in the pod's UTS namespace, which containerd also puts into the environment as HOSTNAME. `problem`: it is too long for the kernel. */
export function hostnameOf(pod: K8sObject): { name: string; problem?: string } {
  const { hostNetwork, nodeName, hostname, subdomain, setHostnameAsFQDN } = pod.spec ?? {}
  if (hostNetwork === true) return { name: nodeName as string }
  const short = String(hostname ?? pod.metadata.name).slice(0, 63).replace(/[-.]+$/, '')
  if (setHostnameAsFQDN !== true || !subdomain) return { name: short }
  const full = `${short}.${subdomain}.${pod.metadata.namespace}.svc.cluster.local`
  if (full.length <= longestFqdn) return { name: full }
  return { name: full, problem: `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${longestFqdn} characters is the max, ${full.length} characters requested)` }
}
