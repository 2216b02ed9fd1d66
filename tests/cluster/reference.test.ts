/** The reference page says what the code says. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { clusterPageText } from '../../scripts/generate/cluster.ts'
import { describeParts } from '../../server/cluster/about.ts'
import { createControllers } from '../../server/cluster/controllers/index.ts'

it('is the committed one', () => expect(readFileSync(new URL('../../docs/reference/cluster.md', import.meta.url), 'utf8')).toBe(clusterPageText()))

it('tells of every controller in whole sentences', () => {
  const { controllers, parts } = describeParts()
  expect(controllers.map(({ name }) => name)).toEqual(createControllers().map(({ name }) => name))
  for (const { name, about } of [...controllers, ...parts]) expect(about, name).toMatch(/^[A-Z`a-z].{40,}\.$/s)
})
