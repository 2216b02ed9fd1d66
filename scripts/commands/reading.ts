/** Reading files for a command: what cannot be read is said in a sentence. */

/** What keeps a command from running; printed without a stack. */
export class CannotRun extends Error {}

const reasons: Record<string, string> = { EACCES: 'permission denied', EPERM: 'permission denied', ENOENT: 'what it links to does not exist', ELOOP: 'it links to itself', EISDIR: 'it is a folder', ENOTDIR: 'it is no folder' }

/** What reading gives; a refusal of the system becomes a sentence. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new CannotRun(`${path} cannot be read: ${reasons[code] ?? message}.`)
  }
}

/** All of standard input. */
export async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
