/** Command lines of small tools: short flags may be joined, and some take a value. */

/** `valued`: letters whose flag takes the rest of the word or the next word. Long flags keep their name, with the value after `=`. */
export function splitFlags(args: readonly string[], valued: string): { flags: Map<string, string>; words: string[] } {
  const flags = new Map<string, string>()
  const words: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--') {
      words.push(...args.slice(i + 1))
      break
    }
    if (arg.startsWith('--')) {
      const at = arg.indexOf('=')
      flags.set(at < 0 ? arg.slice(2) : arg.slice(2, at), at < 0 ? '' : arg.slice(at + 1))
    } else if (/^-[^-]/.test(arg)) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!
        if (!valued.includes(letter)) {
          flags.set(letter, '')
          continue
        }
        flags.set(letter, at + 1 < arg.length ? arg.slice(at + 1) : (args[++i] ?? ''))
        break
      }
    } else words.push(arg)
  }
  return { flags, words }
}
