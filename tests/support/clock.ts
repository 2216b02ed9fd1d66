/** A clock that stands still until a test moves it. */
export type TestClock = { now: () => Date; advance: (seconds: number) => void; set: (at: Date) => void }

export function createClock(start = new Date('2026-03-04T10:00:00.000Z')): TestClock {
  let at = start.getTime()
  return {
    now: () => new Date(at),
    advance: (seconds) => void (at += seconds * 1000),
    set: (date) => void (at = date.getTime()),
  }
}
