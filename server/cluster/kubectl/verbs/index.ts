/** Every verb the console understands, in kubectl's own order. */
import { describeVerb } from './describe.ts'
import { eventsVerb } from './events.ts'
import { getVerb } from './get.ts'
import { logsVerb } from './logs.ts'
import type { Verb } from './verb.ts'

export const verbs: readonly Verb[] = [getVerb, describeVerb, logsVerb, eventsVerb]
