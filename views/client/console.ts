/**
 * kubectl beside the editor, with scripts. The server keeps nothing: each request carries the commands that changed something, with their moments,
 * and the clock. While the clock runs, what will happen is fetched ahead and shown when its moment comes.
 */
import { pastedLines } from './pasted-lines.ts'
import { element } from './texts.ts'
import { talk } from './server-talk.ts'

type Files = Record<string, string>
type Done = { at: number; line: string; files?: Files }
type News = { at: number; who: string; what: string; tone?: string }
type Reply = {
  now: number
  applied: string[]
  printed: { at: number; line: string; text: string; exitCode: number; until: number; keeps: boolean }[]
  news: News[]
  completion?: { from: number; candidates: { text: string; about: string }[] }
  unreadable?: { message: string; file?: string; line?: number }[]
  ended?: 'clock' | 'limit'
  quiet?: boolean
}
type Ask = { do: 'begin' | 'next' } | { do: 'run'; line: string; files?: Files } | { do: 'complete'; line: string; cursor: number } | { do: 'move'; by: number }

/** One virtual second in so many milliseconds; the button that plays says how fast that is. */
const playMs = 100
const aheadMs = 60_000
const againMs = 1500
const blocksMax = 600
/** Bytes of files that a request may bring. */
const filesMax = 65_536

