/** What an argv means inside an image: the described program, one of its other commands, a script, or a tool; and why it cannot be started (containerd and runc texts). */
import type { ContainerSpec } from '../types.ts'
import type { ImageProfile, Profile } from '../profile.ts'
import type { FileSystem } from './files.ts'
import { absolutePath, imageTree, permits, Tree } from './files.ts'
import { busyboxTools, debianTools, shells } from './shell/names.ts'

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export type Program = { kind: 'app' } | { kind: 'command'; name: string } | { kind: 'script'; path: string } | { kind: 'tool'; name: string } | { kind: 'unknown'; path: string }
export type LookupFailure = { missing: true; text: string } | { missing: false; text: string }

type Installed = { tree: Tree; programs: ReadonlyMap<string, Program> }
const installed = new WeakMap<Profile, Installed>()

function placeOf(name: string): string {
  return name.startsWith('/') ? name : `/usr/local/bin/${name.replace(/^\.\//, '')}`
}

/** The image's files with its executables, and what each of them is. Kept per profile: nothing writes to it. */
export function installedImage(profile: Profile): Installed {
  const done = installed.get(profile)
  if (done) return done
  const image = profile.image
  const programs = new Map<string, Program>()
  for (const name of toolNames(image)) programs.set(`${shells.has(name) || image.userland === 'busybox' ? '/bin' : '/usr/bin'}/${name}`, { kind: 'tool', name })
  for (const line of Object.keys(profile.commands)) {
    const name = line.split(' ')[0]!.replace(/\*$/, '')
    programs.set(placeOf(name), { kind: 'command', name })
  }
  for (const binary of [profile.binary ?? entryBinary(image) ?? [], profile.alsoNamed].flat()) programs.set(absolutePath(placeOf(binary), '/'), { kind: 'app' })
  const tree = imageTree(image, [...programs.keys()])
  const result = { tree, programs }
  installed.set(profile, result)
  return result
}

/** The files of an image where it is mounted as a volume. An image without a shell, or with nothing to run, holds what its profile lists and no system around it. */
export function mountedImage(profile: Profile): Tree {
  const { tree, programs } = installedImage(profile)
  const { shell, entrypoint, command, files } = profile.image
  if (shell && entrypoint.length + command.length > 0) return tree
  const shown = [...Object.keys(files).map((path) => absolutePath(path, '/')), ...[...programs].filter(([, program]) => program.kind !== 'tool').map(([path]) => path)]
  const made = new Tree()
  for (const [path, node] of tree) if (path === '' || shown.some((one) => one === `/${path}` || one.startsWith(`/${path}/`))) made.set(path, node)
  return made
}

/** The entry point, unless it is a shell, a tool or a script of the image. */
function entryBinary(image: ImageProfile): string | undefined {
  const first = image.entrypoint[0]
  if (first === undefined || shells.has(first.split('/').at(-1)!) || toolNames(image).includes(first.split('/').at(-1)!)) return undefined
  const file = image.files[first]
  return file !== undefined && (typeof file === 'string' ? file : file.content).startsWith('#!') ? undefined : first
}

function toolNames(image: ImageProfile): string[] {
  return [...(image.shell ? (image.userland === 'busybox' ? busyboxTools : debianTools) : []), ...image.tools]
}

/** The canned result of a command line of the profile: the words as written or with the program's bare name; a `*` at the end stands for any rest. */
export function cannedCommand(profile: Profile, argv: readonly string[]): Profile['commands'][string] | undefined {
  const [name = '', ...args] = argv
  const bare = name.split('/').at(-1)!
  for (const [line, result] of Object.entries(profile.commands)) {
    const prefix = line.endsWith('*') ? line.slice(0, -1) : undefined
    const [first = '', ...rest] = line.replace(/\*$/, '').split(' ')
    if (first !== name && first.split('/').at(-1) !== bare) continue
    const tail = args.join(' ')
    const wanted = rest.join(' ')
    if (prefix === undefined ? tail === wanted : tail.startsWith(wanted.trimEnd())) return result
  }
  return undefined
}

