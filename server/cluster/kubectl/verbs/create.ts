/** `kubectl create`: objects made from flags (cmd/create). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { isNamespaced } from '../../resources.ts'
import { resourceNamed } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { authorise, get, HelpRefusal, present, Refusal, serverError, written } from '../console.ts'
import { createFromFiles, printDone } from './apply.ts'
import { dryRun } from './dry-run.ts'
import type { Verb } from './verb.ts'

export const common = 'dry-run=o,unchanged output:o=s save-config field-manager=s validate=o,strict'

/** Text as base64 of its UTF-8 bytes, as Secrets hold it. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

function nameOf(console: Console, more = 0): string {
  if (console.args.length === 0) throw new Refusal(`error: exactly one NAME is required, got 0\nSee '${console.path} -h' for help and examples`)
  if (console.args.length > 1 + more) throw new Refusal(`error: exactly one NAME is required, got ${console.args.length}\nSee '${console.path} -h' for help and examples`)
  return console.args[0]!
}

/** Creates the object, or with --dry-run=client only prints it. `failure` is what kubectl puts before the server's words for some kinds. */
export function make(console: Console, object: K8sObject, failure?: string, done = 'created'): void {
  if (dryRun(console)) return printDone(console, { ...object, metadata: { ...object.metadata, ...(isNamespaced(object.kind) && console.flags.given('namespace') ? { namespace: console.namespace } : {}) } }, done)
  present(console)
  const placed: K8sObject = isNamespaced(object.kind) ? { ...object, metadata: { ...object.metadata, namespace: console.namespace } } : object
  authorise(console, 'create', object.kind, placed.metadata.namespace ?? '')
  const { status: _none, ...sent } = placed
  const result = console.cluster.api.create(sent as K8sObject)
  if ('error' in result) throw new Refusal(result.error.reason === 'Invalid' ? serverError(result.error) : failure === undefined ? serverError(result.error) : `error: failed to create ${failure} ${result.error.message}`)
  printDone(console, written(console, result), done)
}

function required(console: Console, flag: string): string {
  if (!console.flags.given(flag)) throw new Refusal(`error: required flag(s) "${flag}" not set`)
  return console.flags.text(flag)
}

/** --from-literal, --from-file and --from-env-file as key → value. */
function sources(console: Console): Record<string, string> {
  const { flags } = console
  const files = console.session.files ?? {}
  const read = (path: string): string => {
    const text = files[path.replace(/^\.\//, '')]
    if (text === undefined) throw new Refusal(`error: error reading ${path}: no such file or directory`)
    return text
  }
  const data: Record<string, string> = {}
  const put = (key: string, value: string): void => {
    if (Object.hasOwn(data, key)) throw new Refusal(`error: cannot add key ${key}, another key by that name already exists`)
    data[key] = value
  }
  for (const pair of flags.all('from-literal')) {
    if (!pair.includes('=')) throw new Refusal(`error: invalid literal source ${pair}, expected key=value`)
    put(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1).replace(/^(["'])(.*)\1$/s, '$2'))
  }
  for (const source of flags.all('from-file')) {
    const [key, path] = source.includes('=') ? [source.slice(0, source.indexOf('=')), source.slice(source.indexOf('=') + 1)] : [source.split('/').at(-1)!, source]
    put(key, read(path))
  }
  for (const path of flags.all('from-env-file')) for (const line of read(path).split('\n').map((item) => item.trim()).filter((item) => item !== '' && !item.startsWith('#'))) put(line.split('=')[0]!, line.includes('=') ? line.slice(line.indexOf('=') + 1) : '')
  return data
}

function container(name: string, image: string, command: readonly string[] = [], extra: Fields = {}): Fields {
  return { name, image, ...(command.length > 0 ? { command: [...command] } : {}), resources: {}, ...extra }
}

/** `nginx:1.27` → `nginx`: what create deployment calls the container. */
function imageName(image: string): string {
  return image.split('/').at(-1)!.replace(/[:@].*$/, '')
}

function createDeployment(console: Console): void {
  const name = nameOf(console)
  const { flags } = console
  required(console, 'image')
  const images = flags.list('image')
  const command = console.rest ?? []
  if (images.length > 1 && command.length > 0) throw new Refusal('error: cannot specify multiple --image options and command')
  const port = flags.given('port') ? { ports: [{ containerPort: flags.number('port') }] } : {}
  make(console, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels: { app: name } },
    spec: { replicas: flags.number('replicas'), selector: { matchLabels: { app: name } }, strategy: {}, template: { metadata: { labels: { app: name } }, spec: { containers: images.map((image) => container(imageName(image), image, command, port)) } } },
    status: {},
  }, 'deployment:')
}

function createJob(console: Console): void {
  const name = nameOf(console)
  const from = console.flags.text('from')
  if (from === '') {
    const image = required(console, 'image')
    make(console, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template: { metadata: {}, spec: { containers: [container(name, image, console.rest)], restartPolicy: 'Never' } } }, status: {} }, 'job:')
    return
  }
  if (console.flags.given('image')) throw new Refusal('error: either --image or --from must be specified')
  const [type = '', source = ''] = from.split('/')
  if (resourceNamed(type)?.kind !== 'CronJob') throw new Refusal(`error: from must be an existing cronjob`)
  const cron = get(console, { kind: 'CronJob', namespace: console.namespace, name: source })
  const template = cron.spec.jobTemplate as Fields
  make(console, {
    apiVersion: 'batch/v1', kind: 'Job',
    metadata: { name, annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...template.metadata?.annotations }, ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}), ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: cron.metadata.name, uid: cron.metadata.uid ?? '', controller: true }] },
    spec: template.spec, status: {},
  }, 'job:')
}

