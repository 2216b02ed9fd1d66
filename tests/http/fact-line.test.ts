/** The list beside the picture of a run, in the reader's language: everything but what kubectl itself prints. */
import { expect, it } from 'vitest'
import { readBank } from '../../server/bank/index.ts'
import { factLine } from '../../server/http/pages/fact-line.ts'
import type { Fact } from '../../server/http/pod-lanes.ts'
import { filesIn } from '../../server/question-types/fix-manifest/files.ts'
import { play } from '../../server/question-types/fix-manifest/play.ts'
import { readScenario } from '../../server/question-types/fix-manifest/scenario-text.ts'

const repairs = readBank('questions').questions.filter(({ type }) => type === 'fix-manifest')
const chinese = /[\u4e00-\u9fff]/

/** Every fact of every exercise as it is given, one of each kind and wording. */
function allFacts(): Fact[] {
  const found = new Map<string, Fact>()
  for (const { files } of repairs) {
    for (const { facts } of play(readScenario(files['scenario.yaml']!), files, filesIn(files, 'broken')).runs) for (const fact of facts) found.set(`${fact.kind} ${fact.text.replaceAll(/[\d.]+/g, '0')}`, fact)
  }
  return [...found.values()]
}

it('says in Chinese whatever is not kubectl\'s word, and in English none of it', { timeout: 120_000 }, () => {
  const facts = allFacts()
  expect(new Set(facts.map(({ kind }) => kind)).size).toBeGreaterThan(14)
  for (const fact of facts) {
    const [en, zh] = [factLine(fact, 'en'), factLine(fact, 'zh-CN')]
    expect(en.what).not.toMatch(chinese)
    expect(zh.instant).toMatch(/秒|分钟/)
    if (fact.kind === 'event') expect([zh.reason, zh.what]).toEqual([en.reason, en.what])
    // A state is what kubectl shows of it.
    else if (!['container-state', 'node-ready'].includes(fact.kind) || fact.text === 'running') expect([fact.kind, fact.text, zh.what]).toEqual([fact.kind, fact.text, expect.stringMatching(chinese)])
    else expect(zh.what).toBe(fact.text)
  }
})

it('parts the reason of an event from its message, and keeps an unknown word of an old grade', () => {
  expect(factLine({ at: 1500, kind: 'event', text: 'Warning BackOff Back-off restarting failed container app', ref: { kind: 'Pod', namespace: 'game', name: 'web' } }, 'zh-CN')).toEqual({ instant: '1.5 秒', who: 'pod/web', reason: 'BackOff', what: 'Back-off restarting failed container app', tone: 'bad' })
  expect(factLine({ at: 0, kind: 'step', text: 'juggle' }, 'zh-CN').what).toBe('juggle')
})
