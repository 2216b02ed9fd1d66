/** Writes docs/reference/cluster.md from what the parts of the simulated cluster say of themselves. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { constants, describeParts, deviations } from '../../server/cluster/about.ts'
import type { Part } from '../../server/cluster/about.ts'
import { unmodelledFields } from '../../server/cluster/unmodelled.ts'

const reference = fileURLToPath(new URL('../../docs/reference/', import.meta.url))

/** "Does this. Not modelled: that." as two paragraphs. */
function twoParts(about: string): string[] {
  const at = about.indexOf(' Not modelled: ')
  return at < 0 ? [about] : [about.slice(0, at), '', `*Not modelled:* ${about.slice(at + ' Not modelled: '.length)}`]
}

function described({ name, about, source }: Part): string[] {
  return [`### ${name}`, '', ...twoParts(about), '', `*Source:* ${source}`, '']
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The text of the page. */
export function clusterPageText(): string {
  const { parts, controllers } = describeParts()
  const lines = [
    '# The simulated cluster', '',
    'Written by `npm run generate cluster` from `server/cluster/`. It says what the simulator models, how exactly, and what it does not. Kubernetes 1.36 is the model; where 1.34 and 1.35 differ in what a person sees, the scenario chooses by `kubernetes:`.', '',
    'A verdict never rests on something that is not modelled: a manifest that uses a field of the last table gets a note, and goals about an object with a decisive one stay undecided.', '',
    '## Parts', '',
    ...parts.flatMap(described),
    '## Controllers', '',
    ...controllers.flatMap(described),
    '## Time', '',
    'The clock counts whole milliseconds. What happens at one instant happens in a fixed order, and what Kubernetes spreads at random has one value:', '',
    '| What | Here | In a cluster | Source |', '|---|---|---|---|',
    ...constants.map(({ what, value, real, source }) => `| ${cell(what)} | ${cell(value)} | ${cell(real)} | ${cell(source)} |`), '',
    '## Known differences', '',
    ...deviations.map((text) => `- ${text}`), '',
    '## Fields that are accepted and not acted on', '',
    '| Where | Field | What it would do | Harmless values | Decisive |', '|---|---|---|---|---|',
    ...unmodelledFields().map(({ where, path, effect, decisive, harmless }) => `| ${where} | ${path === '' ? 'all of it' : `\`${path}\``} | ${cell(effect)} | ${cell(harmless)} | ${decisive ? 'yes' : 'no'} |`), '',
  ]
  return lines.join('\n')
}

export function generateCluster(): void {
  mkdirSync(reference, { recursive: true })
  writeFileSync(`${reference}cluster.md`, clusterPageText())
}
