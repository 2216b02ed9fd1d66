import type { Fields } from '../../k8s/object.ts'
import { containersOf, podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

/** Seconds that a hook sleeps for certain: `sleep`, or a command that begins with one. */
function sleepOf(hook: Fields): number | undefined {
  if (typeof hook['sleep']?.seconds === 'number') return hook['sleep'].seconds
  const command = (hook['exec']?.command ?? []) as string[]
  const words = command.length >= 3 && /(^|\/)(ba|da|a)?sh$/.test(command[0]!) && /^-[a-z]*c$/.test(command[1]!) ? command[2]!.trim().split(/[\s;&|]+/) : command
  return /(^|\/)sleep$/.test(words[0] ?? '') && /^\d+s?$/.test(words[1] ?? '') ? Number.parseInt(words[1]!, 10) : undefined
}

export default defineRule({
  id: 'pre-stop-ends-within-the-grace-period',
  category: 'availability',
  severity: 'warning',
  title: { en: 'The preStop hook leaves time for the program to stop', 'zh-CN': 'preStop 为程序停止留出时间' },
  why: {
    en: 'The grace period starts before the hook. When the hook sleeps through it, the program gets SIGTERM and SIGKILL at nearly the same moment, and running matches are cut off.',
    'zh-CN': '宽限期在钩子之前就开始计时。钩子如果把它睡完，程序几乎会同时收到 SIGTERM 与 SIGKILL，进行中的对局会被直接切断。',
  },
  fix: {
    en: 'Raise `terminationGracePeriodSeconds` above the sleep plus the time the program needs, or shorten the sleep.',
    'zh-CN': '把 `terminationGracePeriodSeconds` 提到睡眠时间加程序所需时间之上，或缩短睡眠。',
  },
  links: ['https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/'],
  kinds: ['workloads'],
  mentions: ['preStop'],
  *check(subject) {
    const grace = Number(podOf(subject)?.spec['terminationGracePeriodSeconds'] ?? 30)
    for (const { container, path } of containersOf(subject)) {
      const hook = container['lifecycle']?.preStop as Fields | undefined
      const seconds = hook ? sleepOf(hook) : undefined
      if (seconds === undefined || seconds < grace) continue
      yield { at: [...path, 'lifecycle', 'preStop'], message: { en: `The hook sleeps ${seconds} seconds, but the Pod is killed after ${grace}.`, 'zh-CN': `钩子睡眠 ${seconds} 秒，而 Pod 在 ${grace} 秒后就会被杀掉。` } }
    }
  },
  examples: {
    good: [
      running('lifecycle: { preStop: { exec: { command: [sleep, "5"] } } }'),
      running('lifecycle: { preStop: { sleep: { seconds: 20 } } }'),
      running('lifecycle: { preStop: { exec: { command: [sh, -c, "sleep 60"] } } }', 'terminationGracePeriodSeconds: 120'),
    ],
    bad: [
      { yaml: running('lifecycle: { preStop: { exec: { command: [sh, -c, "sleep 60"] } } }'), expect: ['spec.template.spec.containers[0].lifecycle.preStop'] },
      { yaml: running('lifecycle: { preStop: { exec: { command: [/bin/sleep, "10"] } } }', 'terminationGracePeriodSeconds: 10'), expect: ['spec.template.spec.containers[0].lifecycle.preStop'] },
    ],
  },
})
