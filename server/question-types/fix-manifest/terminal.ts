/**
 * What a terminal shows of a command whose two streams are known apart: what it says beside its output comes before it when it succeeds ("Found 2 pods, using …"),
 * errors come after what was found, and warnings of the server always come first, as kubectl prints them when the answer arrives.
 */
export function shownOnTerminal({ stdout, stderr, exitCode }: { stdout: string; stderr: string; exitCode: number }): string {
  if (exitCode === 0) return `${stderr}${stdout}`.trimEnd()
  const lines = stderr.split(/(?<=\n)/)
  const first = lines.findIndex((line) => !line.startsWith('Warning: '))
  const warnings = first < 0 ? lines.length : first
  return `${lines.slice(0, warnings).join('')}${stdout}${lines.slice(warnings).join('')}`.trimEnd()
}
