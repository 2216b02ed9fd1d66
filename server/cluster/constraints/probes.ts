/** K4: a probe that was there stays, and can still find out that the program does not work. */
import type { Fields } from '../../k8s/object.ts'
import type { Profile } from '../profile.ts'
import { defaultPath, installedImage } from '../runtime/program.ts'
import type { Scenario } from '../scenario.ts'
import type { Breach, Constraint, ContainerPlace, Item } from './items.ts'
import { fieldsOf, listOf, pairs } from './items.ts'
import { partnersOf, profileOf } from './partners.ts'

const probeNames = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
const hourSeconds = 3600

export const probesKept: Constraint = {
  id: 'K4',
  title: { en: 'Probes stay, and they can still fail', 'zh-CN': '保留探针，而且探针仍要有可能失败' },
  *check(comparison) {
    for (const { before, after } of pairs(comparison)) {
      for (const { old, now } of partnersOf(before, after)) {
        if (!old || !now) continue
        for (const kind of probeNames) if (old.container[kind]) yield* probeBreaches(comparison.scenario, after, old, now, kind)
        if (comparison.unfelt.some(({ key, container }) => key === after.key && container === now.name)) yield { item: after, path: `${now.path}.livenessProbe`, en: `The livenessProbe of container ${now.name} does not notice that the program hangs.`, zh: `程序卡死时，容器 ${now.name} 的 livenessProbe 察觉不到。` }
      }
    }
  },
}

function* probeBreaches(scenario: Scenario, item: Item, old: ContainerPlace, now: ContainerPlace, kind: (typeof probeNames)[number]): Iterable<Breach> {
  const [was, probe] = [fieldsOf(old.container[kind]), now.container[kind] as Fields | undefined]
  const path = `${now.path}.${kind}`
  const { name } = now
  if (!probe) return yield { item, path: now.path, en: `The ${kind} of container ${name} is gone.`, zh: `容器 ${name} 的 ${kind} 被删除了。` }
  if (isAlwaysTrue(probe, now, profileOf(scenario, now)) && !isAlwaysTrue(was, old, profileOf(scenario, old))) yield { item, path, en: `The ${kind} of container ${name} always succeeds.`, zh: `容器 ${name} 的 ${kind} 总是成功。` }
  const blind = blindSeconds(probe)
  if (kind !== 'startupProbe' && blind >= hourSeconds && blind > blindSeconds(was)) yield { item, path, en: `The ${kind} of container ${name} acts only after ${blind} s.`, zh: `容器 ${name} 的 ${kind} 要 ${blind} 秒后才起作用。` }
  // Of the others it is enough that such a probe never succeeds: the pod is never ready.
  if (kind === 'livenessProbe' && isInVain(scenario, probe, now) && !isInVain(scenario, was, old)) yield { item, path, en: `The ${kind} of container ${name} cannot be run, and the kubelet does nothing about that.`, zh: `容器 ${name} 的 ${kind} 无法执行，而 kubelet 不会因此采取行动。` }
}

/** Seconds until the probe acts on a process that is broken from the first moment. */
function blindSeconds(probe: Fields): number {
  return Number(probe.initialDelaySeconds ?? 0) + Math.max(Number(probe.periodSeconds ?? 10), Number(probe.timeoutSeconds ?? 1)) * Number(probe.failureThreshold ?? 3)
}

function commandOf(probe: Fields): string[] {
  const command: unknown = fieldsOf(probe.exec).command
  return Array.isArray(command) ? command.map(String) : []
}

const shell = /^(\/(usr\/)?bin\/)?(ba|da|a)?sh$/

/** Ends with success whatever came before, or looks only at what is there whether or not the program works. */
function isAlwaysTrue(probe: Fields, place: ContainerPlace, profile: Profile | undefined): boolean {
  const command = commandOf(probe)
  if (command.length === 0) return false
  const [first = '', option = '', script = ''] = command
  const isScript = shell.test(first) && /^-[a-z]*c$/.test(option)
  const parts = (isScript ? script.split(/&&|\|\||[;|\n]/) : [command.join(' ')]).map((part) => part.trim()).filter((part) => part !== '')
  const mayFail = /\bexit\s+[1-9$"]|\bset\s+-\w*e|\breturn\b/.test(script)
  if (isScript && !mayFail && /(;|\|\||^|\n)\s*(exit 0|(\/(usr\/)?bin\/)?(true|echo\b[^|&;]*)|:)\s*;?\s*$/.test(script)) return true
  return parts.length > 0 && parts.every((part) => looksElsewhere(part.split(/\s+/), place, profile))
}

const always = new Set(['true', ':', 'echo', 'printf', 'date', 'pwd', 'whoami', 'id', 'hostname', 'uname', 'env', 'printenv', 'which', 'sleep'])
const lookers = new Set(['ls', 'cat', 'head', 'tail', 'wc', 'stat', 'test', '[', 'readlink', 'du', 'df'])

/** One command that asks nothing of the program: it says something, or looks at places that are always there. */
function looksElsewhere(words: readonly string[], place: ContainerPlace, profile: Profile | undefined): boolean {
  const name = (words[0] ?? '').replace(/^(\/usr)?\/bin\//, '')
  const rest = words.slice(1)
  if (rest.some((word) => /[$`<>!*?]/.test(word))) return false
  if (always.has(name) || (name === 'exit' && (rest.length === 0 || rest[0] === '0'))) return true
  return lookers.has(name) && rest.every((word) => (word.startsWith('/') ? isAlwaysThere(word, place, profile) : /^(-.*|\d+|\])$/.test(word)))
}

/** A file or folder of the image, or of the kernel, that neither a volume covers nor the program writes. */
function isAlwaysThere(path: string, { container }: ContainerPlace, profile: Profile | undefined): boolean {
  const written = profile ? [...[...profile.creates, ...profile.writes].map((one) => one.path), profile.start.writes ?? []].flat() : []
  const covered = [...listOf(container.volumeMounts).map(({ mountPath }) => String(mountPath)), ...written].map((one) => one.replace(/\/$/, ''))
  const bare = path.replace(/\/$/, '')
  if (written.some((one) => one.includes('$')) || covered.some((one) => bare === one || bare.startsWith(`${one}/`))) return false
  return /^(\/(proc|sys|dev)(\/.*)?)?$/.test(bare) || (profile ? installedImage(profile).tree.has(bare.slice(1)) : /^\/(bin|sbin|etc|usr|lib)(\/|$)/.test(bare))
}

/** Asks for a port by a name that no port has, or runs a program that the image does not have: neither success nor failure, so that nobody is ever killed. */
function isInVain(scenario: Scenario, probe: Fields, place: ContainerPlace): boolean {
  const port: unknown = fieldsOf(probe.httpGet ?? probe.tcpSocket).port
  if (typeof port === 'string' && !/^\d+$/.test(port)) return !listOf(place.container.ports).some(({ name }) => name === port)
  const profile = profileOf(scenario, place)
  const [program] = commandOf(probe)
  if (!profile || program === undefined || listOf(place.container.env).some(({ name }) => name === 'PATH') || profile.image.env.PATH !== undefined) return false
  if (program.includes('/') && !program.startsWith('/')) return false
  const { tree } = installedImage(profile)
  if (!program.startsWith('/')) return !defaultPath.split(':').some((folder) => tree.has(`${folder}/${program}`.slice(1)))
  return !tree.has(program.slice(1)) && !listOf(place.container.volumeMounts).some(({ mountPath }) => program.startsWith(`${String(mountPath).replace(/\/$/, '')}/`))
}
