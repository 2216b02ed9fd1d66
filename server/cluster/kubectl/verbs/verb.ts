/** What a verb of the console is: its flags, what it does, and the line of help that names it. */
import type { Console } from '../console.ts'
import type { Flag } from '../command-line.ts'

export type Verb = {
  name: string
  /** Other names that mean the same. */
  aliases?: readonly string[]
  /** Words that are no names of it, but make kubectl suggest it (cobra's SuggestFor). */
  meant?: readonly string[]
  /** One sentence for the list of commands, as kubectl's own help puts it. */
  about: string
  /** How to write it, after `kubectl`. */
  usage: string
  flags?: readonly Flag[]
  /** Words that complete after the verb: nothing, a resource type, a pod… */
  completes?: 'resources' | 'pods' | 'nodes' | 'files' | 'workloads' | 'none'
  /** Known, but of no use here: it only says what to do instead. */
  absent?: true
  run?(console: Console): void
  verbs?: readonly Verb[]
}
