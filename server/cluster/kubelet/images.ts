/** Getting an image onto a node (pkg/kubelet/images/image_manager.go, credentialprovider, containerd's error texts). */
import type { Fields, K8sObject } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import { nodeResolver } from '../infrastructure.ts'
import { globMatches } from '../glob.ts'
import type { Cluster, ResolvedImage } from '../types.ts'
import { lastingSteps } from '../steps.ts'
import { secretData } from './env.ts'

/** What a node holds: `free` images were there before or pulled without credentials; others name the credentials they came with. */
export type HeldImage = { free: boolean; credentials: Set<string> }
export type NodeImages = Map<string, HeldImage>
/** `secret`: the uid of the Secret it comes from. */
export type Credential = { id: string; secret: string; username: string; password: string }

/** The full name: registry, path and tag. `error` when the reference cannot be parsed. */
export function normalizedImage(reference: string): { name: string; host: string; path: string; tag: string } | { error: string } {
  const [beforeDigest = '', digest] = reference.split('@') as [string, string?]
  const slash = beforeDigest.indexOf('/')
  const first = slash < 0 ? '' : beforeDigest.slice(0, slash)
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost'
  const host = hasHost ? first : 'docker.io'
  const rest = hasHost ? beforeDigest.slice(slash + 1) : beforeDigest
  const colon = rest.lastIndexOf(':')
  const bare = colon < 0 ? rest : rest.slice(0, colon)
  const path = !hasHost && !bare.includes('/') ? `library/${bare}` : bare
  const tag = digest ?? (colon < 0 ? 'latest' : rest.slice(colon + 1))
  const problem = /[A-Z]/.test(path) ? `invalid reference format: repository name (${path}) must be lowercase` : !/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(path) || !/^[\w][\w.:-]{0,127}$/.test(tag) ? 'invalid reference format' : undefined
  if (problem) return { error: `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": ${problem}` }
  return { name: `${host}/${path}${digest ? '@' : ':'}${tag}`, host, path, tag }
}

/** The pod's credentials for an image, the most special key first, and the names of secrets that are missing (credentialprovider/keyring.go:Lookup). */
export function credentialsFor(pod: K8sObject, image: { host: string; path: string }, cluster: Cluster): { credentials: Credential[]; missing: string[] } {
  const found: { key: string; credential: Credential }[] = []
  const missing: string[] = []
  const namespace = pod.metadata.namespace ?? ''
  for (const { name } of (pod.spec?.imagePullSecrets ?? []) as { name: string }[]) {
    const secret = cluster.view.get('Secret', namespace, name)
    if (!secret) missing.push(name)
    else for (const [key, auth] of Object.entries(authsOf(secret))) if (matchesImage(key, image)) found.push({ key: key.replace(/^https?:\/\//, ''), credential: { id: `${auth.username}:${auth.password}`, secret: secret.metadata.uid ?? '', ...auth } })
  }
  return { credentials: found.sort((a, b) => compareText(b.key, a.key)).map((one) => one.credential), missing }
}

function authsOf(secret: K8sObject): Record<string, { username: string; password: string }> {
  const data = secretData(secret)
  const text = secret.type === 'kubernetes.io/dockerconfigjson' ? data['.dockerconfigjson'] : secret.type === 'kubernetes.io/dockercfg' ? data['.dockercfg'] : undefined
  if (text === undefined) return {}
  try {
    const parsed = JSON.parse(text) as Fields
    const auths = (secret.type === 'kubernetes.io/dockercfg' ? parsed : (parsed.auths ?? {})) as Record<string, Fields>
    return Object.fromEntries(Object.entries(auths).map(([key, auth]) => {
      const [username = '', ...password] = auth.auth ? atob(String(auth.auth)).split(':') : [auth.username, auth.password ?? '']
      return [key, { username: String(username), password: password.join(':') }]
    }))
  } catch {
    return {}
  }
}

/** URLsMatchStr: globs per label of the host, the same port, and a path that the image's begins with; Docker Hub has its old address. */
function matchesImage(key: string, { host, path }: { host: string; path: string }): boolean {
  const [bare = '', ...folders] = key.replace(/^https?:\/\//, '').split('/')
  if (host === 'docker.io') return bare === 'index.docker.io' || bare === 'docker.io'
  const prefix = folders.join('/').replace(/\/$/, '')
  if (!['', 'v1', 'v2'].includes(prefix) && !path.startsWith(prefix)) return false
  const pattern = bare.split('.')
  const labels = host.split('.')
  return pattern.length === labels.length && pattern.every((part, i) => part === labels[i] || globMatches(part, labels[i]!))
}

export type PullResult = { image: ResolvedImage; credential: Credential | undefined } | { error: string }

/** What the registry answers now, in containerd's words. */
export function pull(reference: string, arch: string, credentials: readonly Credential[], cluster: Cluster): PullResult {
  const parsed = normalizedImage(reference)
  if ('error' in parsed) return parsed
  const { name, host, path, tag } = parsed
  const registry = cluster.scenario.registries[host]
  const changed = lastingSteps(cluster).filter((step) => step.registry?.host === host).at(-1)?.registry?.reachable
  const reachable = changed ?? registry?.reachable ?? 'yes'
  const resolve = `failed to pull and unpack image "${name}": failed to resolve reference "${name}"`
  const head = `${resolve}: failed to do request: Head "https://${host}/v2/${path}/manifests/${tag}"`
  if (reachable === 'no-such-host') return { error: `${head}: dial tcp: lookup ${host} on ${nodeResolver(cluster)}:53: no such host` }
  if (reachable !== 'yes') return { error: `${head}: dial tcp 10.0.0.9:443: ${reachable === 'refused' ? 'connect: connection refused' : 'i/o timeout'}` }
  if (registry?.tls === 'plain-http') return { error: `${head}: http: server gave HTTP response to HTTPS client` }
  if (registry?.tls === 'unknown-authority') return { error: `${head}: tls: failed to verify certificate: x509: certificate signed by unknown authority` }
  const used = registry?.auth ? credentials.find((one) => one.username === registry.auth!.username && one.password === registry.auth!.password) : undefined
  if (registry?.auth && !used) {
    const request = credentials.length > 0 ? 'failed to fetch oauth token' : 'failed to fetch anonymous token'
    return { error: `${resolve}: failed to authorize: ${request}: unexpected status from GET request to https://${host}/token?scope=repository%3A${path.replaceAll('/', '%2F')}%3Apull&service=${host}: 401 Unauthorized` }
  }
  const image = cluster.runtime.image(reference)
  if (!image && host === 'docker.io' && !cluster.runtime.image(reference.split(':')[0]!)) return { error: `${resolve}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed` }
  if (!image) return { error: `rpc error: code = NotFound desc = ${resolve}: ${name}: not found` }
  if (!image.arch.includes(arch)) return { error: `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": no match for platform in manifest: not found` }
  return { image, credential: used }
}

/** The pull policy in effect: by tag when it is not said. */
export function pullPolicy(container: Fields): 'Always' | 'IfNotPresent' | 'Never' {
  if (container.imagePullPolicy) return container.imagePullPolicy
  const parsed = normalizedImage(container.image ?? '')
  return 'tag' in parsed && parsed.tag === 'latest' ? 'Always' : 'IfNotPresent'
}
