// Bundles what runs without a TypeScript loader, so that it starts at once: the verbs of the command line that need neither database nor site
// into build/cli, the grading thread into build/threads. Run by scripts/prepare.mjs.
import { renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { customJudgeLater } from './client-plugins.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Verb → its module; readyz.mjs starts these from build/cli. `check-thread` is a thread of `check`. */
export const bundledVerbs = ['check', 'simulate', 'kubectl']

/** Bundles modules of this project for Node into the folder `out`, anew, each under its own name as .mjs. */
export async function buildForNode({ entryPoints, out, plugins = [] }) {
  const fresh = `${out}.new`
  rmSync(fresh, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: fresh,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    format: 'esm',
    platform: 'node',
    target: ['node20'],
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    logLevel: 'warning',
    legalComments: 'none',
    plugins,
    // Packages in the older module format ask for Node's own modules through `require`.
    banner: { js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);" },
  })
  rmSync(out, { recursive: true, force: true })
  renameSync(fresh, out)
}

/** Bundles the verbs of the command line into the folder `out`. */
export function buildCli({ out = join(root, 'build/cli') } = {}) {
  return buildForNode({ entryPoints: [...bundledVerbs, 'check-thread'].map((name) => `scripts/commands/${name}.ts`), out, plugins: [customJudgeLater()] })
}

function buildThread() {
  return buildForNode({ entryPoints: ['server/grading/worker.ts'], out: join(root, 'build/threads') })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await (process.argv[2] === 'thread' ? buildThread() : buildCli())
