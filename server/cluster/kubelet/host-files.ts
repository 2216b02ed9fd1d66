/** What is on a node's own disk: the usual folders, what the scenario puts there, and what pods wrote through hostPath volumes, which all of them share (pkg/volume/hostpath/host_path.go). */
import type { Fields } from '../../k8s/object.ts'
import { amountOf } from '../amounts.ts'
import type { Cluster, Directory, FileNode } from '../types.ts'
import type { NodeFile } from '../scenario.ts'

type Kind = NonNullable<FileNode['special']> | 'file' | 'directory'

const folders = ['boot', 'dev', 'dev/shm', 'etc', 'etc/cni/net.d', 'etc/kubernetes/manifests', 'etc/ssl/certs', 'home', 'lib/modules', 'media', 'mnt', 'opt/cni/bin', 'proc', 'run/containerd', 'srv', 'sys/fs/cgroup', 'usr/bin', 'usr/local/bin', 'usr/share/ca-certificates', 'usr/share/zoneinfo', 'var/cache', 'var/lib/containerd', 'var/lib/kubelet/pods', 'var/log/containers', 'var/log/pods', 'var/tmp']
const devices: Readonly<Record<string, Kind>> = { 'dev/null': 'charDevice', 'dev/zero': 'charDevice', 'dev/random': 'charDevice', 'dev/urandom': 'charDevice', 'dev/kmsg': 'charDevice', 'dev/fuse': 'charDevice', 'dev/sda': 'blockDevice', 'dev/sda1': 'blockDevice', 'run/containerd/containerd.sock': 'socket' }

/** The path below the root as the node keeps it: /var/run is a link to /run. */
export function hostPathOf(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const joined = parts.join('/')
  return joined === 'var/run' || joined.startsWith('var/run/') ? joined.slice(4) : joined
}

/** The node's files. Filled when somebody first looks. */
export function hostFiles(node: string, cluster: Cluster): Directory {
  const files = cluster.runtime.persistent(`host/${node}`, { owner: 0, group: 0, mode: 0o755 })
  if (files.has('etc')) return files
  for (const path of folders) makeFolder(files, path)
  makeFolder(files, 'root', 0o700)
  makeFolder(files, 'tmp', 0o1777)
  for (const [path, special] of Object.entries(devices)) put(files, path, { content: '', bytes: 0, owner: 0, group: 0, mode: special === 'socket' ? 0o660 : 0o666, special: special as FileNode['special'] })
  const texts: Record<string, string> = { 'etc/hostname': `${node}\n`, 'etc/hosts': '127.0.0.1 localhost\n', 'etc/resolv.conf': 'nameserver 10.0.0.2\n', 'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', 'etc/machine-id': `${node}\n`, 'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n', 'etc/localtime': 'TZif2\n' }
  for (const [path, content] of Object.entries(texts)) put(files, path, { content, bytes: content.length, owner: 0, group: 0, mode: 0o644 })
  putFiles(node, cluster.scenario.cluster.nodes.find((one) => one.name === node)?.files ?? {}, cluster)
  return files
}

/** Puts files on a node, as the scenario describes them. */
export function putFiles(node: string, given: Readonly<Record<string, NodeFile>>, cluster: Cluster): void {
  const files = hostFiles(node, cluster)
  for (const [path, file] of Object.entries(given)) {
    const { content, owner, group, mode, type, size } = typeof file === 'string' ? { content: file, owner: 0, group: 0, mode: undefined, type: undefined, size: undefined } : file
    const kind = type ?? (path.endsWith('/') ? 'directory' : 'file')
    const bits = parseInt(mode ?? (kind === 'directory' ? '755' : '644'), 8)
    if (kind === 'directory') makeFolder(files, hostPathOf(path), bits, owner, group)
    else put(files, hostPathOf(path), { content, bytes: size === undefined ? content.length : amountOf(size).milli / 1000, owner, group, mode: bits, ...(kind === 'file' ? {} : { special: kind }) })
  }
}

function makeFolder(files: Directory, path: string, mode = 0o755, owner = 0, group = 0): void {
  const parts = path.split('/')
  for (let i = 1; i < parts.length; i++) if (!files.has(parts.slice(0, i).join('/'))) files.set(parts.slice(0, i).join('/'), { directory: true, owner: 0, group: 0, mode: 0o755 })
  files.set(path, { directory: true, owner, group, mode })
}

function put(files: Directory, path: string, file: FileNode): void {
  const parent = path.split('/').slice(0, -1).join('/')
  if (parent !== '' && !files.has(parent)) makeFolder(files, parent)
  files.set(path, file)
}

function kindOf(files: Directory, path: string): Kind | undefined {
  if (path === '') return 'directory'
  const node = files.get(path)
  if (!node) return undefined
  return node.directory ? 'directory' : (node.special ?? 'file')
}

const wanted: Readonly<Record<string, [Kind, string]>> = { Directory: ['directory', 'directory'], File: ['file', 'file'], Socket: ['socket', 'socket file'], CharDevice: ['charDevice', 'character device'], BlockDevice: ['blockDevice', 'block device'] }

/** Makes what is to be made and checks the type (host_path.go:checkTypeInternal); undefined when the path may be mounted. A path without a type is made by the container runtime. */
export function hostPathProblem(source: Fields, node: string, cluster: Cluster): string | undefined {
  const files = hostFiles(node, cluster)
  const path = hostPathOf(source.path)
  const type = (source.type ?? '') as string
  if (type === '') return undefined
  if (type.endsWith('OrCreate') && kindOf(files, path) === undefined) {
    const parent = path.split('/').slice(0, -1).join('/')
    if (type === 'DirectoryOrCreate') makeFolder(files, path)
    else if (kindOf(files, parent) !== 'directory') return `open ${source.path}: no such file or directory`
    else put(files, path, { content: '', bytes: 0, owner: 0, group: 0, mode: 0o644 })
  }
  const [kind, words] = wanted[type.replace('OrCreate', '')] ?? []
  return kindOf(files, path) === kind ? undefined : `hostPath type check failed: ${source.path} is not a ${words}`
}
