/**
 * Finds a Chromium for the browser journeys: READYZ_BROWSER, one on the machine, one that Playwright downloaded earlier,
 * or Debian's package where apt-get may install it. Depends on Node alone.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const elsewhere = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium', '/snap/bin/chromium']

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function onMachine() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere].find(isProgram)
}

function fromPlaywright() {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), process.platform === 'darwin' ? 'Library/Caches/ms-playwright' : '.cache/ms-playwright')
  if (!existsSync(cache)) return undefined
  return readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name)).flatMap((name) => [join(cache, name, 'chrome-linux', 'chrome'), join(cache, name, 'chrome-linux64', 'chrome'), join(cache, name, 'chrome-mac', 'Chromium.app/Contents/MacOS/Chromium')]).find(isProgram)
}

function fromDebian() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return undefined
  console.log('No Chromium on this machine: installing Debian’s package (apt-get install chromium fonts-noto-cjk)…')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], { stdio: ['ignore', 'ignore', 'inherit'], env })
  return onMachine()
}

/** Gives the path of a Chromium, or says what a person can do. May install a package, which takes a minute. */
export function findBrowser() {
  const named = process.env.READYZ_BROWSER
  if (named) return isProgram(named) ? { path: named } : { problem: `READYZ_BROWSER is "${named}", which is no program.` }
  const path = onMachine() ?? fromPlaywright() ?? fromDebian()
  return path ? { path } : { problem: 'The browser journeys need Chromium, and none was found. Install it (Debian and Ubuntu: sudo apt-get install chromium; elsewhere: npx playwright install chromium) or set READYZ_BROWSER to its path.' }
}
