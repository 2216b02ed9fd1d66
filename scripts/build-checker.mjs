// Bundles the checker for other programs into build/checker: one module without dependencies and without anything of Node.
// It is what `import { check } from 'readyz/checker'` gives; its types are in server/checker/door.d.ts. Run by scripts/prepare.mjs.
import { renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

const door = "export { check, findRule, isClean, rules, serverMessage, storedText } from './server/checker/index.ts'"

export async function buildChecker({ out = join(root, 'build/checker') } = {}) {
  const fresh = `${out}.new`
  rmSync(fresh, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    stdin: { contents: door, resolveDir: root, sourcefile: 'door.ts', loader: 'ts' },
    outfile: join(fresh, 'index.js'),
    bundle: true,
    format: 'esm',
    // Nothing of any platform: an import of Node fails the build.
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: ['es2022'],
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    legalComments: 'none',
  })
  rmSync(out, { recursive: true, force: true })
  renameSync(fresh, out)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildChecker()