function createCronJob(console: Console): void {
  const name = nameOf(console)
  const image = required(console, 'image')
  const schedule = required(console, 'schedule')
  make(console, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec: { jobTemplate: { metadata: { name }, spec: { template: { metadata: {}, spec: { containers: [container(name, image, console.rest)], restartPolicy: console.flags.text('restart') || 'OnFailure' } } } }, schedule }, status: {} }, 'cronjob:')
}

function createSecret(console: Console, kind: 'generic' | 'docker-registry' | 'tls'): void {
  const name = nameOf(console)
  const { flags } = console
  if (kind === 'generic') {
    const data = Object.fromEntries(Object.entries(sources(console)).map(([key, value]) => [key, base64(value)]))
    return make(console, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...(Object.keys(data).length > 0 ? { data } : {}), ...(flags.text('type') ? { type: flags.text('type') } : {}) }, 'secret')
  }
  if (kind === 'tls') {
    const files = console.session.files ?? {}
    const [cert, key] = [required(console, 'cert'), required(console, 'key')]
    for (const path of [cert, key]) if (files[path] === undefined) throw new Refusal(`error: open ${path}: no such file or directory`)
    return make(console, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { 'tls.crt': base64(files[cert]!), 'tls.key': base64(files[key]!) }, type: 'kubernetes.io/tls' }, 'secret')
  }
  const [username, password] = [required(console, 'docker-username'), required(console, 'docker-password')]
  const server = flags.text('docker-server') || 'https://index.docker.io/v1/'
  const entry = { username, password, ...(flags.text('docker-email') ? { email: flags.text('docker-email') } : {}), auth: base64(`${username}:${password}`) }
  make(console, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { '.dockerconfigjson': base64(JSON.stringify({ auths: { [server]: entry } })) }, type: 'kubernetes.io/dockerconfigjson' }, 'secret')
}

