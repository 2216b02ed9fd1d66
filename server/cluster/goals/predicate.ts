/** What a goal predicate is: it looks while the run goes on and says at the end what it saw. */
import type { Ref } from '../../k8s/object.ts'
import type { Millis } from '../../k8s/duration.ts'
import type { LiveCluster } from '../cluster.ts'
import type { Traffic } from '../traffic/index.ts'
import type { GoalResult, TimelineEntry } from '../types.ts'

export { span } from '../../k8s/duration.ts'
export type Words = GoalResult['says']

/** What a predicate found. `at` is relative to the apply instant; `because` says what was seen. */
export type Finding = { verdict: GoalResult['verdict']; at: Millis; because: Words; evidence?: readonly TimelineEntry[] }

export type Predicate<Spec> = {
  /** The goal as a sentence, for goals whose author wrote none. */
  says(spec: Spec): Words
  /** Objects the answer is read from; a decisive note about one of them (or a pod of it) leaves the goal undecided. */
  about(spec: Spec, namespace: string): readonly Ref[]
  /** Schedules its looks before anything is applied; the function it gives is called once, after the run. */
  watch(cluster: LiveCluster, spec: Spec, traffic: Traffic): () => Finding
}

export function words(en: string, zh: string): Words {
  return { en, 'zh-CN': zh }
}

export function met(at: Millis, because: Words, evidence?: readonly TimelineEntry[]): Finding {
  return { verdict: 'met', at, because, ...(evidence ? { evidence } : {}) }
}

export function missed(at: Millis, because: Words, evidence?: readonly TimelineEntry[]): Finding {
  return { verdict: 'missed', at, because, ...(evidence ? { evidence } : {}) }
}

/** Which limit cut a run short (loop.ts and cluster.ts name it), in both languages. */
export function limitWords(limit: string): Words {
  const [, number = '', what = ''] = /^more than ([\d.]+) (actions at one instant|actions|objects|h of virtual time)/.exec(limit) ?? []
  const units: Record<string, string> = { 'actions at one instant': '个动作发生在同一时刻', actions: '个动作', objects: '个对象', 'h of virtual time': '小时虚拟时间' }
  return words(limit, units[what] === undefined ? limit : `超过 ${number} ${units[what]}${limit.slice(`more than ${number} ${what}`.length).replace(' (', '（').replace(')', '）')}`)
}

/** The object a goal speaks of was never there. */
export function absent(name: string): Finding {
  return missed(0, words(`There is no ${name}.`, `没有 ${name}。`))
}

/** End of the run, relative to the apply instant. */
export function endOf(cluster: LiveCluster): Millis {
  return cluster.run.length
}

/** Calls `look` at every `everyMs` from `from` to `until` (relative), as the last thing of each instant. */
export function lookEvery(cluster: LiveCluster, from: Millis, until: Millis, everyMs: Millis, key: string, look: (at: Millis) => void): void {
  const step = (at: Millis): void => {
    cluster.schedule(cluster.appliedAt + at, 'observer', key, () => {
      look(at)
      if (at + everyMs <= until) step(at + everyMs)
    })
  }
  if (from <= until) step(from)
}

/** Calls `look` once at a relative moment, as the last thing of that instant. */
export function lookAt(cluster: LiveCluster, at: Millis, key: string, look: () => void): void {
  cluster.schedule(cluster.appliedAt + Math.max(at, -cluster.appliedAt), 'observer', key, look)
}
