/** Every page with sample data from the real bank, for the gallery and for the test that renders them all. */
import type { AttemptLine, AttemptView, CheckResult, Explained, QuestionView, ResultView } from '../../attempts/index.ts'
import type { Bank } from '../../bank/index.ts'
import { check, pageReport, rules } from '../../checker/index.ts'
import { renderInline, renderMarkdown } from '../../markdown.ts'
import { questionTypes } from '../../question-types/index.ts'
import type { ConsoleReply, Grade, Language, QuestionType } from '../../question-types/index.ts'
import { shuffled, stream } from '../../seed.ts'
import { aboutPage, helpPage } from './about-pages.ts'
import { examPage, homePage, practicePage, practiceQuestionPage, sectionPage } from './catalogue.ts'
import { checkPage, exampleOf } from './check-page.ts'
import { sampleRepair } from './gallery-samples.ts'
import { finishPage, questionPage } from './question-page.ts'
import { resultPage } from './result-page.ts'
import { momentPage } from './timeline-view.ts'
import { rulePage, rulesPage } from './rule-pages.ts'
import type { PageModel } from '../views.ts'

export type GalleryEntry = { name: string; page: string; model: PageModel }

type Sample = {
  type: string
  typeLabel: string
  about: string
  title: string
  promptHtml: string
  points: number
  minutes: number
  unanswered: Record<string, unknown>
  answered: Record<string, unknown>
  grade: Grade
  explained: Explained
  hints: string[]
}

const start = new Date('2026-01-05T10:00:00Z')

/** A half-right answer of a type where its samples have one. */
function typicalAnswer(type: QuestionType, spec: unknown, files: Bank['questions'][number]['files']): unknown {
  const samples = [...type.samples(spec, files)].filter((sample) => type.answer.safeParse(sample.answer).success && !/hostile/.test(sample.name))
  const half = samples.find(({ score }) => score > 0 && score < 1) ?? samples.find(({ score, missed }) => score === 0 || missed !== undefined) ?? samples[0]
  return half === undefined ? undefined : type.answer.parse(half.answer)
}

function sampleOf(bank: Bank, type: QuestionType, language: Language): Sample[] {
  const question = bank.questions.find((one) => one.type === type.name)
  if (!question) return []
  const body = { spec: question.spec as never, files: question.files, language }
  const answer = typicalAnswer(type, question.spec, question.files)
  const grade = type.grade(body, answer)
  const shuffle = <T>(items: readonly T[]) => shuffled(items, stream('gallery', question.id))
  const corrections = bank.sections.flatMap(({ corrects }) => corrects).filter(({ id }) => question.corrects.includes(id))
  return [{
    type: type.name,
    typeLabel: type.label[language],
    about: type.about[language],
    title: question.title[language],
    promptHtml: renderMarkdown(question.prompt[language]),
    points: question.points,
    minutes: question.minutes,
    unanswered: type.view(body, undefined, shuffle),
    answered: type.view(body, answer, shuffle),
    grade,
    explained: { review: type.review(body, answer, grade), explanationHtml: renderMarkdown(question.explanation[language]), sources: question.sources, corrects: corrections.map(({ id, says }) => ({ id, says: says[language] })) },
    hints: question.hints.map((hint) => renderMarkdown(hint[language])),
  }]
}

function repairSample(language: Language): Sample {
  const { title, prompt, view, grade, review } = sampleRepair
  const label = { en: 'Repair a manifest', 'zh-CN': '修复清单' }[language]
  const explanationHtml = renderMarkdown({ en: 'A probe dials the pod on the port it names. Nothing listens on 8081.', 'zh-CN': '探针按所写端口访问 Pod，而 8081 上没有监听。' }[language])
  return { type: sampleRepair.type, typeLabel: label, about: '', title: title[language], promptHtml: renderMarkdown(prompt[language]), points: 16, minutes: 8, unanswered: view, answered: view, grade, explained: { review, explanationHtml, sources: [{ title: 'Probes', url: 'https://kubernetes.io/docs/concepts/workloads/pods/probes/' }], corrects: [] }, hints: [explanationHtml, explanationHtml] }
}

