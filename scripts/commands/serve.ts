/** `readyz serve`: the same as `npm start`. */
import { existsSync } from 'node:fs'

const usage = `Usage: readyz serve

Serves the site until it is stopped. Settings come from the environment or from a file .env: PORT, HOST, DATABASE_URL, BASE_URL, …
`

export async function serve(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    const isHelp = argv.includes('--help') || argv.includes('-h')
    ;(isHelp ? process.stdout : process.stderr).write(usage)
    return isHelp ? 0 : 2
  }
  if (existsSync('.env')) process.loadEnvFile('.env')
  const main = await import('../../server/main.ts')
  return main.serve(process.env)
}
