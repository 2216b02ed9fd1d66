/**
 * Files that the node puts into a container: those the kubelet writes (pkg/kubelet/kubelet_pods.go:managedHostsFileContent,nodeHostsFileContent; containerd's resolv.conf and hostname), and of
 * /proc and the control group what people look at. Whatever else is asked for below those two is noted, not denied.
 */
import type { Fields } from '../../k8s/object.ts'
import { compareText } from '../../k8s/object.ts'
import { hostFiles } from '../kubelet/host-files.ts'
import type { Container } from './container.ts'
import type { Node, ProvidedFiles } from './files.ts'
import { directoryNode, fileNode } from './files.ts'
import type { Process } from './host.ts'

/** The pause container of a pod that shares one process namespace, which has number 1 there. */
export const pauseProcess = { pid: 1, uid: 65535, argv: ['/pause'] } as const

/** A process as others in the namespace see it. */
export type Seen = { pid: number; uid: number; argv: readonly string[]; task?: Process; container?: Container }

/** The processes that a container sees, by number: its own, or those of the whole pod. */
export function visibleProcesses(container: Container): Seen[] {
  const of = (one: Container): Seen[] => [...one.processes].filter((task) => !task.ended).map((task) => ({ pid: task.pid, uid: one.spec.user.uid, argv: task.argv, task, container: one }))
  if (!container.spec.sharesProcesses) return of(container)
  return [pauseProcess, ...container.siblings().filter((one) => !one.exited).flatMap(of)].sort((a, b) => a.pid - b.pid)
}

/** What the table itself has under a name that anybody may choose. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** The files of one container. */
export function providedFiles(container: Container): ProvidedFiles {
  const { cluster, spec } = container
  const texts: Record<string, () => string> = {
    'etc/resolv.conf': () => cluster.network.resolvConf({ kind: 'pod', pod: spec.pod }),
    'etc/hosts': () => hostsFile(container),
    'etc/hostname': () => `${spec.hostname}\n`,
  }
  const group: Record<string, () => string> = {
    'cgroup.procs': () => [...container.processes].map((task) => `${task.pid}\n`).join(''),
    'cpu.max': () => `${spec.limits.cpuCores === undefined ? 'max' : Math.round(spec.limits.cpuCores * 100_000)} 100000\n`,
    'memory.current': () => `${container.memoryBytes()}\n`,
    'memory.max': () => `${spec.limits.memoryBytes ?? 'max'}\n`,
    'pids.current': () => `${container.processes.size}\n`,
  }
  const unknown = (path: string): undefined => void cluster.note({ text: `What /${path} shows is not modelled.`, ref: spec.pod, decisive: true })
  return {
    node(path) {
      if (path.startsWith('etc/')) return textNode(own(texts, path))
      if (path === 'sys' || path === 'sys/fs' || path === cgroup) return directoryNode(0, 0, 0o555)
      if (path.startsWith(`${cgroup}/`)) return textNode(own(group, path.slice(cgroup.length + 1))) ?? unknown(path)
      if (!path.startsWith('proc/')) return undefined
      const [pid = '', ...rest] = path.slice('proc/'.length).split('/')
      const seen = pid === 'self' ? undefined : visibleProcesses(container).find((one) => String(one.pid) === pid)
      if (!seen) return /^\d+$/.test(pid) ? undefined : unknown(path)
      if (rest.length === 0) return directoryNode(seen.uid, seen.uid, 0o555)
      return textNode(own(aboutProcess, rest.join('/'))?.bind(undefined, seen)) ?? unknown(path)
    },
    names(path) {
      if (path === '') return ['etc', 'sys']
      if (path === 'etc') return ['hostname', 'hosts', 'resolv.conf']
      if (path === 'sys') return ['fs']
      if (path === 'sys/fs') return ['cgroup']
      if (path === cgroup) return Object.keys(group)
      if (path === 'proc') return visibleProcesses(container).map((one) => String(one.pid)).sort(compareText)
      return /^proc\/\d+$/.test(path) ? Object.keys(aboutProcess) : []
    },
  }
}

const cgroup = 'sys/fs/cgroup'

function textNode(text: (() => string) | undefined): Node | undefined {
  return text && fileNode(text(), 0, 0, 0o644)
}

/** Files below /proc/<pid>. */
const aboutProcess: Readonly<Record<string, (seen: Seen) => string>> = {
  cmdline: ({ argv }) => argv.map((word) => `${word}\0`).join(''),
  comm: ({ argv }) => `${nameOf(argv)}\n`,
  status: ({ argv, pid, uid }) => `Name:\t${nameOf(argv)}\nState:\tS (sleeping)\nTgid:\t${pid}\nPid:\t${pid}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`,
}

function nameOf(argv: readonly string[]): string {
  return (argv[0] ?? '').split('/').at(-1)!.slice(0, 15)
}

function hostsFile({ cluster, spec }: Container): string {
  const pod = cluster.view.get('Pod', spec.pod.namespace, spec.pod.name)
  const aliases = ((pod?.spec?.hostAliases ?? []) as Fields[]).map((alias) => `${[alias.ip, ...(alias.hostnames ?? [])].join('\t')}\n`)
  const added = aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : ''
  if (spec.hostNetwork) {
    const own = hostFiles(spec.nodeName, cluster).get('etc/hosts')
    return `# Kubernetes-managed hosts file (host network).\n${own && !own.directory ? own.content : ''}${added}`
  }
  const full = pod?.spec?.subdomain ? [`${spec.hostname.split('.')[0]}.${pod.spec.subdomain}.${spec.pod.namespace}.svc.cluster.local`, spec.hostname] : [spec.hostname]
  return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${[spec.podIP, ...full].join('\t')}\n${added}`
}
