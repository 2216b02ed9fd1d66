/** The form of what `readyz simulate --output json` prints, for programs that read it: docs/reference/simulate.schema.json is made from this. */
import * as z from 'zod'
import { constraints } from './constraints/index.ts'
import { printedKinds } from './record.ts'

const at = z.number().int().describe('Milliseconds after the apply instant; negative ones lie before it')
const words = z.strictObject({ en: z.string(), 'zh-CN': z.string() })
const fields = z.record(z.string(), z.unknown())
const ref = z.strictObject({ kind: z.string(), namespace: z.string().describe('Empty for objects of the whole cluster'), name: z.string() })
const object = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) })

const entry = z.strictObject({ at, kind: z.string().describe('What sort of fact: pod-phase, container-state, ready, event, endpoint, request-lost, step …'), ref: ref.optional(), container: z.string().optional(), text: z.string(), data: fields.optional() })

const goal = z.strictObject({
  id: z.string(), run: z.string(), points: z.number().int(), verdict: z.enum(['met', 'missed', 'undecided']), at: at.describe('When it was decided'),
  says: words.describe('The goal as a sentence'), because: words.describe('What was seen'), evidence: z.array(entry),
})
const applied = z.strictObject({ file: z.string(), ref, result: z.enum(['created', 'configured', 'unchanged', 'rejected']), message: z.string().describe('What kubectl prints of a refusal; empty otherwise'), warnings: z.array(z.string()), causes: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional() })
const note = z.strictObject({ text: z.string(), ref: ref.optional(), path: z.string().optional(), decisive: z.boolean().describe('Goals that rest on the object stay undecided') })
const event = z.strictObject({ at, kind: z.string(), namespace: z.string(), name: z.string(), type: z.enum(['Normal', 'Warning']), reason: z.string(), message: z.string(), component: z.string(), fieldPath: z.string().optional() })
const row = z.strictObject({ at: at.describe('From when on the row read so'), kind: z.enum(printedKinds.map(({ kind }) => kind)).describe('Every kind that the simulator stores; events are apart'), namespace: z.string(), name: z.string(), columns: z.record(z.string(), z.string()).describe('By column title, as `kubectl get -o wide` prints them; ages are left out, they follow from the object, and NAME is there only where it says more than the name, as `standard (default)`') })
const reach = z.strictObject({ at, text: z.string(), data: z.looseObject({ ok: z.boolean(), from: z.string(), to: z.string(), expect: z.enum(['yes', 'no']), tries: z.number().int(), answered: z.number().int(), status: z.number().int().optional(), stage: z.string().optional(), symptom: z.string().optional(), error: z.string().optional(), latencyMs: z.number().optional() }) })
const traffic = z.strictObject({ name: z.string(), sent: z.number().int(), lost: z.array(z.strictObject({ at, error: z.string() })), answered: z.record(z.string(), z.number().int()).describe('Answered requests by workload, `Deployment/game/login`') })

const run = z.strictObject({
  run: z.string(), kubernetes: z.string(), appliedAt: z.string().describe('The apply instant on the simulated calendar, RFC 3339'),
  completed: z.boolean().describe('False when a limit cut the run short'), limit: z.string().optional().describe('Which one'), endedAt: at,
  applied: z.array(applied), goals: z.array(goal), notes: z.array(note).describe('What is not modelled and was used'),
  objects: z.array(object).describe('Every object at the end, by kind, namespace and name; events are apart'),
  events: z.array(event).describe('Every event at the moment it was recorded; repeats are further entries'),
  columns: z.array(row), reach: z.array(reach), traffic: z.array(traffic), timeline: z.array(entry),
})
const breach = z.strictObject({ id: z.enum(constraints.map(({ id }) => id)), broken: z.boolean(), because: words, ref: ref.optional(), path: z.string().optional(), file: z.string().optional() })

/** One document per call. */
export const simulationSchema = z.strictObject({ runs: z.array(run), constraints: z.array(breach).describe('Standing constraints; empty where nothing was given to repair') }).describe('What readyz simulate --output json prints')
