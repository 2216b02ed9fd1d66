/** The console's replay: what one request prints is decided by the request alone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBank } from '../../server/bank/index.ts'
import { causesIn } from '../../server/question-types/fix-manifest/causes.ts'
import { askCluster, askOfGivenSchema, askSchema, askToLook, clockMax, kindsToExplain } from '../../server/question-types/fix-manifest/console.ts'
import type { ConsoleReply, Own } from '../../server/question-types/fix-manifest/console.ts'
import { parseDuration } from '../../server/k8s/duration.ts'
import { evidenceOf } from '../../server/question-types/fix-manifest/evidence.ts'
import type { RepairEvidence } from '../../server/question-types/fix-manifest/grade.ts'
import type { Shown } from '../../server/question-types/fix-manifest/play.ts'
import { fixManifest } from '../../server/question-types/fix-manifest/index.ts'
import { filesIn, variantsIn } from '../../server/question-types/fix-manifest/files.ts'
import { loadDocumentation } from '../../server/k8s/schemas/documentation.ts'

const bank = readBank('questions')
const question = bank.questions.find(({ id }) => id === 'players-locked-out')!
const startup = bank.questions.find(({ id }) => id === 'forty-five-second-start')!
const repair = variantsIn(question.files, 'repairs').find(({ name }) => name === 'one-policy')!.answer
const ask = (request: object, own?: Own, files = question.files): ConsoleReply => askCluster(files, own, askSchema.parse(request), 'en')
const run = (line: string) => ({ do: 'run', line })
const text = ({ printed }: ConsoleReply) => printed.at(-1)!.text

describe('a replay', () => {
  it('gives the same bytes twice', () => {
    const request = { done: [{ at: 30_000, line: 'kubectl delete pod --all' }], now: 90_000, transcript: true, ask: run('kubectl get pods,events -o wide') }
    expect(JSON.stringify(ask(request))).toBe(JSON.stringify(ask(request)))
  })
  it('gives a command at 30 s and one at 90 s their moments', () => {
    const scaled = { at: 30_000, line: 'kubectl scale statefulset battle --replicas=1' }
    const reply = ask({ done: [scaled], now: 90_000, transcript: true, ask: run('kubectl get pods') }, undefined, startup.files)
    expect(reply.printed.map(({ at, line, keeps }) => [at, line, keeps])).toEqual([[30_000, scaled.line, true], [90_000, 'kubectl get pods', false]])
    expect(text(reply).split('\n')).toHaveLength(2)
    expect(text(ask({ now: 90_000, ask: run('kubectl get pods') }, undefined, startup.files)).split('\n')).toHaveLength(4)
    expect(text(ask({ done: [scaled], now: 30_000, ask: run('kubectl get statefulset battle') }, undefined, startup.files))).toContain('/1')
  })
  it('shows what the evidence of the question shows', () => {
    const [first] = evidenceOf(question.files, undefined, 'en')
    const at = parseDuration(first!.at.replace(/ /g, '').replace(/min$/, 'm'))!
    expect(text(ask({ now: at, ask: run(first!.command) }))).toBe(first!.output)
  })
  it('prints warnings of the server before what was found, and errors after it', () => {
    const lines = text(ask({ now: 30_000, ask: run('kubectl get endpoints kubernetes nowhere -n default') })).split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['Warning:', 'NAME', 'kubernetes', 'Error'])
  })
  it('starts from the given files, or from the person\'s', () => {
    const policies = run('kubectl get networkpolicy -o yaml')
    expect(text(ask({ ask: policies }))).not.toBe(text(ask({ ask: policies }, repair)))
    expect(ask({ ask: { do: 'begin' } }).applied).toContainEqual(expect.stringMatching(/^networkpolicy\.networking\.k8s\.io\/.* created$/))
  })
  it('reads the files of a command as they were when it was given', () => {
    const apply = { at: 10_000, line: 'kubectl apply -f policy.yaml', files: repair }
    const reply = ask({ done: [apply], now: 20_000, transcript: true, ask: run('kubectl apply -f policy.yaml') })
    expect(reply.printed.map((one) => one.text.split(' ').at(-1))).toEqual(['configured', 'configured'])
  })
  it('keeps the namespace that a command chose', () => {
    const chosen = { at: 0, line: 'kubectl config set-context --current --namespace=kube-system' }
    expect(ask({ ask: run(chosen.line) }).printed[0]!.keeps).toBe(true)
    const reply = ask({ done: [chosen], ask: run('kubectl get pods') })
    expect([reply.namespace, text(reply)]).toEqual(['kube-system', expect.stringContaining('coredns') as string])
  })
  it('ends what a watch printed with its note, and tells nothing beside it', () => {
    const watched = ask({ ask: run('kubectl get pods -w') }, undefined, startup.files)
    expect(watched.news).toEqual([])
    expect(text(watched)).toMatch(/^NAME[^]*\n# watched until \S+ \(60s of cluster time\)$/)
    expect(text(ask({ now: 30_000, ask: run('kubectl logs -f battle-0') }, undefined, startup.files)).split('\n').at(-1)).toMatch(/^# followed until/)
  })
  it('lets time pass for a command that waits, but not past the end of the clock', () => {
    const waited = ask({ ask: run('kubectl wait --for=condition=Nonsense --timeout=20s statefulset/battle') }, undefined, startup.files)
    expect([waited.now, waited.printed[0]!.until, waited.printed[0]!.keeps]).toEqual([20_000, 20_000, true])
    const forever = ask({ ask: run('kubectl wait --for=condition=Nonsense --timeout=1000h statefulset/battle') }, undefined, startup.files)
    expect([forever.now, forever.ended]).toEqual([clockMax, 'clock'])
  })
})

describe('the clock', () => {
  it('moves by an amount, and tells what happened meanwhile', () => {
    const reply = ask({ now: 0, ask: { do: 'move', by: 30_000 } }, undefined, startup.files)
    expect(reply.now).toBe(30_000)
    expect(reply.news.length).toBeGreaterThan(3)
    expect(reply.news.every(({ at }) => at > 0 && at <= 30_000)).toBe(true)
  })
  it('moves to the next event and to no other, again and again', () => {
    let now = 0
    for (let i = 0; i < 4; i++) {
      const reply = ask({ now, ask: { do: 'next' } }, undefined, startup.files)
      expect(reply.now).toBeGreaterThan(now)
      expect(new Set(reply.news.map(({ at }) => at))).toEqual(new Set([reply.now]))
      expect(ask({ now, ask: { do: 'move', by: reply.now - now } }, undefined, startup.files).news).toEqual(reply.news)
      now = reply.now
    }
  })
  it('stays where it is when nothing happens for long', () => {
    const reply = ask({ done: [{ at: 0, line: 'kubectl delete statefulset --all -n game' }], now: 600_000, ask: { do: 'next' } }, undefined, startup.files)
    expect([reply.now, reply.quiet, reply.news]).toEqual([600_000, true, []])
  })
  it('tells nothing of the scenario\'s steps', () => {
    const told = bank.questions.filter(({ type }) => type === 'fix-manifest').slice(0, 6).flatMap(({ files }) => ask({ ask: { do: 'move', by: 300_000 } }, undefined, files).news)
    expect(told.length).toBeGreaterThan(20)
    expect(told.filter(({ who, what }) => who === '' || /^(apply|behave|load|failNode|drain|reach)/.test(what))).toEqual([])
  })
})

describe('completion and help', () => {
  it('completes names as of the moment', () => {
    const { completion } = ask({ now: 5000, ask: { do: 'complete', line: 'kubectl logs bat', cursor: 16 } }, undefined, startup.files)
    expect(completion).toEqual({ from: 13, candidates: ['battle-0', 'battle-1', 'battle-2'].map((name) => ({ text: name, about: 'Pod' })) })
  })
  it('explains fields with the texts that were loaded', async () => {
    const request = askSchema.parse({ ask: run('kubectl explain pod.spec.nodeName') })
    expect(kindsToExplain(request)).toEqual([{ apiVersion: 'v1', kind: 'Pod' }])
    const texts = new Map([['v1/Pod', (await loadDocumentation('v1', 'Pod'))!]])
    expect(text(askCluster(question.files, undefined, request, 'en', texts))).toMatch(/FIELD:\s+nodeName/)
  })
})

describe('hostile input', () => {
  const bomb = `a: &a [x]\n${'bcdefgh'.split('').map((letter, i) => `${letter}: &${letter} [${Array(12).fill(`*${'abcdefg'[i]}`).join(',')}]`).join('\n')}`
  it.each([['an alias bomb', bomb], ['no YAML', '\u0000: [}{'], ['deep nesting', '['.repeat(5000)], ['no object', 'x']])('%s is not played', (_, hostile) => {
    const reply = ask({ ask: run('kubectl get pods') }, { 'policy.yaml': hostile })
    expect(reply.unreadable!.length).toBeGreaterThan(0)
    expect(reply.printed).toEqual([])
  })
  it('a file that is not the question\'s is refused', () => expect(ask({ ask: { do: 'begin' } }, { 'scenario.yaml': 'kind: Pod' }).unreadable![0]!.file).toBe('scenario.yaml'))
  it('commands find no file but the given ones', () => {
    for (const file of ['scenario.yaml', 'repairs/one-policy/policy.yaml', '../scenario.yaml', '/etc/passwd', '.']) {
      const printed = text(ask({ ask: run(`kubectl apply -f ${file} --dry-run=client -o yaml`) }))
      expect(printed).not.toMatch(/goals|root:|203\.0\.113/)
    }
  })
  it('requests beyond the limits, and files where none may be, do not parse', () => {
    const many = Array.from({ length: 201 }, () => ({ at: 0, line: 'x' }))
    for (const wrong of [{ done: many }, { done: [{ at: 0, line: 'x'.repeat(501) }] }, { now: clockMax + 1 }, { now: 0.5 }, { extra: 1 }]) expect(askSchema.safeParse({ ...wrong, ask: { do: 'begin' } }).success).toBe(false)
    expect(askOfGivenSchema.safeParse({ ask: { ...run('kubectl apply -f a'), files: {} } }).success).toBe(false)
    expect(askOfGivenSchema.safeParse({ done: [{ at: 0, line: 'x', files: {} }], ask: { do: 'next' } }).success).toBe(false)
  })
  it('whatever is typed, there is an answer', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (line) => {
      if (line.trim() === '') return
      expect(typeof text(ask({ ask: run(`kubectl ${line}`.slice(0, 400)) }))).toBe('string')
    }), { numRuns: 40, seed: 7 })
  })
})

describe('looking back', () => {
  it('changes nothing and waits for nothing', () => {
    const reply = askCluster(startup.files, undefined, askToLook({ at: 20_000, lines: ['kubectl get pods', 'kubectl get pods -w'] }), 'en')
    expect(reply.printed.map(({ at, until }) => [at, until])).toEqual([[20_000, 20_000], [20_000, 20_000]])
    expect(reply.printed[0]!.text).toBe(text(ask({ now: 20_000, ask: run('kubectl get pods') }, undefined, startup.files)))
  })
  it('refuses what would change something, and lets commands in containers ask', () => {
    const [deleted, ran, pods, asked] = askCluster(startup.files, undefined, askToLook({ at: 90_000, lines: ['kubectl delete pod --all', 'kubectl run x --image=x', 'kubectl get pods', 'kubectl exec battle-0 -- env'] }), 'en').printed
    for (const { text: words, exitCode } of [deleted!, ran!]) expect([words, exitCode]).toEqual([expect.stringMatching(/^error: this is the cluster as it was at \S+; what is past can be looked at, not changed$/), 1])
    expect(pods!.text).toMatch(/battle-0/)
    expect(asked!.text).not.toMatch(/looked at, not changed/)
  })
})

describe('the line behind an event', () => {
  const files = filesIn(startup.files, 'broken')
  const [file] = Object.keys(files)
  const causeOf = causesIn(files, 'game')
  const ref = { kind: 'Pod', namespace: 'game', name: 'battle-0' }
  const container = /containers:\s+- name: (\S+)/.exec(files[file!]!)![1]!
  const event = (words: string) => causeOf({ at: 0, kind: 'event', ref, text: words, data: { fieldPath: `spec.containers{${container}}` } })
  it('is the probe that failed, or the image that was pulled', () => {
    expect(event('Warning Unhealthy Liveness probe failed: x')?.text).toMatch(/^(livenessProbe|- name)/)
    expect(event('Normal Pulling Pulling image "x"')?.text).toMatch(/^image:/)
  })
  it('comes with the grade, for the files that were played', () => {
    const answer = variantsIn(startup.files, 'repairs')[0]!.answer
    const { evidence } = fixManifest.grade({ spec: startup.spec as never, files: startup.files, language: 'en' }, answer)
    const { before, after } = (evidence as RepairEvidence).runs[0] as { before: Shown; after: Shown }
    for (const [own, { timeline }] of [[files, before], [answer, after]] as const) {
      const known = timeline.filter(({ cause }) => cause)
      expect(known.length).toBeGreaterThan(2)
      for (const { cause } of known) expect(own[cause!.file]!.split('\n')[cause!.line - 1]!.trim()).toBe(cause!.text)
    }
    expect(before.timeline.find(({ text: words }) => /failed liveness probe|Liveness probe failed/.test(words))!.cause!.text).toBe('livenessProbe:')
  })
  it('stays unknown where nothing of the files is known to be behind it', () => {
    expect(event('Normal Started Container started')).toBeUndefined()
    expect(causeOf({ at: 0, kind: 'event', ref: { ...ref, name: 'other-0' }, text: 'Normal Pulling Pulling image "x"' })).toBeUndefined()
    expect(causeOf({ at: 0, kind: 'step', text: 'apply' })).toBeUndefined()
  })
})
