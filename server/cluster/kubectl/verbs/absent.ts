/** Verbs of kubectl that make no sense against a simulated cluster: each says so, and what to do instead. */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { get, Refusal } from '../console.ts'
import { podFor } from './pods.ts'
import type { Verb } from './verb.ts'

function absent(name: string, about: string, usage: string, instead: string, flags = ''): Verb {
  return { name, about, usage, absent: true, completes: 'none', flags: flagTable(flags), run() {
    throw new Refusal(`error: kubectl ${name} is not available in this console; ${instead}`)
  } }
}

/** `port-forward` opens no port here; it says what one would have reached. */
function portForward(console: Console): void {
  const [word, ...pairs] = console.args
  if (word === undefined || pairs.length === 0) throw new Refusal("error: TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and examples")
  const service = /^(svc|services?)\//.test(word) ? get(console, { kind: 'Service', namespace: console.namespace, name: word.split('/')[1]! }) : undefined
  const pod = podFor(console, word)
  if (pod.status?.phase !== 'Running') throw new Refusal(`error: unable to forward port because pod is not running. Current status=${pod.status?.phase}`)
  for (const pair of pairs) {
    const [local = '', remote = local] = pair.split(':')
    const port = service ? targetOf(service.spec?.ports, Number(remote), pod) : Number(remote)
    if (port === undefined || Number.isNaN(port)) throw new Refusal(`error: Service ${word.split('/')[1]} does not have a service port ${remote}`)
    const listening = console.past ? [] : console.cluster.runtime.containers({ kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }).flatMap((container) => container.listening().filter((item) => item.port === port && item.protocol === 'TCP').map(() => container.spec.name))
    console.err(`# this console opens no local port: 127.0.0.1:${local || port} would reach port ${port} of pod ${pod.metadata.name}, where ${listening.length > 0 ? `container ${listening[0]} listens` : 'nothing listens'} (forwarding passes Services and network policies by)`)
  }
}

function targetOf(ports: readonly Fields[] | undefined, wanted: number, pod: K8sObject): number | undefined {
  const port = ports?.find((item) => item.port === wanted)
  if (!port) return undefined
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  return ((pod.spec?.containers ?? []) as Fields[]).flatMap((container) => (container.ports ?? []) as Fields[]).find((item) => item.name === target)?.containerPort
}

export const absentVerbs: readonly Verb[] = [
  absent('edit', 'Edit a resource on the server', 'edit (RESOURCE/NAME | -f FILENAME)', 'change the manifest in the editor and apply it, or use kubectl patch or kubectl set', 'output:o=s filename:f=l save-config'),
  { name: 'port-forward', about: 'Forward one or more local ports to a pod', usage: 'port-forward TYPE/NAME [LOCAL_PORT:]REMOTE_PORT', completes: 'pods', flags: flagTable('address=l pod-running-timeout=d'), run: portForward },
  absent('attach', 'Attach to a running container', 'attach POD', 'read kubectl logs -f instead', 'container:c=s stdin:i tty:t'),
  absent('cp', 'Copy files and directories to and from containers', 'cp SRC DEST', 'read a file with kubectl exec POD -- cat FILE', 'container:c=s no-preserve retries=i'),
  absent('debug', 'Create debugging sessions for troubleshooting workloads and nodes', 'debug POD --image=IMAGE', 'ephemeral containers are not modelled; start a pod beside it with kubectl run', 'image=s target=s container:c=s stdin:i tty:t copy-to=s profile=s share-processes'),
  absent('proxy', 'Run a proxy to the Kubernetes API server', 'proxy', 'there is no API address to reach', 'port:p=i'),
  absent('certificate', 'Modify certificate resources', 'certificate SUBCOMMAND', 'certificates are not modelled'),
  absent('kustomize', 'Build a kustomization target from a directory or URL', 'kustomize DIR', 'apply plain manifests with -f'),
  absent('options', 'Print the list of flags inherited by all commands', 'options', 'kubectl <command> --help names the flags that are understood here'),
  absent('completion', 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)', 'completion SHELL', 'the Tab key completes here already'),
  absent('plugin', 'Provides utilities for interacting with plugins', 'plugin', 'there are no plugins here'),
]
