/** Goals about files, environment and configuration inside containers: write, file, envClean, config, slowdown. */
import type { K8sObject, Ref } from '../../k8s/object.ts'
import { keyOf, refOf } from '../../k8s/object.ts'
import type { LiveCluster } from '../cluster.ts'
import { decodeBase64 } from '../kubelet/env.ts'
import { controllerOf } from '../pods.ts'
import { refFrom } from '../references.ts'
import type { Goal } from '../scenario.ts'
import type { FileRead, RunningContainer } from '../types.ts'
import { activePods, existed, mainContainer, processesOf } from './members.ts'
import type { Finding, Predicate } from './predicate.ts'
import { absent, endOf, lookAt, lookEvery, met, missed, span, words } from './predicate.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

/** The process of the named (or first) container of every active pod. */
function mainProcesses(cluster: LiveCluster, ref: Ref, container: string | undefined): { pod: K8sObject; program: RunningContainer | undefined }[] {
  return activePods(cluster, ref).map((pod) => {
    const program = cluster.runtime.container(refOf(pod), container ?? mainContainer(pod))
    return { pod, program: program?.exited ? undefined : program }
  })
}

const notRunning = words('The container was not running in every pod.', '并非每个 Pod 里的容器都在运行。')
const neverLooked = words('The run ended before this could be seen.', '还没来得及观察，运行就结束了。')

/** Looks once and turns what it saw into a finding at the end. */
function judgedAt(cluster: LiveCluster, workload: string, at: number, key: string, judge: (ref: Ref) => Finding): () => Finding {
  const ref = refFrom(workload, cluster.scenario.namespace)
  let finding: Finding | undefined
  lookAt(cluster, at, `${key} ${keyOf(ref)}`, () => { finding = judge(ref) })
  return () => (existed(cluster, ref) ? (finding ?? { verdict: 'undecided', at, because: neverLooked }) : absent(workload))
}

const marker = '.survives'
const writeLookMs = 1000

export const write: Predicate<Spec<'write'>> = {
  says: ({ workload, path, survivesPodDeletion }) => (survivesPodDeletion ? words(`${workload} writes ${path}, and what it wrote is still there in the pod that takes over.`, `${workload} 能写 ${path}，而且写入的内容在接替的 Pod 里仍能读到。`) : words(`${workload} can write ${path}.`, `${workload} 能写 ${path}。`)),
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, { workload, container, path, survivesPodDeletion }) {
    const end = endOf(cluster)
    const ref = refFrom(workload, cluster.scenario.namespace)
    const trail: Trail = { marked: new Map(), since: '' }
    if (survivesPodDeletion) {
      lookEvery(cluster, 0, end - 1, writeLookMs, `write ${keyOf(ref)}`, () => {
        for (const { pod, program } of mainProcesses(cluster, ref, container)) {
          if (!program || isLater(trail, pod) || trail.marked.has(pod.metadata.name)) continue
          if (!program.write(path + marker, pod.metadata.uid ?? '').ok) continue
          trail.marked.set(pod.metadata.name, pod.metadata.uid ?? '')
          if (trail.since === '') trail.since = cluster.timestamp()
        }
      })
    }
    return judgedAt(cluster, workload, end, 'write', () => {
      const processes = mainProcesses(cluster, ref, container)
      if (processes.length === 0 || processes.some((one) => !one.program)) return missed(end, notRunning)
      for (const { pod, program } of processes) {
        const can = program!.canWrite(path)
        if (!can.ok) return missed(end, words(`${pod.metadata.name}: writing ${path} fails with ${can.error}.`, `${pod.metadata.name}：写 ${path} 失败（${can.error}）。`))
      }
      return survivesPodDeletion ? survival(end, path, processes, trail) : met(end, words('Every pod can write it.', '每个 Pod 都能写。'))
    })
  },
}

/** Pod name → uid of the pod that left the marker, and when the first was left. */
type Trail = { marked: Map<string, string>; since: string }

/** Did this pod come after one that left a marker: under the same name, or, where names are made up, later? Pods of a StatefulSet start one by one, each with its own place. */
function isLater({ marked, since }: Trail, pod: K8sObject): boolean {
  const before = marked.get(pod.metadata.name)
  if (before !== undefined) return before !== pod.metadata.uid
  return since !== '' && controllerOf(pod)?.kind !== 'StatefulSet' && (pod.metadata.creationTimestamp ?? '') > since
}