function attemptOf(samples: readonly Sample[], language: Language, feedback: 'after-end' | 'practice', answered: boolean, lastCheck: (sample: Sample) => QuestionView['lastCheck']): AttemptView {
  return {
    id: 'gallery', kind: samples.length > 1 ? 'exam' : 'practice', examId: null, title: { en: 'Screening interview', 'zh-CN': '初筛面试' }[language], feedback, state: 'running',
    startedAt: start, deadlineAt: samples.length > 1 ? new Date(start.getTime() + 2_700_000) : null, secondsLeft: samples.length > 1 ? 1_733 : null, graceSeconds: 15, language,
    slots: samples.map((sample, index) => ({ slot: index + 1, type: sample.type, title: sample.title, points: sample.points, minutes: sample.minutes, answered: answered && index % 3 !== 2, flagged: index % 4 === 1, savedAt: start, late: null })),
    question: (slot) => {
      const sample = samples[slot - 1]!
      const check = lastCheck(sample)
      return {
        slot, questionId: sample.type, type: sample.type, typeLabel: sample.typeLabel, about: sample.about, titleHtml: renderInline(sample.title), promptHtml: sample.promptHtml, points: sample.points, minutes: sample.minutes,
        view: answered ? sample.answered : sample.unanswered, answer: undefined, revision: answered ? 3 : 0, savedAt: answered ? new Date('2026-01-05T10:16:07Z') : null, flagged: slot % 4 === 2,
        hintsShown: feedback === 'practice' ? sample.hints.slice(0, 1) : [], hintsTotal: feedback === 'practice' ? 2 : 0, ...(check ? { lastCheck: check } : {}),
      }
    },
  }
}

function resultOf(samples: readonly Sample[], language: Language): ResultView {
  const title = { en: 'Screening interview', 'zh-CN': '初筛面试' }[language]
  const questions = samples.map((sample, index): ResultView['questions'][number] => {
    const status = index === 1 ? 'pending' : 'graded'
    return {
      ...sample.explained, slot: index + 1, questionId: sample.type, type: sample.type, typeLabel: sample.typeLabel, title: sample.title, titleHtml: renderInline(sample.title), promptHtml: sample.promptHtml, points: sample.points,
      earned: status === 'graded' ? sample.grade.score * sample.points : null, status, late: index === 2 ? 'grace' : null, parts: sample.grade.parts, evidence: sample.grade.evidence, sectionId: 's31-service', sectionTitle: 'Services', hints: sample.hints,
    }
  })
  return { id: 'gallery', kind: 'exam', examId: 'screening-interview', title, score: 31.5, possible: 49, percent: 64, passMark: 60, passed: true, startedAt: start, finishedAt: new Date('2026-01-05T10:45:00Z'), finishedBy: 'deadline', pending: 1, questions, byChapter: [{ chapterId: 'pods', title: { en: 'The life of a pod', 'zh-CN': 'Pod 的一生' }[language], earned: 17, possible: 20 }, { chapterId: 'networking', title: { en: 'Between pods and players', 'zh-CN': 'Pod 与玩家之间' }[language], earned: 14.5, possible: 29 }] }
}

const linesOf = (): AttemptLine[] => [
  { id: 'a', kind: 'exam', examId: 'screening-interview', questionId: null, title: { en: 'Screening interview', 'zh-CN': '初筛面试' }, state: 'running', startedAt: start, deadlineAt: new Date(start.getTime() + 2_700_000), finishedAt: null, slots: 18, answered: 4, score: null, possible: null, percent: null, passed: null, pending: 0 },
  { id: 'b', kind: 'exam', examId: 'self-study', questionId: null, title: { en: 'Self-study quiz', 'zh-CN': '自学小测' }, state: 'finished', startedAt: start, deadlineAt: null, finishedAt: start, slots: 15, answered: 15, score: 60, possible: 90, percent: 66, passed: null, pending: 0 },
]

