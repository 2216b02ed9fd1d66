/**
 * The file system a container sees: its image, what it wrote over it, and its volumes. Ownership, modes and read-only mounts decide as the kernel does
 * (cluster-wide rules of volumes and fsGroup are the kubelet's; here they have become owners and modes).
 */
import type { Directory, FileNode, FileRead, Mount, User, Volume } from '../types.ts'
import type { ImageProfile } from '../profile.ts'
import { compareText } from '../../k8s/object.ts'

export type Node = FileNode & { directory?: false } | { directory: true; owner: number; group: number; mode: number }
export type FileError = 'ENOENT' | 'EACCES' | 'EISDIR' | 'ENOTDIR' | 'EROFS' | 'ENOSPC' | 'EEXIST' | 'ENOTEMPTY'

/** A directory that tells when it changes: reloads and log followers wait for this instead of looking again and again. */
export class Tree extends Map<string, Node> {
  private watchers: Set<() => void> | undefined

  override set(path: string, node: Node): this {
    super.set(path, node)
    this.tell()
    return this
  }

  override delete(path: string): boolean {
    const had = super.delete(path)
    if (had) this.tell()
    return had
  }

  override clear(): void {
    super.clear()
    this.tell()
  }

  /** Calls back after every change, until the returned function is called. */
  watch(changed: () => void): () => void {
    this.watchers ??= new Set()
    this.watchers.add(changed)
    return () => void this.watchers?.delete(changed)
  }

  private tell(): void {
    if (this.watchers) for (const changed of [...this.watchers]) changed()
  }
}

const encoder = new TextEncoder()

/** A plain file. `bytes` may be larger than the content, for files whose content does not matter. */
export function fileNode(content: string, owner: number, group: number, mode: number, bytes = encoder.encode(content).length): Node {
  return { content, bytes, owner, group, mode }
}

export function directoryNode(owner = 0, group = 0, mode = 0o755): Node {
  return { directory: true, owner, group, mode }
}

