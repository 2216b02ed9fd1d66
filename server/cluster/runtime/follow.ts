/** Following a file as `tail -F` does: woken by changes, never looking by itself. */
import type { Timer } from '../types.ts'
import type { Host } from './host.ts'

export class LineFollower {
  private readonly host: Host
  private readonly path: string
  private readonly take: (line: string) => void
  private seen = ''
  private rest = ''
  private pending: Timer | undefined
  private readonly unwatch: () => void

  /** `fromEnd`: what is there already is skipped. */
  constructor(host: Host, path: string, take: (line: string) => void, options: { fromEnd: boolean }) {
    this.host = host
    this.path = path
    this.take = take
    if (options.fromEnd) this.seen = this.content() ?? ''
    this.unwatch = host.files.watch(path, () => { this.pending ??= host.schedule(host.cluster.now, () => this.look()) })
    this.look()
  }

  /** Ends the following; lines written before are still taken. */
  readonly stop = (): void => {
    this.look()
    this.unwatch()
    this.pending?.cancel()
  }

  private content(): string | undefined {
    const file = this.host.files.read(this.path, this.host.spec.user)
    return file.ok ? file.content : undefined
  }

  private look(): void {
    this.pending = undefined
    const content = this.content()
    if (content === undefined) return
    const fresh = content.length >= this.seen.length ? content.slice(this.seen.length) : content
    this.seen = content
    const lines = (this.rest + fresh).split('\n')
    this.rest = lines.pop()!
    for (const line of lines) this.take(line)
  }
}
