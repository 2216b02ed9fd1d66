#!/usr/bin/env node
/** `npx readyz`: prepares the checkout when needed, then runs the command line: bundled verbs at once, the others through a TypeScript loader. */
import { realpathSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { endWithReader } from './closed-pipe.mjs'

endWithReader(process.stdout)
process.argv[1] = realpathSync(process.argv[1])
const { prepareOrExplain } = await import(pathToFileURL(fileURLToPath(new URL('./prepare.mjs', import.meta.url))).href)
if (await prepareOrExplain()) {
  const [verb, ...argv] = process.argv.slice(2)
  const bundled = { check: 'checkCommand', simulate: 'simulateCommand', kubectl: 'kubectlCommand' }
  if (verb !== undefined && Object.hasOwn(bundled, verb)) process.exitCode = await (await import(`../build/cli/${verb}.mjs`))[bundled[verb]](argv)
  else {
    const { register } = await import('tsx/esm/api')
    register()
    await import('./readyz.ts')
  }
} else {
  process.exitCode = 2
}
