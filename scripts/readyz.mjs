#!/usr/bin/env node
/** `npx readyz`: prepares the checkout when needed, then runs the command line, which is TypeScript. */
import { realpathSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

process.argv[1] = realpathSync(process.argv[1])
const { prepareOrExplain } = await import(pathToFileURL(fileURLToPath(new URL('./prepare.mjs', import.meta.url))).href)
if (await prepareOrExplain()) {
  const { register } = await import('tsx/esm/api')
  register()
  await import('./readyz.ts')
} else {
  process.exitCode = 2
}
