/** `readyz/checker` as another program meets it: plain Node, no loader, no dependencies. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChecker } from '../../scripts/build-checker.mjs'
import { check, findRule, isClean, rules, serverMessage, storedText } from '../../server/checker/index.ts'
import type * as door from '../../server/checker/door.d.ts'
import { temporaryFolder } from '../support/database.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
beforeAll(() => buildChecker({ out: join(folder.path, 'built') }))
afterAll(() => folder.remove())

/** The compiler holds the promised types to those of the code. */
const promised: typeof door = { check, findRule, isClean, rules, serverMessage, storedText }

const program = `
import { check, isClean, rules, serverMessage, findRule, storedText } from 'readyz/checker'
const text = 'apiVersion: v1\\nkind: Service\\nmetadata: { name: Login }\\nspec: { ports: [{ port: 80 }] }\\n'
const report = check([{ file: 'a.yaml', text }], { version: '1.36' })
console.log(JSON.stringify({ report, clean: isClean(report), message: serverMessage(report.documents[0]), rules: rules.length, rule: findRule('service-selects-a-pod')?.severity, stored: storedText(report.documents[0]) }))
`

it('works for a program that installs the package, without a loader', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { default: string }> }
  expect(exports['./checker']!.default).toBe('./build/checker/index.js')
  const consumer = join(folder.path, 'consumer')
  const installed = join(consumer, 'node_modules/readyz')
  mkdirSync(join(installed, 'build'), { recursive: true })
  symlinkSync(join(folder.path, 'built'), join(installed, 'build/checker'))
  writeFileSync(join(installed, 'package.json'), readFileSync(join(root, 'package.json')))
  writeFileSync(join(consumer, 'main.mjs'), program)
  const said = JSON.parse(execFileSync(process.execPath, ['main.mjs'], { cwd: consumer, encoding: 'utf8', env: {} })) as Record<string, any>
  expect(said).toMatchObject({ clean: false, rules: rules.length, rule: 'error' })
  expect(said.report).toEqual(JSON.parse(JSON.stringify(check([{ file: 'a.yaml', text: 'apiVersion: v1\nkind: Service\nmetadata: { name: Login }\nspec: { ports: [{ port: 80 }] }\n' }]))))
  expect(said.message).toContain('metadata.name: Invalid value: "Login"')
  expect(said.stored).toContain('sessionAffinity: None')
  expect(Object.keys(promised).sort()).toEqual(['check', 'findRule', 'isClean', 'rules', 'serverMessage', 'storedText'])
})

it('brings nothing of Node and asks for no other package', () => {
  const built = readFileSync(join(folder.path, 'built/index.js'), 'utf8')
  expect(built.match(/(?:^|[;}\n])import\b.{0,40}|\}\s*from\s*["'].{0,40}|\bimport\s*\(|\brequire\(|\bprocess\.(?:env|cwd|argv)\b/g)).toBeNull()
})