/** A pod that came later must read what was left. */
function survival(end: number, path: string, processes: readonly { pod: K8sObject; program: RunningContainer | undefined }[], trail: Trail): Finding {
  const uids = new Set(trail.marked.values())
  const later = processes.filter(({ pod }) => isLater(trail, pod))
  if (later.length === 0) return trail.marked.size === 0 ? missed(end, words('Nothing could be written.', '没有写入任何内容。')) : { verdict: 'undecided', at: end, because: words('No pod was replaced during the run.', '运行期间没有 Pod 被替换。') }
  for (const { pod, program } of later) {
    const read: FileRead = program!.readFile(path + marker)
    if (!read.ok || !uids.has(read.content)) return missed(end, words(`${pod.metadata.name} does not find what the pod before it wrote.`, `${pod.metadata.name} 读不到前一个 Pod 写的内容。`))
  }
  return met(end, words(`${later[0]!.pod.metadata.name} reads what the pod before it wrote.`, `${later[0]!.pod.metadata.name} 读到了前一个 Pod 写的内容。`))
}

/** Why a file does not fulfil the goal; undefined when it does. */
function fileProblem(read: FileRead, spec: Spec<'file'>): Finding['because'] | undefined {
  if (spec.absent) return read.ok ? words(`${spec.path} is there.`, `${spec.path} 存在。`) : undefined
  if (!read.ok) return words(`${spec.path}: ${read.error}.`, `${spec.path}：${read.error}。`)
  if (spec.contains !== undefined && !read.content.includes(spec.contains)) return words(`${spec.path} does not contain what it should.`, `${spec.path} 不含应有的内容。`)
  if (spec.fromImage && read.from !== 'image') return words(`${spec.path} is not the image's own file.`, `${spec.path} 不是镜像自带的文件。`)
  if (spec.maxMode !== undefined && (read.mode & ~parseInt(spec.maxMode, 8)) !== 0) return words(`${spec.path} has mode ${read.mode.toString(8)}.`, `${spec.path} 的权限是 ${read.mode.toString(8)}。`)
  return undefined
}

export const file: Predicate<Spec<'file'>> = {
  says(spec) {
    const { workload, path } = spec
    if (spec.absent) return words(`There is no ${path} in ${workload}.`, `${workload} 里没有 ${path}。`)
    const what = [spec.contains === undefined ? undefined : words(`contains "${spec.contains}"`, `含有“${spec.contains}”`), spec.fromImage ? words("is the image's own", '是镜像自带的') : undefined, spec.maxMode === undefined ? undefined : words(`has at most mode ${spec.maxMode}`, `权限不超过 ${spec.maxMode}`)].filter((one) => one !== undefined)
    if (what.length === 0) return words(`${workload} can read ${path}.`, `${workload} 能读 ${path}。`)
    return words(`${path} in ${workload} ${what.map((one) => one.en).join(' and ')}.`, `${workload} 里的 ${path} ${what.map((one) => one['zh-CN']).join('，')}。`)
  },
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, spec) {
    const at = spec.at ?? endOf(cluster)
    return judgedAt(cluster, spec.workload, at, `file ${spec.path}`, (ref) => {
      const processes = mainProcesses(cluster, ref, spec.container)
      if (processes.length === 0 || processes.some((one) => !one.program)) return missed(at, notRunning)
      for (const { pod, program } of processes) {
        const problem = fileProblem(program!.readFile(spec.path), spec)
        if (problem) return missed(at, words(`${pod.metadata.name}: ${problem.en}`, `${pod.metadata.name}：${problem['zh-CN']}`))
      }
      return met(at, words('So in every pod.', '每个 Pod 都如此。'))
    })
  },
}

/** Values of a Secret as text, without those too short to mean anything. */
function secretValues(secret: K8sObject | undefined): Map<string, string> {
  const values = new Map<string, string>()
  for (const [key, encoded] of Object.entries((secret?.data ?? {}) as Record<string, string>)) {
    const value = decodeBase64(encoded)
    if (value.trim().length >= 4) values.set(value, key)
  }
  return values
}

const secretLookMs = 5000

