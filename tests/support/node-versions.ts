/** Other versions of Node for tests that must not depend on one: packages of the npm registry, fetched on demand and kept under node_modules/.cache. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../node_modules/.cache/node-versions/', import.meta.url))

type Pin = { version: string; /** SHA-512 of the package's tarball, base64. */ sha512: string }

/** Pinned to what the registry offers for each platform; one that is not listed has no package (macOS on ARM) or another layout (Windows). */
const pins: Readonly<Record<string, Readonly<Record<number, Pin>>>> = {
  'linux-x64': {
    20: { version: '20.20.2', sha512: 'PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==' },
    22: { version: '22.22.3', sha512: 'L57AfRf8K3F0na3lGYXYrBGO/pafgDrswNE8hjuMCyqYcxXrm0UepJBaCLP8PyjfnDoJGyIIf1oU0UTASOEpZg==' },
    24: { version: '24.18.1', sha512: 'lrkq/M/O8giNdc8fSxYK0kuRZPVVFOMM+HRbUNoqZNs2+tdNI9Qjc0n/tWOd2wBsU0e8z/qQBpGrUBIse4vPgA==' },
  },
  'linux-arm64': {
    20: { version: '20.20.2', sha512: 'LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==' },
    22: { version: '22.23.3', sha512: 'l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==' },
    24: { version: '24.22.0', sha512: 'xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==' },
  },
  'darwin-x64': {
    20: { version: '20.20.2', sha512: 'uMVQFOdSjr/iYrfksIp5p4795m7FTAWVGaoMQGsYaSW9XMsUsqfd+yJU8KdOLd7UUuBlUX2sTdHVV5LNmmS7mw==' },
    22: { version: '22.22.3', sha512: '1pHrDvnvtYfJDhOw6ZVWaMa6VSp8QGg81sQP+Z3Nb0syHx7iqYu7oItByl25I9uBWqNrwcop2MJIegYOMuVBvw==' },
    24: { version: '24.18.1', sha512: 'tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==' },
  },
}

export type FoundNode = { path: string; version: string } | { missing: string }

/** A Node of a major version: the one that runs this, one that was fetched before, or one fetched now. `missing` says why there is none. */
export function nodeOf(major: number): FoundNode {
  if (Number(process.versions.node.split('.')[0]) === major) return { path: process.execPath, version: process.versions.node }
  const platform = `${process.platform}-${process.arch}`
  const pin = pins[platform]?.[major]
  if (!pin) return { missing: `the npm registry offers no Node ${major} for ${platform} that this could run` }
  const kept = join(cache, `${platform}-${pin.version}`)
  const path = join(kept, 'package/bin/node')
  if (!existsSync(path)) {
    const problem = fetchInto(kept, `node-${platform}`, pin)
    if (problem !== undefined) return { missing: problem }
  }
  return { path, version: pin.version }
}

/** Unpacks bin/node of the package; says what went wrong. */
function fetchInto(kept: string, name: string, { version, sha512 }: Pin): string | undefined {
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'fetching-'))
  try {
    const npm = process.env.npm_execpath
    const words = ['pack', `${name}@${version}`, '--silent', '--pack-destination', fresh]
    const packed = npm && /\.c?js$/.test(npm) ? spawnSync(process.execPath, [npm, ...words], { cwd: fresh, encoding: 'utf8' }) : spawnSync('npm', words, { cwd: fresh, encoding: 'utf8' })
    if (packed.status !== 0) return `${name}@${version} could not be fetched from the npm registry`
    const tarball = join(fresh, `${name}-${version}.tgz`)
    if (createHash('sha512').update(readFileSync(tarball)).digest('base64') !== sha512) throw new Error(`${name}@${version} is not the package that was pinned`)
    if (spawnSync('tar', ['-xzf', tarball, 'package/bin/node'], { cwd: fresh }).status !== 0) return `${name}@${version} could not be unpacked`
    rmSync(tarball)
    // Another test run may have been quicker.
    if (!existsSync(kept)) renameSync(fresh, kept)
    return undefined
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
