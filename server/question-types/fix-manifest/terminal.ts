/**
 * What a terminal shows of a command whose two streams are known apart: what it says beside its output comes before it when it succeeds ("Found 2 pods, using …"),
 * errors come after what was found, and warnings of the server always come first, as kubectl prints them when the answer arrives.
 * Notes of the console itself ("# watched until …") say how it ended and stand last.
 */
export function shownOnTerminal({ stdout, stderr, exitCode }: { stdout: string; stderr: string; exitCode: number }): string {
  const lines = stderr.split(/(?<=\n)/)
  const isNote = (line: string): boolean => /^# (watched|followed) until |^# the container still runs /.test(line)
  if (exitCode === 0) return [...lines.filter((line) => !isNote(line)), stdout, ...lines.filter(isNote)].join('').trimEnd()
  const first = lines.findIndex((line) => !line.startsWith('Warning: '))
  const warnings = first < 0 ? lines.length : first
  return `${lines.slice(0, warnings).join('')}${stdout}${lines.slice(warnings).join('')}`.trimEnd()
}
