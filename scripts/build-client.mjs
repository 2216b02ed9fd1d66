// Builds what the browser gets: bundles views/client/*.ts and views/styles/site.css, copies views/static, all under names that carry
// their content hash, into build/client with a manifest.json (name in the source → name on disk). Run by scripts/prepare.mjs.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { checkerInParts, customJudgeLater, templates } from './client-plugins.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Entries of the browser: one file per kind of page; everything else in views/client is imported by them. */
const entries = ['views/client/site.ts', 'views/client/attempt.ts', 'views/client/editor.ts', 'views/client/check-page.ts', 'views/client/checker-worker.ts', 'views/styles/site.css']

/**
 * Writes `out` (default build/client of this project) anew and returns the manifest.
 * The old folder stays in place until the new one is complete, so a running server never serves half of it.
 */
export async function buildClient({ out = join(root, 'build/client'), minify = true } = {}) {
  const fresh = `${out}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  const result = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['es2022'],
    minify,
    metafile: true,
    legalComments: 'none',
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    logLevel: 'warning',
    plugins: [checkerInParts(root), customJudgeLater(), templates()],
  })
  const manifest = {}
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    // Modules that are imported on demand count as entry points, too, but nobody asks for them by name.
    if (entries.includes(output.entryPoint)) manifest[basename(output.entryPoint).replace(/\.ts$/, '.js')] = basename(path)
  }
  const still = join(root, 'views/static')
  for (const name of readdirSync(still).sort()) {
    const hash = createHash('sha256').update(readFileSync(join(still, name))).digest('hex').slice(0, 8)
    manifest[name] = `${basename(name, extname(name))}-${hash}${extname(name)}`
    copyFileSync(join(still, name), join(fresh, manifest[name]))
  }
  writeFileSync(join(fresh, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  rmSync(out, { recursive: true, force: true })
  renameSync(fresh, out)
  return manifest
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const manifest = await buildClient()
  console.log(`Browser files: ${Object.keys(manifest).length} in build/client`)
}
