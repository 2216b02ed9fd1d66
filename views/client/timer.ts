/** Counts down what the server said is left, by a clock that nobody can set, and asks the server again now and then. */
import { talk } from './server-talk.ts'
import { announce, t } from './texts.ts'

const resyncMs = 60_000
const spokenMinutes = [10, 5, 1]

export type AttemptClock = { state: 'running' | 'finished'; secondsLeft: number | null }
export type Timer = { sync(secondsLeft: number | null): void; say(): void }

export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** `onEnd` is called once, after the server agreed that the time is over or could not be asked; `onFinished` when the attempt was closed elsewhere. */
export function startTimer(place: HTMLElement, attempt: string, { onEnd, onFinished }: { onEnd: () => void; onFinished: () => void }): Timer {
  const clock = place.querySelector('#clock')!
  let endsAt = performance.now() + Number(place.dataset.secondsLeft) * 1000
  let hasEnded = false
  let isAsking = false
  let spoken = secondsLeft()

  function secondsLeft(): number {
    return (endsAt - performance.now()) / 1000
  }

  function show(): void {
    const left = secondsLeft()
    const text = clockText(left)
    if (clock.textContent !== text) clock.textContent = text
    place.classList.toggle('soon', left <= 300 && left > 60)
    place.classList.toggle('last', left <= 60)
    for (const minutes of spokenMinutes) if (spoken > minutes * 60 && left <= minutes * 60) announce(minutes === 1 ? t('minuteLeft') : t('minutesLeft', { count: minutes }))
    spoken = left
    if (left <= 0 && !hasEnded) void confirmEnd()
  }

  async function confirmEnd(): Promise<void> {
    if (isAsking) return
    const answer = await ask()
    if (hasEnded || (answer !== undefined && secondsLeft() > 0)) return
    hasEnded = true
    onEnd()
  }

  async function ask(): Promise<AttemptClock | undefined> {
    isAsking = true
    const result = await talk<AttemptClock>(`/attempts/${attempt}/state`)
    isAsking = false
    if (result.kind !== 'ok') return undefined
    if (result.reply.state === 'finished') {
      hasEnded = true
      onFinished()
    } else sync(result.reply.secondsLeft)
    return result.reply
  }

  function sync(seconds: number | null): void {
    if (seconds !== null) endsAt = performance.now() + seconds * 1000
  }

  setInterval(show, 250)
  setInterval(() => { if (!hasEnded) void ask() }, resyncMs)
  // A laptop that slept may have stopped the clock; ask before believing it.
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible' && !hasEnded) void ask() })
  addEventListener('online', () => { if (!hasEnded) void ask() })
  return { sync, say: () => announce(t('timeLeft', { time: clockText(secondsLeft()) })) }
}
