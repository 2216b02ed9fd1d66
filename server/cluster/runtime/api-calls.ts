/** Calls of a program to the API server with its ServiceAccount, as client-go makes them: token, connection, then the right (client-go/rest/config.go:InClusterConfig). */
import type { Profile } from '../profile.ts'
import { evaluate, forbiddenError, serviceAccountSubject } from '../rbac.ts'
import type { Host } from './host.ts'
import { connect } from './upstreams.ts'

type Call = Profile['api'][number]

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Why one call fails, in the words a program prints; undefined when it is answered. */
export function apiProblem(host: Host, call: Call, env: ReadonlyMap<string, string>): string | undefined {
  const { cluster, spec } = host
  const token = host.files.read(tokenFile, spec.user)
  if (!token.ok) return `open ${tokenFile}: ${token.error === 'EACCES' ? 'permission denied' : 'no such file or directory'}`
  const address = env.get('KUBERNETES_SERVICE_HOST')
  const port = Number(env.get('KUBERNETES_SERVICE_PORT'))
  if (address === undefined || !port) return 'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined'
  const namespace = call.namespace ?? spec.pod.namespace
  const path = `${call.group === '' ? '/api/v1' : `/apis/${call.group}/v1`}${namespace === '' ? '' : `/namespaces/${namespace}`}/${call.resource}${call.name === undefined ? '' : `/${call.name}`}`
  const reached = connect(host, { host: address, port, protocol: 'TCP', kind: 'connect' })
  if (!reached.ok) return `Get "https://${address}:${port}${path}": ${reached.error}`
  const account = cluster.view.get('Pod', spec.pod.namespace, spec.pod.name)?.spec?.serviceAccountName ?? 'default'
  const subject = serviceAccountSubject(spec.pod.namespace, account)
  const [resource = '', subresource] = call.resource.split('/')
  const request = { verb: call.verb, group: call.group, resource, ...(subresource === undefined ? {} : { subresource }), ...(call.name === undefined ? {} : { name: call.name }), namespace }
  return evaluate(subject, request, cluster.view).allowed ? undefined : forbiddenError(subject, request).message
}
