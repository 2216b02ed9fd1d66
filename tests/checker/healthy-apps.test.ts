/** Applications that work: no rule may raise an alarm on them, and single accepted manifests give cross-object rules nothing to say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { check, rules, type Finding } from '../../server/checker/index.ts'

const folder = fileURLToPath(new URL('healthy-apps/', import.meta.url))
const apps = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort()
const shown = (finding: Finding): string => `${finding.rule} at ${finding.object.kind} ${finding.object.name} ${finding.path}: ${finding.message.en}`

/** Rules that look from one object to others: their check takes the inventory. Those about the container itself ask it only for defaults of the namespace. */
const crossObject = rules.filter(({ check: look, optional, category }) => !optional && look.length === 2 && !['resources', 'images', 'pod-security', 'probes'].includes(category)).map(({ id }) => id)

/** Accepted objects that really are wrong by themselves, so that a rule about several objects may speak: two rules for one path, a group in capitals, a budget of 100%. */
const wrongByThemselves = /^\S+ (ingress-path-appears-once at Ingress (?:ingress-2|goodingress02)|autoscaler-target-exists at HorizontalPodAutoscaler \S+ spec\.scaleTargetRef\.apiVersion|disruption-budget-allows-a-disruption at PodDisruptionBudget \S+ spec\.(?:minAvailable|maxUnavailable): (?:minAvailable: 100%|maxUnavailable: 0))/

describe('healthy applications', () => {
  it('are at least eight, each of several objects', () => {
    expect(apps.length).toBeGreaterThanOrEqual(8)
  })

  it.each(apps)('%s is accepted and raises no alarm', (name) => {
    const report = check([{ file: name, text: readFileSync(`${folder}${name}`, 'utf8') }])
    expect(report.problems).toEqual([])
    expect(report.documents.length).toBeGreaterThan(5)
    expect(report.documents.flatMap(({ kind, errors, unknownFields }) => [...errors, ...unknownFields].map(({ path, message }) => `${kind} ${path}: ${message}`))).toEqual([])
    expect(report.documents.flatMap(({ findings }) => findings).filter(({ severity }) => severity !== 'hint').map(shown)).toEqual([])
  })

  it('stay silent together, and in the other order', () => {
    const inputs = apps.map((name) => ({ file: name, text: readFileSync(`${folder}${name}`, 'utf8') }))
    for (const order of [inputs, [...inputs].reverse()]) {
      expect(check(order).documents.flatMap(({ findings }) => findings).filter(({ severity }) => severity !== 'hint').map(shown)).toEqual([])
    }
  })
})

const oracle = process.env.READYZ_ORACLE ?? fileURLToPath(new URL('../../../shared/oracle', import.meta.url))
const files = ['rules.ndjson', 'upstream-open.ndjson', 'mutants-open.ndjson'].filter((name) => existsSync(`${oracle}/${name}`))

describe('accepted manifests, one at a time', () => {
  it.skipIf(files.length === 0)('give cross-object rules nothing to report', () => {
    expect(crossObject.length).toBeGreaterThan(25)
    const alarms: string[] = []
    let count = 0
    for (const name of files) {
      for (const line of readFileSync(`${oracle}/${name}`, 'utf8').trim().split('\n')) {
        const { id, manifest, stage } = JSON.parse(line) as { id: string; manifest: unknown; stage: string }
        if (stage !== 'ok') continue
        count++
        const report = check([{ file: id, text: JSON.stringify(manifest) }], { only: crossObject })
        alarms.push(...report.documents.flatMap(({ findings }) => findings).map((finding) => `${id} ${shown(finding)}`))
      }
    }
    expect(count).toBeGreaterThan(100)
    expect(alarms.filter((alarm) => !wrongByThemselves.test(alarm))).toEqual([])
  })
})
