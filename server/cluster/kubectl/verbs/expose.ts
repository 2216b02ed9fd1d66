/** Objects made for objects that exist: a Service for a workload, an autoscaler for a Deployment (cmd/expose, cmd/autoscale). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { resourceOf } from '../../resources.ts'
import { resourceFor } from '../arguments.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { Refusal } from '../console.ts'
import { common, make } from './create.ts'
import { namedObjects } from './files.ts'
import type { Verb } from './verb.ts'

export const autoscaleVerb: Verb = {
  name: 'autoscale',
  about: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  usage: 'autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU]',
  completes: 'workloads',
  flags: flagTable(`${common} min=i,-1 max=i,-1 cpu=s cpu-percent=i,-1 memory=s name=s filename:f=l`),
  run(console) {
    const { flags } = console
    if (!flags.given('max')) throw new Refusal('error: required flag(s) "max" not set')
    if (flags.number('max') < 1) throw new Refusal(`error: --max=MAXPODS is required and must be at least 1, max: ${flags.number('max')}`)
    if (flags.number('max') < flags.number('min')) throw new Refusal(`error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: ${flags.number('max')}, min: ${flags.number('min')}`)
    if (flags.given('cpu-percent')) console.err("Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).")
    for (const object of namedObjects(console, console.args)) {
      const cpu = flags.text('cpu') || (flags.number('cpu-percent') > 0 ? `${flags.text('cpu-percent')}%` : '')
      const metric = (name: string, text: string): Fields => ({ type: 'Resource', resource: { name, target: text.endsWith('%') ? { type: 'Utilization', averageUtilization: Number(text.slice(0, -1)) } : { type: 'AverageValue', averageValue: text } } })
      const metrics = [...(cpu ? [metric('cpu', cpu)] : []), ...(flags.text('memory') ? [metric('memory', flags.text('memory'))] : [])]
      const { group, version } = resourceOf(object.kind)
      make(console, { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: flags.text('name') || object.metadata.name }, spec: { maxReplicas: flags.number('max'), ...(flags.number('min') > 0 ? { minReplicas: flags.number('min') } : {}), ...(metrics.length > 0 ? { metrics } : {}), scaleTargetRef: { apiVersion: `${group}/${version}`, kind: object.kind, name: object.metadata.name } } }, undefined, 'autoscaled')
    }
  },
}

export const exposeVerb: Verb = {
  name: 'expose',
  about: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  usage: 'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  completes: 'resources',
  flags: flagTable(`${common} port=s protocol=s target-port=s name=s type=s external-ip=s load-balancer-ip=s cluster-ip=s selector=s labels:l=s session-affinity=s overrides=s filename:f=l`),
  run(console) {
    const { flags } = console
    for (const object of namedObjects(console, console.args)) {
      if (!['Pod', 'Service', 'Deployment', 'ReplicaSet', 'ReplicationController'].includes(object.kind)) throw new Refusal(`error: cannot expose a ${object.kind}${resourceFor(object.kind).group ? `.${resourceFor(object.kind).group}` : ''}`)
      const selector = flags.text('selector') !== '' ? Object.fromEntries(flags.text('selector').split(',').map((pair) => pair.split(/==?/) as [string, string])) : object.kind === 'Pod' ? object.metadata.labels : object.kind === 'Service' ? object.spec?.selector : object.spec?.selector?.matchLabels
      if (!selector || Object.keys(selector).length === 0) throw new Refusal(`error: couldn't retrieve selectors via --selector flag or introspection: the ${object.kind.toLowerCase()} has no labels and cannot be exposed`)
      make(console, { apiVersion: 'v1', kind: 'Service', metadata: { name: flags.text('name') || object.metadata.name, ...(object.metadata.labels ? { labels: object.metadata.labels } : {}) }, spec: { ports: servicePorts(console, object), selector, ...(flags.text('type') ? { type: flags.text('type') } : {}), ...(flags.text('cluster-ip') ? { clusterIP: flags.text('cluster-ip') } : {}), ...(flags.text('session-affinity') ? { sessionAffinity: flags.text('session-affinity') } : {}) }, status: { loadBalancer: {} } }, undefined, 'exposed')
    }
  },
}

function servicePorts(console: Console, object: K8sObject): Fields[] {
  const { flags } = console
  const declared = object.kind === 'Service' ? ((object.spec?.ports ?? []) as Fields[]).map((port) => ({ containerPort: port.port, protocol: port.protocol })) : (((object.kind === 'Pod' ? object.spec : object.spec?.template?.spec)?.containers ?? []) as Fields[]).flatMap((item) => (item.ports ?? []) as Fields[])
  const target = flags.text('target-port')
  const targetPort = (port: number): string | number => (target === '' ? port : /^\d+$/.test(target) ? Number(target) : target)
  if (flags.text('port') !== '') {
    const ports = flags.text('port').split(',').map(Number)
    return ports.map((port, i) => ({ ...(ports.length > 1 ? { name: `port-${i + 1}` } : {}), port, protocol: flags.text('protocol') || (declared.find((item) => item.containerPort === port)?.protocol ?? 'TCP'), targetPort: targetPort(port) }))
  }
  if (declared.length === 0) throw new Refusal("error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples")
  return declared.map((item, i) => ({ ...(declared.length > 1 ? { name: `port-${i + 1}` } : {}), port: item.containerPort, protocol: flags.text('protocol') || (item.protocol ?? 'TCP'), targetPort: targetPort(item.containerPort) }))
}