export const envClean: Predicate<Spec<'envClean'>> = {
  says: ({ workload, secret }) => words(`No environment variable of ${workload} holds a value of ${secret}.`, `${workload} 的环境变量里没有 ${secret} 的值。`),
  about: ({ workload, secret }, namespace) => [refFrom(workload, namespace), refFrom(secret, namespace)],
  watch(cluster, { workload, secret }) {
    const end = endOf(cluster)
    const secretRef = refFrom(secret, cluster.scenario.namespace)
    const values = new Map<string, string>()
    const learn = (): void => {
      for (const [value, key] of secretValues(cluster.view.get('Secret', secretRef.namespace, secretRef.name))) values.set(value, key)
    }
    // A rotated Secret no longer holds the value that an old process still carries.
    lookEvery(cluster, 0, end - 1, secretLookMs, `secret ${keyOf(secretRef)}`, learn)
    return judgedAt(cluster, workload, end, 'env', (ref) => {
      learn()
      if (values.size === 0) return missed(end, words(`${secret} is not there or holds nothing.`, `${secret} 不存在或没有内容。`))
      const processes = processesOf(cluster, ref)
      if (processes.length === 0) return missed(end, notRunning)
      for (const { pod } of processes) {
        for (const running of cluster.runtime.containers(refOf(pod))) {
          for (const [name, value] of running.spec.env) {
            const hit = [...values.keys()].find((one) => value.includes(one.trim()))
            if (hit !== undefined) return missed(end, words(`${name} of container ${running.spec.name} holds the value of key ${values.get(hit)!}.`, `容器 ${running.spec.name} 的 ${name} 含有键 ${values.get(hit)!} 的值。`))
          }
        }
      }
      return met(end, words('No variable holds one.', '没有变量含有它们。'))
    })
  },
}

export const config: Predicate<Spec<'config'>> = {
  says: ({ workload, name, equals, after, within }) => words(`${workload} works with ${name}=${equals} at ${span(after + within).en}.`, `第 ${span(after + within)['zh-CN']}时，${workload} 使用 ${name}=${equals}。`),
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, { workload, name, equals, after, within }) {
    const at = Math.min(after + within, endOf(cluster))
    return judgedAt(cluster, workload, at, `config ${name}`, (ref) => {
      const found = processesOf(cluster, ref).flatMap(({ pod, program }) => {
        const value = program.config(name)
        return value === undefined ? [] : [{ pod: pod.metadata.name, value }]
      })
      if (found.length === 0) return missed(at, words(`No running process has ${name}.`, `没有运行中的进程带有 ${name}。`))
      const wrong = found.find((one) => one.value !== equals)
      return wrong ? missed(at, words(`${wrong.pod} works with "${wrong.value}".`, `${wrong.pod} 使用的是“${wrong.value}”。`)) : met(at, words(`All ${found.length} do.`, `全部 ${found.length} 个都是。`))
    })
  },
}

const slowLookMs = 2000

export const slowdown: Predicate<Spec<'slowdown'>> = {
  says: ({ workload, atMost }) => words(`Garbage collection and CPU throttling slow ${workload} down by a factor of ${atMost} at most.`, `垃圾回收和 CPU 节流使 ${workload} 的耗时不超过原来的 ${atMost} 倍。`),
  about: ({ workload }, namespace) => [refFrom(workload, namespace)],
  watch(cluster, { workload, atMost }) {
    const ref = refFrom(workload, cluster.scenario.namespace)
    let worst: { at: number; factor: number; pod: string } | undefined
    lookEvery(cluster, 0, endOf(cluster), slowLookMs, `slow ${keyOf(ref)}`, (at) => {
      for (const { pod, program } of processesOf(cluster, ref)) {
        const factor = program.slowdown()
        if (!worst || factor > worst.factor) worst = { at, factor, pod: pod.metadata.name }
      }
    })
    return () => {
      if (!existed(cluster, ref)) return absent(workload)
      if (!worst) return missed(endOf(cluster), notRunning)
      const text = worst.factor.toFixed(2)
      return worst.factor > atMost + 1e-9 ? missed(worst.at, words(`${worst.pod} was slower by a factor of ${text} after ${span(worst.at).en}.`, `第 ${span(worst.at)['zh-CN']}，${worst.pod} 的耗时是原来的 ${text} 倍。`)) : met(endOf(cluster), words(`At worst a factor of ${text}.`, `最差时为 ${text} 倍。`))
    }
  },
}
