/** Every verb the console understands, in kubectl's own order. */
import { absentVerbs } from './absent.ts'
import { applyVerb, deleteVerb, diffVerb, replaceVerb } from './apply.ts'
import { authVerb } from './auth.ts'
import { apiResourcesVerb, apiVersionsVerb, clusterInfoVerb, configVerb, explainVerb, topVerb, versionVerb } from './cluster.ts'
import { createVerb } from './create.ts'
import { describeVerb } from './describe.ts'
import { eventsVerb } from './events.ts'
import { execVerb, runVerb } from './exec.ts'
import { autoscaleVerb, exposeVerb } from './expose.ts'
import { getVerb } from './get.ts'
import { logsVerb } from './logs.ts'
import { nodeVerbs } from './nodes.ts'
import { annotateVerb, labelVerb, patchVerb } from './patch.ts'
import { rolloutVerb, scaleVerb } from './rollout.ts'
import { setVerb } from './set.ts'
import type { Verb } from './verb.ts'
import { waitVerb } from './wait.ts'

export const verbs: readonly Verb[] = [
  createVerb, exposeVerb, runVerb, setVerb, explainVerb, getVerb, deleteVerb, rolloutVerb, scaleVerb, autoscaleVerb, clusterInfoVerb, topVerb, ...nodeVerbs,
  describeVerb, logsVerb, execVerb, authVerb, eventsVerb, diffVerb, applyVerb, patchVerb, replaceVerb, waitVerb, labelVerb, annotateVerb, apiResourcesVerb, apiVersionsVerb, configVerb, versionVerb, ...absentVerbs,
]