/** Removes `.`, `..`, doubled and trailing slashes; relative paths count from `from`. '/' is the root. */
export function absolutePath(path: string, from: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

/** Adds the directories above a path (relative, '' is the root) that are missing. */
export function addParents(tree: Directory, path: string): void {
  for (let parent = parentOf(path); ; parent = parentOf(parent)) {
    if (!tree.has(parent)) tree.set(parent, directoryNode())
    if (parent === '') return
  }
}

/** A volume tree of the given files, owned by root, with the given file mode. */
export function treeOf(files: Record<string, string>, mode: number): Tree {
  const tree = new Tree()
  tree.set('', directoryNode())
  for (const [path, content] of Object.entries(files)) {
    addParents(tree, path)
    tree.set(path, fileNode(content, 0, 0, mode))
  }
  return tree
}

/** The image's files as a tree with explicit parents; `programs` are executables (absolute paths) that the profile implies. */
export function imageTree(image: ImageProfile, programs: readonly string[]): Tree {
  const tree = new Tree()
  tree.set('', directoryNode())
  for (const path of ['etc', 'dev', 'proc', 'usr/bin', 'var', 'root', 'home', ...(image.shell ? ['bin', 'usr/local/bin', 'opt', 'srv', 'mnt', 'run'] : [])]) {
    addParents(tree, path)
    tree.set(path, directoryNode(0, 0, path === 'root' ? 0o700 : 0o755))
  }
  tree.set('tmp', directoryNode(0, 0, 0o1777))
  tree.set('etc/passwd', fileNode('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' + (typeof image.user === 'string' && !/^\d+$/.test(image.user) ? `${image.user}:x:1000:1000::/home/${image.user}:/sbin/nologin\n` : ''), 0, 0, 0o644))
  for (const path of programs) {
    const relative = path.slice(1)
    addParents(tree, relative)
    tree.set(relative, fileNode('', 0, 0, 0o755, 1))
  }
  for (const [path, given] of Object.entries(image.files)) {
    const relative = absolutePath(path, '/').slice(1)
    const file = typeof given === 'string' ? { content: given, owner: 0, group: 0, mode: '644', directory: path.endsWith('/') } : given
    addParents(tree, relative)
    const mode = parseInt(file.mode, 8)
    tree.set(relative, file.directory ? directoryNode(file.owner, file.group, typeof given === 'string' || given.mode === '644' ? 0o755 : mode) : fileNode(file.content, file.owner, file.group, typeof given === 'string' && /^#!/.test(file.content) ? 0o755 : mode))
  }
  return tree
}

/** May this user do it? `bit`: 4 read, 2 write, 1 execute or search. Root passes unless all capabilities are dropped (no CAP_DAC_OVERRIDE). */
export function permits(node: Node, user: User, bit: 4 | 2 | 1): boolean {
  if (user.uid === 0 && !user.dropAll) return bit !== 1 || node.directory === true || (node.mode & 0o111) !== 0
  const shift = node.owner === user.uid ? 6 : node.group === user.gid || user.groups.includes(node.group) ? 3 : 0
  return ((node.mode >> shift) & bit) !== 0
}

/** What the node puts into a container. Paths have no leading slash. */
export type ProvidedFiles = { node(path: string): Node | undefined; /** Names in a directory. */ names(path: string): readonly string[] }

const noFiles: ProvidedFiles = { node: () => undefined, names: () => [] }

type Place = { tree: Directory; path: string; readOnly: boolean; volume?: Volume; from: 'image' | 'volume' | 'written' }

/** One container's view. Paths are absolute; relative ones count from the root. */
export class FileSystem {
  readonly layer = new Tree()
  private readonly removed = new Set<string>()
  private readonly mounts: readonly (Mount & { at: string })[]
  private readonly image: Directory
  private readonly volumes: ReadonlyMap<string, Volume>
  private readonly readOnlyRoot: boolean
  /** Who wrote what on memory-backed volumes: the bytes count against the writer while it lives. */
  private readonly charge: (volume: Volume, path: string) => void
  /** Something on disk was written: a file of so many bytes. */
  private readonly onDisk: (bytes: number) => void
  private readonly provided: ProvidedFiles
  /** A file outside /dev that the node mounts for the program to write, without the leading slash. */
  private messageFile: string | undefined

  constructor(image: Directory, mounts: readonly Mount[], volumes: ReadonlyMap<string, Volume>, readOnlyRoot: boolean, charge: (volume: Volume, path: string) => void = () => undefined, onDisk: (bytes: number) => void = () => undefined, provided: ProvidedFiles = noFiles) {
    this.provided = provided
    this.image = image
    this.volumes = volumes
    this.readOnlyRoot = readOnlyRoot
    this.charge = charge
    this.onDisk = onDisk
    this.mounts = mounts.map((mount) => ({ ...mount, at: absolutePath(mount.path, '/') })).sort((a, b) => b.at.length - a.at.length || compareText(a.at, b.at))
  }

  /**
   * Checks the mounts against each other and the image as runc does, and makes missing sub-paths: a directory on a writable volume,
   * and also on a config volume without that key. Returns what cannot be mounted.
   */
  mountProblem(): { mount: Mount } | undefined {
    for (const mount of [...this.mounts].reverse()) {
      const volume = this.volumes.get(mount.volume)
      if (!volume) continue
      const sub = subPathOf(mount)
      if (sub !== '' && !volume.files.has(sub) && !isImplied(volume.files, sub)) {
        const root = volume.files.get('')
        addParents(volume.files, sub)
        volume.files.set(sub, directoryNode(root?.owner, root?.group, root?.mode ?? 0o755))
      }
      const source = nodeIn(volume.files, sub)
      const target = this.image.get(mount.at.slice(1))
      if (source && target && (source.directory === true) !== (target.directory === true)) return { mount }
    }
    return undefined
  }

  /** The kubelet mounts an empty file that anybody may write, to be read when the container has ended. */
  mountMessageFile(path: string): void {
    const place = this.place(path)
    if (place.volume || path === '' || this.node(path)?.directory) return
    this.messageFile = place.path
    addParents(this.layer, place.path)
    this.layer.set(place.path, fileNode('', 0, 0, 0o666))
  }

  private place(path: string): Place {
    for (const mount of this.mounts) {
      if (path !== mount.at && !path.startsWith(mount.at === '/' ? '/' : `${mount.at}/`)) continue
      const volume = this.volumes.get(mount.volume)
      if (!volume) continue
      const rest = path.slice(mount.at === '/' ? 0 : mount.at.length).replace(/^\//, '')
      return { tree: volume.files, path: [subPathOf(mount), rest].filter((part) => part !== '').join('/'), readOnly: mount.readOnly || volume.readOnly, volume, from: 'volume' }
    }
    const relative = path.slice(1)
    const written = this.layer.has(relative)
    const device = /^dev(\/|$)/.test(relative) || relative === this.messageFile
    return { tree: written || device ? this.layer : this.image, path: relative, readOnly: this.readOnlyRoot && !device, from: written ? 'written' : 'image' }
  }

  /** The node at an absolute path, without looking at permissions. */
  node(path: string): Node | undefined {
    const place = this.place(path)
    if (place.volume) return nodeIn(place.tree, place.path)
    const found = this.layer.get(place.path)
    if (found) return found
    if (place.path === 'dev/null' || place.path === 'dev/stdout' || place.path === 'dev/stderr') return fileNode('', 0, 0, 0o666)
    const made = this.provided.node(place.path)
    if (made) return made
    if (!this.isRemoved(place.path)) {
      const base = nodeIn(this.image, place.path)
      if (base) return base
    }
    return this.mounts.some((mount) => mount.at.startsWith(path === '/' ? '/' : `${path}/`)) ? directoryNode() : undefined
  }

  private isRemoved(relative: string): boolean {
    for (let path = relative; path !== ''; path = parentOf(path)) if (this.removed.has(path)) return true
    return false
  }

  /** Walks to a path; every directory on the way must be searchable. */
  walk(path: string, user: User): { node: Node } | { error: 'ENOENT' | 'ENOTDIR' | 'EACCES' } {
    let node = this.node('/') ?? directoryNode()
    let at = ''
    for (const part of path.split('/').filter((one) => one !== '')) {
      if (!node.directory) return { error: 'ENOTDIR' }
      if (!permits(node, user, 1)) return { error: 'EACCES' }
      at = `${at}/${part}`
      const next = this.node(at)
      if (!next) return { error: 'ENOENT' }
      node = next
    }
    return { node }
  }

  read(path: string, user: User): FileRead {
    const found = this.walk(path, user)
    if ('error' in found) return { ok: false, error: found.error }
    const { node } = found
    if (node.directory) return { ok: false, error: 'EISDIR' }
    if (!permits(node, user, 4)) return { ok: false, error: 'EACCES' }
    const { from } = this.place(path)
    return { ok: true, content: node.content, mode: node.mode, owner: node.owner, group: node.group, from }
  }

  /** Names in a directory, sorted. */
  list(path: string, user: User): { names: string[] } | { error: FileError } {
    const found = this.walk(path, user)
    if ('error' in found) return found
    if (!found.node.directory) return { error: 'ENOTDIR' }
    if (!permits(found.node, user, 4)) return { error: 'EACCES' }
    const place = this.place(path)
    const names = new Set<string>()
    const gather = (tree: Directory, prefix: string, hidden: boolean): void => {
      for (const key of tree.keys()) {
        if (key === prefix || (prefix !== '' && !key.startsWith(`${prefix}/`)) || key === '') continue
        if (hidden && this.isRemoved(key)) continue
        names.add(key.slice(prefix === '' ? 0 : prefix.length + 1).split('/')[0]!)
      }
    }
    if (place.volume) gather(place.tree, place.path, false)
    else {
      gather(this.image, place.path, true)
      gather(this.layer, place.path, false)
      for (const name of this.provided.names(place.path)) names.add(name)
      for (const mount of this.mounts) if (mount.at.startsWith(path === '/' ? '/' : `${path}/`)) names.add(mount.at.slice(path === '/' ? 1 : path.length + 1).split('/')[0]!)
    }
    return { names: [...names].filter((name) => name !== '').sort(compareText) }
  }

  /** Would writing a file here succeed? Existing files need their own write bit, new ones their directory's. */
  canWrite(path: string, user: User): { ok: true } | { ok: false; error: FileError } {
    const there = this.walk(path, user)
    if ('node' in there) {
      if (there.node.directory) return { ok: false, error: 'EISDIR' }
      if (this.place(path).readOnly) return { ok: false, error: 'EROFS' }
      return permits(there.node, user, 2) ? { ok: true } : { ok: false, error: 'EACCES' }
    }
    if (there.error !== 'ENOENT') return { ok: false, error: there.error }
    const parent = this.walk(`/${parentOf(path.slice(1))}`, user)
    if ('error' in parent) return { ok: false, error: parent.error }
    if (!parent.node.directory) return { ok: false, error: 'ENOTDIR' }
    if (this.place(path).readOnly) return { ok: false, error: 'EROFS' }
    return permits(parent.node, user, 2) && permits(parent.node, user, 1) ? { ok: true } : { ok: false, error: 'EACCES' }
  }

  /** Writes a whole file; new files belong to the user, and to the directory's group when that has the setgid bit. */
  write(path: string, content: string, user: User, bytes?: number): { ok: true } | { ok: false; error: FileError } {
    const allowed = this.canWrite(path, user)
    if (!allowed.ok) return allowed
    const old = this.node(path)
    const place = this.place(path)
    const node = old && !old.directory ? fileNode(content, old.owner, old.group, old.mode, bytes) : this.fresh(path, user, fileNode(content, user.uid, user.gid, 0o644, bytes))
    if (place.volume?.tmpfs && place.volume.sizeLimitBytes !== undefined) {
      const others = treeBytes(place.tree) - (old && !old.directory ? old.bytes : 0)
      if (others + (node.directory ? 0 : node.bytes) > place.volume.sizeLimitBytes) return { ok: false, error: 'ENOSPC' }
    }
    this.put(path, node)
    return { ok: true }
  }

  makeDirectory(path: string, user: User, mode = 0o755): { ok: true } | { ok: false; error: FileError } {
    if (this.node(path)) return { ok: false, error: 'EEXIST' }
    const allowed = this.canWrite(path, user)
    if (!allowed.ok) return allowed
    this.put(path, this.fresh(path, user, directoryNode(user.uid, user.gid, mode)))
    return { ok: true }
  }

  /** Removes a file, or a directory with all in it. Sticky directories let only owners remove. */
  remove(path: string, user: User): { ok: true } | { ok: false; error: FileError } {
    const found = this.walk(path, user)
    if ('error' in found) return { ok: false, error: found.error }
    const place = this.place(path)
    if (place.readOnly) return { ok: false, error: 'EROFS' }
    const parent = this.node(`/${parentOf(path.slice(1))}`) ?? directoryNode()
    const sticky = (parent.mode & 0o1000) !== 0 && user.uid !== found.node.owner && user.uid !== parent.owner && (user.uid !== 0 || user.dropAll)
    if (!permits(parent, user, 2) || sticky || this.mounts.some((mount) => mount.at === path)) return { ok: false, error: 'EACCES' }
    const tree = place.volume ? place.tree : this.layer
    for (const key of [...tree.keys()]) if (key === place.path || key.startsWith(`${place.path}/`)) tree.delete(key)
    if (!place.volume) this.removed.add(place.path)
    return { ok: true }
  }

  /** Changes mode or owner: only the owner may, or root with its capabilities. */
  change(path: string, user: User, to: { mode?: number; owner?: number; group?: number }): { ok: true } | { ok: false; error: FileError | 'EPERM' } {
    const found = this.walk(path, user)
    if ('error' in found) return { ok: false, error: found.error }
    if (this.place(path).readOnly) return { ok: false, error: 'EROFS' }
    const isRoot = user.uid === 0 && !user.dropAll
    const isOwner = found.node.owner === user.uid
    if (!isRoot && (!isOwner || (to.owner !== undefined && to.owner !== user.uid) || (to.group !== undefined && to.group !== user.gid && !user.groups.includes(to.group)))) return { ok: false, error: 'EPERM' }
    this.put(path, { ...found.node, ...to })
    return { ok: true }
  }

  /** Puts a node where the path leads, without asking. */
  put(path: string, node: Node): void {
    const place = this.place(path)
    if (place.volume) {
      place.tree.set(place.path, node)
      if (place.volume.tmpfs) this.charge(place.volume, place.path)
      else this.onDisk(sizeOf(node))
      return
    }
    this.removed.delete(place.path)
    this.layer.set(place.path, node)
    this.onDisk(sizeOf(node))
  }

  /** Watches everything that may change what a path shows. */
  watch(path: string, changed: () => void): () => void {
    const { tree, volume } = this.place(path)
    const watched = volume ? tree : this.layer
    return watched instanceof Tree ? watched.watch(changed) : () => undefined
  }

  /** Bytes written to the container's own layer, for ephemeral storage. */
  get writtenBytes(): number {
    return treeBytes(this.layer)
  }

  volumeAt(path: string): Volume | undefined {
    return this.place(path).volume
  }

  private fresh(path: string, user: User, node: Node): Node {
    const parent = this.node(`/${parentOf(path.slice(1))}`)
    if (!parent || (parent.mode & 0o2000) === 0) return node
    return { ...node, group: parent.group, mode: node.directory ? node.mode | 0o2000 : node.mode }
  }
}

function subPathOf(mount: Mount): string {
  return mount.subPath ? absolutePath(mount.subPath, '/').slice(1) : ''
}

function isImplied(tree: Directory, path: string): boolean {
  if (path === '') return true
  for (const key of tree.keys()) if (key.startsWith(`${path}/`)) return true
  return false
}

function nodeIn(tree: Directory, path: string): Node | undefined {
  return tree.get(path) ?? (isImplied(tree, path) ? directoryNode() : undefined)
}

function sizeOf(node: Node): number {
  return node.directory ? 0 : node.bytes
}

/** Bytes of all files of a tree. */
export function treeBytes(tree: Directory): number {
  let sum = 0
  for (const node of tree.values()) sum += sizeOf(node)
  return sum
}

const errorTexts: Record<string, string> = {
  ENOENT: 'no such file or directory', EACCES: 'permission denied', EISDIR: 'is a directory', ENOTDIR: 'not a directory', EROFS: 'read-only file system', ENOSPC: 'no space left on device', EEXIST: 'file exists', ENOTEMPTY: 'directory not empty', EPERM: 'operation not permitted',
}

/** The words Go programs use; C programs start them with a capital. */
export function errorText(error: string): string {
  return errorTexts[error] ?? error
}