/** `0:07.5`, as the server writes it. */
export function clockWords(ms: number): string {
  const tenths = Math.floor(ms / 100)
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`
}

/** The longest beginning that all have in common. */
function commonStart(texts: readonly string[]): string {
  return texts.reduce((start, text) => {
    let length = 0
    while (length < start.length && start[length] === text[length]) length++
    return start.slice(0, length)
  })
}

export function startConsole(root: HTMLElement): void {
  const form = root.closest('form')!
  const part = <Wanted extends HTMLElement>(selector: string) => root.querySelector<Wanted>(selector)!
  const input = part<HTMLInputElement>('#console-line')
  const log = part('[data-log]')
  const clock = part<HTMLOutputElement>('.console-now')
  const frame = part('.console-frame')
  const playButton = part<HTMLButtonElement>('[data-clock="play"]')
  const stale = part('[data-stale]')
  const mayTry = root.dataset.mayTry === 'true'
  const say = (name: string) => root.dataset[`text${name}`]!

  let done: Done[] = []
  let now = 0
  let begun = false
  let unreadable: Reply['unreadable']
  let beginning: Promise<boolean> | undefined
  let base: Files | undefined
  let ahead: { news: News[]; until: number } | undefined
  let ticking: number | undefined
  let busy: Promise<unknown> = Promise.resolve()
  const history: string[] = []
  let place = 0
  let draft = ''
  let lets = false

  const startsOwn = () => root.querySelector<HTMLInputElement>('input[value="own"]')?.checked ?? false
  const filesNow = (): Files => Object.fromEntries([...form.querySelectorAll<HTMLTextAreaElement>('textarea[name^="answer["]')].map((field) => [field.name.slice(7, -1), field.value]))
  const namesFiles = (line: string) => /(^|\s)(-[a-zA-Z]*f|--filename)([=\s]|$)/.test(line)

  function append(...nodes: Node[]): void {
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40
    const waiting = log.querySelector('.waits')
    if (waiting) waiting.before(...nodes)
    else log.append(...nodes)
    while (log.childElementCount > blocksMax) log.firstElementChild!.remove()
    if (follows) log.scrollTop = log.scrollHeight
  }
  const note = (text: string) => append(element('p', { class: 'console-note' }, text))
  function printCommand(at: number, line: string, text: string, failed = false): void {
    append(element('p', { class: 'console-asked' }, element('span', { class: 'at' }, clockWords(at)), element('code', {}, line)))
    if (text !== '') append(element('pre', { class: failed ? 'console-said failed' : 'console-said' }, text))
    log.scrollTo(0, log.scrollHeight)
  }
  /** Shows at once what was typed; it stays last until the answer to it is printed. */
  async function whileWaiting<Result>(line: string, work: () => Promise<Result>): Promise<Result> {
    const shown = element('p', { class: 'console-asked waits', 'aria-hidden': 'true' }, element('span', { class: 'at' }, '…'), element('code', {}, line))
    log.append(shown)
    log.scrollTo(0, log.scrollHeight)
    return work().finally(() => shown.remove())
  }
  function printNews(news: readonly News[]): void {
    if (news.length === 0) return
    append(element('ul', { class: 'console-news' }, ...news.map(({ at, who, what, tone }) => element('li', tone ? { class: tone } : {}, element('span', { class: 'at' }, clockWords(at)), element('span', { class: 'who' }, who), ' ', element('span', {}, what)))))
  }

  function setClock(to: number): void {
    now = to
    clock.textContent = clockWords(now)
    clock.dataset.now = String(now)
  }

  /** The largest file and what to do, when the files of the editor alone are more than the console takes. */
  function tooBig(): string | undefined {
    const sizes = Object.entries(filesNow()).map(([name, text]) => ({ name, bytes: new TextEncoder().encode(name + text).length })).sort((a, b) => b.bytes - a.bytes)
    if (!sizes[0] || sizes.reduce((sum, { bytes }) => sum + bytes, 0) <= filesMax) return undefined
    return say('Big').replace('{file}', sizes[0].name).replace('{size}', String(Math.ceil(sizes[0].bytes / 1024)))
  }

  /** One request at a time: each needs the state that the one before left. */
  function ask(what: Ask): Promise<Reply | undefined> {
    const next = busy.then(async () => {
      frame.setAttribute('aria-busy', 'true')
      const send = () => talk<Reply>(root.dataset.url!, { ...(base ? { files: base } : {}), done, now, ask: what })
      let result = await send()
      if (result.kind === 'unreachable') {
        // The server keeps nothing, so asking again changes nothing; the network or a server that starts anew is often back by then.
        await new Promise((resolve) => setTimeout(resolve, againMs))
        result = await send()
      }
      frame.removeAttribute('aria-busy')
      if (result.kind === 'ok') return result.reply
      note(result.kind === 'problem' && result.code === 'closed' ? result.detail : result.kind === 'problem' ? (tooBig() ?? say('Much')) : say('Busy'))
      return undefined
    })
    busy = next.catch(() => undefined)
    return next
  }

  /** Says once that the files cannot be read, and where; asked again without a command between, it stands there anew and not twice. */
  function printUnreadable(): void {
    if (!unreadable) return
    if (log.lastElementChild?.classList.contains('console-unread')) log.lastElementChild.remove()
    const places = unreadable.map(({ message, file, line }) => element('li', { class: 'bad' }, element('span', { class: 'who' }, [file, line].filter((one) => one !== undefined).join(':')), ' ', element('span', {}, message)))
    append(element('div', { class: 'console-unread' }, element('p', { class: 'console-note' }, say('Unreadable')), element('ul', { class: 'console-news' }, ...places)))
    log.scrollTo(0, log.scrollHeight)
  }

  function heard(reply: Reply): void {
    printNews(reply.news)
    if (reply.quiet) note(say('Quiet'))
    if (reply.ended) note(say(reply.ended === 'clock' ? 'Clock' : 'Limit'))
    setClock(reply.now)
    ahead = undefined
  }

  /** Applies the files at the first request, and again when the person starts anew. */
  function begin(): Promise<boolean> {
    if (begun) return Promise.resolve(true)
    return (beginning ??= apply().finally(() => { beginning = undefined }))
  }
  async function apply(): Promise<boolean> {
    base = startsOwn() ? filesNow() : undefined
    const reply = await ask({ do: 'begin' })
    unreadable = reply?.unreadable
    begun = reply !== undefined && !unreadable
    if (reply && begun) printCommand(0, 'kubectl apply -f .', reply.applied.join('\n'))
    return begun
  }
  /** Begins, or says why that cannot be. */
  async function ready(): Promise<boolean> {
    if (await begin()) return true
    printUnreadable()
    return false
  }

  function reset(): void {
    pause()
    done = []
    begun = false
    ahead = undefined
    stale.hidden = true
    setClock(0)
    log.replaceChildren()
    void ready()
  }

  /** True when the command was run. One that could not be sent stays in the line. */
  async function run(line: string): Promise<boolean> {
    history.push(line)
    place = history.length
    draft = ''
    if (line === 'clear') {
      log.replaceChildren()
      return true
    }
    const files = mayTry && namesFiles(line) ? { files: filesNow() } : {}
    const reply = await whileWaiting(line, async () => (await begin()) ? ask({ do: 'run', line, ...files }) : undefined)
    const printed = reply?.printed.at(-1)
    if (!begun && unreadable) {
      printCommand(now, line, '')
      printUnreadable()
      return false
    }
    if (!reply || !printed) {
      if (input.value === '') input.value = line
      return false
    }
    printCommand(printed.at, line, printed.text, printed.exitCode !== 0)
    if (printed.keeps) done.push({ at: printed.at, line, ...files })
    heard(reply)
    return true
  }

  /** One after the other, in order; after one that could not be run none follows. */
  async function runAll(lines: readonly string[]): Promise<void> {
    for (const line of lines) if (!(await run(line))) return
  }

  async function move(what: Ask): Promise<void> {
    if (!(await ready())) return
    const reply = await ask(what)
    if (reply) heard(reply)
  }

  async function tick(): Promise<void> {
    if (!ahead || now >= ahead.until) {
      const from = now
      const reply = await ask({ do: 'move', by: aheadMs })
      if (ticking === undefined) return
      if (!reply) return pause()
      // A command may have moved the clock meanwhile; then this was another future.
      if (now === from) ahead = { news: reply.news, until: reply.now }
      if (reply.now <= from) {
        pause()
        return note(say(reply.ended === 'limit' ? 'Limit' : 'Clock'))
      }
    }
    if (!ahead) return
    setClock(Math.min(now + 1000, ahead.until))
    printNews(ahead.news.filter(({ at }) => at <= now))
    ahead.news = ahead.news.filter(({ at }) => at > now)
  }
  function pause(): void {
    if (ticking === undefined) return
    clearTimeout(ticking)
    ticking = undefined
    playButton.setAttribute('aria-pressed', 'false')
    playButton.textContent = say('Play')
    clock.classList.remove('runs')
    log.removeAttribute('aria-live')
  }
  async function play(): Promise<void> {
    if (!(await ready()) || ticking !== undefined) return
    playButton.setAttribute('aria-pressed', 'true')
    playButton.textContent = say('Pause')
    clock.classList.add('runs')
    // So much at once is not for listening to; the log can be read at rest.
    log.setAttribute('aria-live', 'off')
    const loop = (): void => { ticking = window.setTimeout(() => void busy.then(tick).then(() => { if (ticking !== undefined) loop() }), playMs) }
    loop()
  }

  async function complete(): Promise<void> {
    if (!(await ready())) return
    const line = input.value
    const cursor = input.selectionStart ?? line.length
    const completion = (await ask({ do: 'complete', line, cursor }))?.completion
    if (!completion || input.value !== line) return
    for (const old of log.querySelectorAll('.console-choices')) old.remove()
    if (completion.candidates.length === 0) return
    const { from, candidates } = completion
    const only = candidates.length === 1
    const text = commonStart(candidates.map((one) => one.text)) + (only && !/[=/]$/.test(candidates[0]!.text) ? ' ' : '')
    if (!only && text.length <= cursor - from) {
      append(element('p', { class: 'console-choices' }, ...candidates.flatMap((one) => [element('span', {}, one.text), ' '])))
      log.scrollTo(0, log.scrollHeight)
    }
    input.setRangeText(text, from, cursor, 'end')
  }

  function recall(by: number): void {
    if (place === history.length) draft = input.value
    place = Math.max(0, Math.min(history.length, place + by))
    input.value = history[place] ?? draft
    input.setSelectionRange(input.value.length, input.value.length)
  }

  /** Keys of a terminal, while the line has the focus; a selection is still copied. */
  const terminalKeys: Record<string, () => void> = {
    c: () => {
      input.value = draft = ''
      place = history.length
    },
    l: () => log.replaceChildren(),
    u: () => input.setRangeText('', 0, input.selectionStart ?? input.value.length, 'start'),
  }
  function atTerminal(event: KeyboardEvent): boolean {
    if (event.isComposing || !event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !Object.hasOwn(terminalKeys, event.key)) return false
    if (event.key === 'c' && (input.selectionStart !== input.selectionEnd || String(getSelection()) !== '')) return false
    event.preventDefault()
    terminalKeys[event.key]!()
    return true
  }

  input.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (!/[\r\n]/.test(text.trim())) return
    event.preventDefault()
    const [start, end] = [input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length]
    const { lines, rest } = pastedLines(input.value.slice(0, start) + text + input.value.slice(end))
    input.value = rest
    void runAll(lines)
  })
  input.addEventListener('keydown', (event) => {
    if (atTerminal(event) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') {
      event.preventDefault()
      const line = input.value.trim()
      input.value = ''
      if (line !== '') void run(line)
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault()
      recall(event.key === 'ArrowUp' ? -1 : 1)
    } else if (event.key === 'Tab' && !event.shiftKey && input.value !== '' && !lets) {
      event.preventDefault()
      void complete()
    }
    // After Escape the Tab key leaves the line, as it does anywhere else.
    lets = event.key === 'Escape'
  })
  const clocks: Record<string, () => void> = { play: () => (ticking === undefined ? void play() : pause()), step: () => void move({ do: 'move', by: 1000 }), jump: () => void move({ do: 'move', by: 30_000 }), next: () => void move({ do: 'next' }), reset }
  root.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>('button')
    if (!button) return
    event.preventDefault()
    if (button.dataset.clock) clocks[button.dataset.clock]!()
    else if (button.hasAttribute('data-run')) {
      const line = input.value.trim()
      input.value = ''
      input.focus()
      if (line !== '') void run(line)
    }
  })
  // The console's own fields are no part of the answer.
  for (const type of ['input', 'change']) {
    root.addEventListener(type, (event) => {
      event.stopPropagation()
      if ((event.target as HTMLInputElement).type === 'radio' && type === 'change') reset()
    })
  }
  form.addEventListener('input', () => {
    if (begun && base) stale.hidden = JSON.stringify(base) === JSON.stringify(filesNow())
  })
}