function createService(console: Console, type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'): void {
  const name = nameOf(console)
  const { flags } = console
  const ports = flags.list('tcp').map((pair) => {
    const [port = '', target = port] = pair.split(':')
    if (!/^\d+$/.test(port)) throw new Refusal(`error: strconv.ParseInt: parsing ${JSON.stringify(port)}: invalid syntax`)
    return { name: pair.replace(':', '-'), port: Number(port), protocol: 'TCP', targetPort: /^\d+$/.test(target) ? Number(target) : target, ...(flags.given('node-port') && flags.number('node-port') > 0 ? { nodePort: flags.number('node-port') } : {}) }
  })
  if (ports.length === 0 && type !== 'ExternalName' && flags.text('clusterip') !== 'None') throw new Refusal('error: at least one tcp port specifier must be provided')
  make(console, { apiVersion: 'v1', kind: 'Service', metadata: { name, labels: { app: name } }, spec: { ...(type === 'ExternalName' ? { externalName: required(console, 'external-name') } : {}), ...(flags.text('clusterip') ? { clusterIP: flags.text('clusterip') } : {}), ...(ports.length > 0 ? { ports } : {}), selector: { app: name }, type }, status: { loadBalancer: {} } }, `${type} service:`)
}

/** Rules of --verb, --resource and --resource-name: one per API group, in the order named. */
function rules(console: Console): Fields[] {
  const { flags } = console
  const verbs = [...new Set(flags.list('verb'))]
  if (verbs.length === 0) throw new Refusal('error: at least one verb must be specified')
  const byGroup = new Map<string, string[]>()
  for (const text of flags.list('resource')) {
    const [first = '', subresource] = text.split('/')
    const found = first === '*' ? { group: '', plural: '*' } : resourceNamed(first)
    if (!found) throw new Refusal(`error: the server doesn't have a resource type "${first}"`)
    byGroup.set(found.group, [...(byGroup.get(found.group) ?? []), `${found.plural}${subresource ? `/${subresource}` : ''}`])
  }
  const urls = flags.list('non-resource-url')
  if (byGroup.size === 0 && urls.length === 0) throw new Refusal('error: at least one resource must be specified')
  const names = flags.list('resource-name')
  return [...[...byGroup].map(([group, resources]): Fields => ({ apiGroups: [group], resources, ...(names.length > 0 ? { resourceNames: names } : {}), verbs })), ...(urls.length > 0 ? [{ nonResourceURLs: urls, verbs }] : [])]
}

function createRole(console: Console, kind: 'Role' | 'ClusterRole'): void {
  make(console, { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: nameOf(console) }, rules: rules(console) })
}

function createBinding(console: Console, kind: 'RoleBinding' | 'ClusterRoleBinding'): void {
  const name = nameOf(console)
  const { flags } = console
  const [role, clusterRole] = [flags.text('role'), flags.text('clusterrole')]
  if ((role === '') === (clusterRole === '')) throw new Refusal(kind === 'RoleBinding' ? 'error: exactly one of clusterrole or role must be specified' : 'error: clusterrole must be specified')
  const accounts = flags.all('serviceaccount').flatMap((text) => text.split(',')).map((text) => {
    const [namespace = '', account = ''] = text.split(':')
    if (account === '' || namespace === '') throw new Refusal('error: serviceaccount must be <namespace>:<name>')
    return { kind: 'ServiceAccount', name: account, namespace }
  })
  const subjects = [...flags.list('user').map((user) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user })), ...flags.list('group').map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })), ...accounts]
  make(console, { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role ? 'Role' : 'ClusterRole', name: role || clusterRole }, subjects }, kind === 'RoleBinding' ? 'rolebinding:' : 'clusterrolebinding:')
}

function createQuota(console: Console): void {
  const hard = Object.fromEntries(console.flags.list('hard').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  make(console, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: nameOf(console) }, spec: { hard, ...(console.flags.list('scopes').length > 0 ? { scopes: console.flags.list('scopes') } : {}) }, status: {} }, 'quota:')
}

