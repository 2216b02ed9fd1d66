/** A container's log. Lines that repeat are written down only when somebody reads: a program that logs every second costs nothing while nobody looks. */
import type { Millis } from '../../k8s/duration.ts'

type Line = { at: Millis; line: string }
type Repeater = { line: string; everyMs: Millis; nextAt: Millis }

/** The newest lines that are kept of what repeats. */
const keptRepeats = 5000
/** The kubelet starts a new file at this size and keeps five (containerLogMaxSize, containerLogMaxFiles); it compresses all but the newest two, text by about ten to one (pkg/kubelet/logs/container_log_manager.go). */
const fileBytes = 10 * 1024 ** 2
const compressedFiles = 3
const compression = 10
/** What the log files of a container never exceed. */
export const mostLogBytes = fileBytes * (2 + compressedFiles / compression)

/** A line with the time, stream and tag that containerd writes before it. */
function sizeOf(line: string): number {
  return line.length + 46
}

export class Journal {
  private readonly lines: Line[] = []
  private readonly repeaters = new Set<Repeater>()
  private readonly now: () => Millis
  private rest = ''
  private bytes = 0
  private endedAt: Millis | undefined

  constructor(now: () => Millis) {
    this.now = now
  }

  print(line: string): void {
    this.settle()
    for (const one of line.split('\n')) this.lines.push({ at: this.now(), line: one })
    this.bytes += sizeOf(line)
  }

  /** A stream: whole lines are printed, the rest waits for its end. */
  readonly write = (text: string): void => {
    const parts = (this.rest + text).split('\n')
    this.rest = parts.pop()!
    for (const part of parts) this.print(part)
  }

  repeat(line: string, everyMs: Millis): () => void {
    const repeater: Repeater = { line, everyMs: Math.max(1, everyMs), nextAt: this.now() + Math.max(1, everyMs) }
    this.repeaters.add(repeater)
    return () => {
      this.settle()
      this.repeaters.delete(repeater)
    }
  }

  /** No more lines come. */
  close(): void {
    if (this.rest !== '') this.print(this.rest)
    this.rest = ''
    this.settle()
    this.endedAt ??= this.now()
    this.repeaters.clear()
  }

  /** Size of the log's files at an instant, now or later. */
  bytesAt(at: Millis): number {
    let sum = this.bytes
    for (const repeater of this.repeaters) sum += Math.max(0, Math.floor((at - repeater.nextAt) / repeater.everyMs) + 1) * sizeOf(repeater.line)
    return Math.min(mostLogBytes, sum, 2 * fileBytes + Math.max(0, sum - 2 * fileBytes) / compression)
  }

  all(): readonly Line[] {
    this.settle()
    return this.lines
  }

  private settle(): void {
    if (this.repeaters.size === 0 || this.endedAt !== undefined) return
    const until = this.now()
    const due: Line[] = []
    for (const repeater of this.repeaters) {
      const count = Math.floor((until - repeater.nextAt) / repeater.everyMs) + 1
      if (count <= 0) continue
      for (let i = Math.max(0, count - keptRepeats); i < count; i++) due.push({ at: repeater.nextAt + i * repeater.everyMs, line: repeater.line })
      repeater.nextAt += count * repeater.everyMs
      this.bytes += count * sizeOf(repeater.line)
    }
    if (due.length > 0) this.lines.push(...due.sort((a, b) => a.at - b.at))
  }
}