/** Finds argv[0] as exec(2) and the shell do: a path relative to the working directory, or a name along PATH. */
export function lookupProgram(spec: ContainerSpec, files: FileSystem, name: string, cwd: string, path: string | undefined): { program: Program; path: string } | LookupFailure {
  const { programs } = installedImage(spec.image.profile)
  const user = spec.user
  const judge = (full: string): { program: Program; path: string } | undefined | 'denied' => {
    const found = files.walk(full, user)
    if ('error' in found) return found.error === 'EACCES' ? 'denied' : undefined
    if (found.node.directory || !permits(found.node, user, 1)) return 'denied'
    const content = found.node.content
    if (content.startsWith('#!')) return { program: { kind: 'script', path: full }, path: full }
    return { program: programs.get(full) ?? { kind: 'unknown', path: full }, path: full }
  }
  if (name.includes('/')) {
    const found = judge(absolutePath(name, cwd))
    if (found === 'denied') return { missing: false, text: `exec: "${name}": permission denied` }
    return found ?? { missing: true, text: `exec: "${name}": stat ${name}: no such file or directory` }
  }
  let denied = false
  for (const folder of (path ?? defaultPath).split(':')) {
    const found = judge(absolutePath(name, folder === '' ? cwd : folder))
    if (found === 'denied') denied = true
    else if (found) return found
  }
  return denied ? { missing: false, text: `exec: "${name}": permission denied` } : { missing: true, text: `exec: "${name}": executable file not found in $PATH` }
}

const runcPrefix = 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
const smallestLimitBytes = 6 * 1024 ** 2

/** The working directory: made by runc when it is missing, entered as the container's user (libcontainer/rootfs_linux.go, init_linux.go:finalizeNamespace). */
function directoryProblem(spec: ContainerSpec, files: FileSystem): string | undefined {
  const cwd = absolutePath(spec.workingDir, '/')
  const root = { uid: 0, gid: 0, groups: [], dropAll: false }
  const parts = cwd.split('/').filter((part) => part !== '')
  for (let i = 1; i <= parts.length; i++) {
    const path = `/${parts.slice(0, i).join('/')}`
    const node = files.node(path)
    if (node && !node.directory) return `error during container init: mkdir ${path}: not a directory`
    if (!node && !spec.readOnlyRoot) files.makeDirectory(path, root)
  }
  const found = files.walk(cwd, spec.user)
  if ('error' in found && found.error === 'ENOENT') return `error during container init: mkdir ${cwd}: read-only file system`
  if ('error' in found || !permits(found.node, spec.user, 1)) return `error during container init: chdir to cwd ("${spec.workingDir}") set in config.json failed: permission denied`
  return undefined
}

/** Why this container cannot be started, in the words of the event, or undefined. `arch` is that of the node. */
export function startFailure(spec: ContainerSpec, files: FileSystem, arch: string): { failed: string; reason: 'RunContainerError' } | undefined {
  const refuse = (text: string) => ({ failed: `${runcPrefix}${text}`, reason: 'RunContainerError' as const })
  const problem = files.mountProblem()
  if (problem) {
    const source = `/var/lib/kubelet/pods/volume-subpaths/${problem.mount.volume.split(' ')[0]}/${spec.name}`
    return refuse(`error during container init: error mounting "${source}" to rootfs at "${problem.mount.path}": mount ${source}:${problem.mount.path}: not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`)
  }
  if (spec.limits.memoryBytes !== undefined && spec.limits.memoryBytes < smallestLimitBytes) return refuse('container init was OOM-killed (memory limit too low?)')
  const directory = directoryProblem(spec, files)
  if (directory) return refuse(directory)
  const found = lookupProgram(spec, files, spec.argv[0]!, spec.workingDir, spec.env.get('PATH'))
  if ('text' in found) return refuse(`error during container init: ${found.text}`)
  return spec.image.arch.includes(arch) ? undefined : refuse(`error during container init: exec ${found.path}: exec format error`)
}