function createBudget(console: Console): void {
  const name = nameOf(console)
  const { flags } = console
  const selector = required(console, 'selector')
  const value = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)
  if (!flags.given('min-available') && !flags.given('max-unavailable')) throw new Refusal('error: one of min-available or max-unavailable must be specified')
  const matchLabels = Object.fromEntries(selector.split(',').map((pair) => pair.split(/==?/) as [string, string]))
  make(console, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec: { ...(flags.given('max-unavailable') ? { maxUnavailable: value(flags.text('max-unavailable')) } : {}), ...(flags.given('min-available') ? { minAvailable: value(flags.text('min-available')) } : {}), selector: { matchLabels } }, status: {} }, 'poddisruptionbudgets:')
}

function createPriorityClass(console: Console): void {
  const { flags } = console
  make(console, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: nameOf(console) }, value: flags.number('value'), globalDefault: flags.on('global-default'), description: flags.text('description'), preemptionPolicy: flags.text('preemption-policy') }, 'priorityclass:')
}

function createIngress(console: Console): void {
  const name = nameOf(console)
  const hosts = new Map<string, Fields[]>()
  for (const rule of console.flags.all('rule')) {
    const match = /^([^/=]*)(\/[^=]*)?=([^:,]+):([^,]+)/.exec(rule)
    if (!match) throw new Refusal(`error: rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`)
    const [, host = '', path = '/', service, port = ''] = match
    hosts.set(host, [...(hosts.get(host) ?? []), { backend: { service: { name: service, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } }, path: path.replace(/\*$/, ''), pathType: path.endsWith('*') ? 'Prefix' : 'Exact' }])
  }
  if (hosts.size === 0) throw new Refusal('error: not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)')
  const { flags } = console
  make(console, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name }, spec: { ...(flags.text('class') ? { ingressClassName: flags.text('class') } : {}), rules: [...hosts].map(([host, paths]) => ({ ...(host ? { host } : {}), http: { paths } })) }, status: { loadBalancer: {} } }, 'ingress:')
}

function sub(name: string, about: string, usage: string, flags: string, run: Verb['run'], aliases: string[] = []): Verb {
  return { name, aliases, about, usage: `create ${usage}`, flags: flagTable(`${common} ${flags}`), completes: 'none', run }
}

const fromFlags = 'from-literal=a from-file=a from-env-file=a append-hash'
const bindingFlags = 'role=s clusterrole=s user=l group=l serviceaccount=l'

