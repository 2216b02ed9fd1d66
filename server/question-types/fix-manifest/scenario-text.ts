/** scenario.yaml as the simulator takes it, parsed once per text. */
import { parse } from 'yaml'
import { scenarioSchema } from '../../cluster/index.ts'
import type { Scenario } from '../../cluster/index.ts'

const kept = new Map<string, Scenario>()
const most = 200

/** Throws when the text is no scenario: that is the question's fault, never the answer's. */
export function readScenario(text: string): Scenario {
  let scenario = kept.get(text)
  if (!scenario) {
    scenario = scenarioSchema.parse(parse(text, { maxAliasCount: 100, logLevel: 'silent' }))
    if (kept.size >= most) kept.clear()
    kept.set(text, scenario)
  }
  return scenario
}
