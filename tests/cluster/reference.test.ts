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

it('says of every part and controller where Kubernetes does it', () => {
  const { controllers, parts } = describeParts()
  for (const { name, source } of [...controllers, ...parts]) expect(source, name).toMatch(/\w{3,}/)
  for (const { name, source } of controllers) expect(source, name).toMatch(/^(pkg|k8s\.io)\/\S+\.go:[A-Za-z]+/)
  const page = clusterPageText()
  expect(page.slice(page.indexOf('## Parts'), page.indexOf('## Time')).match(/^\*Source:\* \S/gm)).toHaveLength(controllers.length + parts.length)
})