export const createVerb: Verb = {
  name: 'create',
  about: 'Create a resource from a file or from stdin',
  usage: 'create -f FILENAME',
  completes: 'files',
  flags: flagTable(`${common} filename:f=l recursive:R kustomize:k=s edit raw=s selector:l=s windows-line-endings`),
  run(console) {
    // cmd/create/create.go:NewCmdCreate: first this line, then what a command with subcommands says.
    if (console.flags.all('filename').length === 0 && console.flags.text('kustomize') === '') {
      console.err('Error: must specify one of -f and -k\n')
      if (console.args.length === 0) throw new HelpRefusal()
    }
    if (console.args.length > 0) throw new Refusal(`error: unknown command "${console.args.join(' ')}"\nSee 'kubectl create -h' for help and examples`)
    createFromFiles(console)
  },
  verbs: [
    sub('clusterrole', 'Create a cluster role', 'clusterrole NAME --verb=verb --resource=resource.group', 'verb=l resource=l resource-name=a non-resource-url=l', (console) => createRole(console, 'ClusterRole')),
    sub('clusterrolebinding', 'Create a cluster role binding for a particular cluster role', 'clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]', bindingFlags, (console) => createBinding(console, 'ClusterRoleBinding')),
    sub('configmap', 'Create a config map from a local file, directory or literal value', 'configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1]', fromFlags, (console) => {
      const data = sources(console)
      make(console, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: nameOf(console) }, ...(Object.keys(data).length > 0 ? { data } : {}) }, 'configmap:')
    }, ['cm']),
    sub('cronjob', 'Create a cron job with the specified name', "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]", 'image=s schedule=s restart=s', createCronJob, ['cj']),
    sub('deployment', 'Create a deployment with the specified name', 'deployment NAME --image=image -- [COMMAND] [args...]', 'image=l replicas:r=i,1 port=i', createDeployment, ['deploy']),
    sub('ingress', 'Create an ingress with the specified name', 'ingress NAME --rule=host/path=service:port', 'rule=a class=s default-backend=s annotation=a', createIngress, ['ing']),
    sub('job', 'Create a job with the specified name', 'job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]', 'image=s from=s', createJob),
    sub('namespace', 'Create a namespace with the specified name', 'namespace NAME', '', (console) => make(console, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameOf(console) }, spec: {}, status: {} }), ['ns']),
    sub('poddisruptionbudget', 'Create a pod disruption budget with the specified name', 'poddisruptionbudget NAME --selector=SELECTOR --min-available=N', 'selector=s min-available=s max-unavailable=s', createBudget, ['pdb']),
    sub('priorityclass', 'Create a priority class with the specified name', 'priorityclass NAME --value=VALUE', 'value=i,0 global-default description=s preemption-policy=s,PreemptLowerPriority', createPriorityClass, ['pc']),
    sub('quota', 'Create a quota with the specified name', 'quota NAME [--hard=key1=value1,key2=value2]', 'hard=l scopes=l', createQuota, ['resourcequota']),
    sub('role', 'Create a role with single rule', 'role NAME --verb=verb --resource=resource.group/subresource', 'verb=l resource=l resource-name=a', (console) => createRole(console, 'Role')),
    sub('rolebinding', 'Create a role binding for a particular role or cluster role', 'rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]', bindingFlags, (console) => createBinding(console, 'RoleBinding')),
    {
      name: 'secret', about: 'Create a secret using a specified subcommand', usage: 'create secret (docker-registry | generic | tls)',
      verbs: [
        sub('docker-registry', 'Create a secret for use with a Docker registry', 'secret docker-registry NAME --docker-username=user --docker-password=password', 'docker-server=s docker-username=s docker-password=s docker-email=s', (console) => createSecret(console, 'docker-registry')),
        sub('generic', 'Create a secret from a local file, directory, or literal value', 'secret generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1]', `${fromFlags} type=s`, (console) => createSecret(console, 'generic')),
        sub('tls', 'Create a TLS secret', 'secret tls NAME --cert=path/to/cert/file --key=path/to/key/file', 'cert=s key=s', (console) => createSecret(console, 'tls')),
      ],
    },
    {
      name: 'service', aliases: ['svc'], about: 'Create a service using a specified subcommand', usage: 'create service (clusterip | externalname | loadbalancer | nodeport)',
      verbs: [
        sub('clusterip', 'Create a ClusterIP service', 'service clusterip NAME [--tcp=<port>:<targetPort>]', 'tcp=l clusterip=s', (console) => createService(console, 'ClusterIP')),
        sub('externalname', 'Create an ExternalName service', 'service externalname NAME --external-name external.name', 'tcp=l external-name=s', (console) => createService(console, 'ExternalName')),
        sub('loadbalancer', 'Create a LoadBalancer service', 'service loadbalancer NAME [--tcp=port:targetPort]', 'tcp=l', (console) => createService(console, 'LoadBalancer')),
        sub('nodeport', 'Create a NodePort service', 'service nodeport NAME [--tcp=port:targetPort]', 'tcp=l node-port=i,0', (console) => createService(console, 'NodePort')),
      ],
    },
    sub('serviceaccount', 'Create a service account with the specified name', 'serviceaccount NAME', '', (console) => make(console, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: nameOf(console) } }, 'serviceaccount:'), ['sa']),
    sub('token', 'Request a service account token', 'token SERVICE_ACCOUNT_NAME', 'duration=d audience=a bound-object-kind=s bound-object-name=s bound-object-uid=s', (console) => {
      get(console, { kind: 'ServiceAccount', namespace: console.namespace, name: nameOf(console) })
      throw new Refusal('error: this console issues no tokens; check access with kubectl auth can-i --as=system:serviceaccount:NAMESPACE:NAME')
    }),
  ],
}