/** All entries in one language. `bank` is what readBank gives. */
export function galleryEntries(bank: Bank, language: Language): GalleryEntry[] {
  const catalogue = { chapters: () => bank.chapters, sections: () => bank.sections, exams: () => bank.exams.map(({ blueprint }) => blueprint), questions: () => bank.questions as never }
  const samples = [...questionTypes.filter(({ name }) => name !== sampleRepair.type).flatMap((type) => sampleOf(bank, type, language)), repairSample(language)]
  const graded = (sample: Sample): QuestionView['lastCheck'] => ({ status: 'graded', revision: 3, savedAt: start, isCurrent: true, grade: sample.grade, explained: sample.explained })
  const exam = attemptOf(samples, language, 'after-end', false, () => undefined)
  const answered = attemptOf(samples, language, 'after-end', true, () => undefined)
  const refused: CheckResult = { status: 'precheck', revision: 3, ok: false, problems: [{ file: 'deployment.yaml', line: 12, column: 7, message: 'The indentation is wrong: this line does not stand in one column with what it belongs to.' }] }
  const entries: (GalleryEntry | undefined)[] = [
    { name: 'home', page: 'home/index', model: homePage(catalogue, [], start, language) },
    { name: 'home-returning', page: 'home/index', model: homePage(catalogue, linesOf(), start, language) },
    entry('section', 'sections/section', sectionPage(catalogue, bank.sections.find(({ id }) => bank.questions.some(({ section }) => section === id))?.id ?? '', language)),
    { name: 'practice', page: 'practice/index', model: practicePage(catalogue, { chapter: '', type: '', difficulty: '', q: '' }, language) },
    { name: 'practice-none', page: 'practice/index', model: practicePage(catalogue, { chapter: '', type: '', difficulty: '5', q: 'zebra' }, language) },
    entry('practice-question', 'practice/question', practiceQuestionPage(catalogue, bank.questions[0]?.id ?? '', language)),
    entry('practice-question-no-name', 'practice/question', practiceQuestionPage(catalogue, bank.questions[0]?.id ?? '', language, { problem: language === 'en' ? 'Write a name of 1 to 80 characters.' : '请填写 1 到 80 个字符的名字。', name: ' ' })),
    entry('exam', 'exams/exam', examPage(catalogue, bank.exams[0]?.blueprint.id ?? '', [], language)),
    ...samples.flatMap((sample, index): GalleryEntry[] => [
      { name: `exam-${sample.type}`, page: 'attempts/question', model: questionPage(exam, index + 1, language) },
      { name: `exam-${sample.type}-answered`, page: 'attempts/question', model: questionPage(answered, index + 1, language) },
      { name: `practice-${sample.type}`, page: 'attempts/question', model: questionPage(attemptOf([sample], language, 'practice', true, graded), 1, language) },
    ]),
    { name: 'exam-precheck', page: 'attempts/question', model: questionPage(answered, samples.length, language, { check: refused }) },
    ...(['pending', 'ungradable', 'unanswered'] as const).map((status): GalleryEntry => ({ name: `practice-${status}`, page: 'attempts/question', model: questionPage(attemptOf([samples[0]!], language, 'practice', true, () => ({ status, revision: 3, savedAt: start, isCurrent: true })), 1, language) })),
    { name: 'finish', page: 'attempts/finish', model: finishPage(answered, language) },
    { name: 'timeline', page: 'attempts/timeline', model: momentPage(answered, samples.length, language, { run: 'main', seconds: '30', command: '', at: 30_000, looked: { before: printedSample('0/1     Running'), after: printedSample('1/1     Running') } }) },
    { name: 'result', page: 'attempts/result', model: resultPage(resultOf(samples, language), language) },
    { name: 'about', page: 'about/about', model: aboutPage(catalogue, language) },
    { name: 'help', page: 'about/help', model: helpPage(language) },
    { name: 'check', page: 'check/index', model: checkPage({ text: '', version: '1.36', closed: false }, language) },
    { name: 'checked', page: 'check/index', model: checkedPage(language) },
    { name: 'check-too-large', page: 'check/index', model: checkPage({ text: 'kind: Pod', version: '1.34', closed: true }, language, { failure: 'too-large' }) },
    { name: 'rules', page: 'rules/index', model: rulesPage('', language) },
    { name: 'rules-none', page: 'rules/index', model: rulesPage('no such words', language) },
    { name: 'rule', page: 'rules/rule', model: rulePage(rules[0]!.id, language)! },
    ...['invalid', 'signed-out', 'forbidden', 'not-found', 'conflict', 'closed', 'too-large', 'too-many', 'busy', 'internal'].map((code): GalleryEntry => ({ name: `error-${code}`, page: 'error', model: { title: code, code, status: 404, errorId: code === 'internal' ? 'c0ffee-1' : '', sent: code === 'conflict' ? [{ name: 'answer', value: 'kubectl get pods' }] : [] } })),
  ]
  return entries.filter((one) => one !== undefined)
}

function printedSample(state: string): ConsoleReply {
  const text = `NAME                     READY   STATUS    RESTARTS   AGE\nbattle-6f8c5d7b9-2xk4v   ${state}   0          30s`
  return { now: 30_000, namespace: 'game', applied: [], news: [], printed: [{ at: 30_000, line: 'kubectl get pods', text, exitCode: 0, until: 30_000, keeps: false }] }
}

function entry(name: string, page: string, model: PageModel | undefined): GalleryEntry | undefined {
  return model ? { name, page, model } : undefined
}

function checkedPage(language: Language): PageModel {
  const wish = { version: '1.36' as const, ...exampleOf('1')! }
  return checkPage(wish, language, { report: pageReport(check([{ file: 'manifest.yaml', text: wish.text }]), { language, defaultedMax: 20 }) })
}
