/** What was typed and not yet acknowledged by the server, in this browser's storage, so that neither a reload nor a crash loses it. */
export type Entry = { answer: unknown; revision: number; at: number }

const prefix = (attempt: string) => `readyz:${attempt}:`

/** False when the browser keeps nothing (private mode, full storage). */
export function keep(attempt: string, slot: number, entry: Entry): boolean {
  try {
    localStorage.setItem(prefix(attempt) + slot, JSON.stringify(entry))
    return true
  } catch {
    return false
  }
}

export function forget(attempt: string, slot: number): void {
  try {
    localStorage.removeItem(prefix(attempt) + slot)
  } catch {
    // Nothing was kept, so there is nothing to forget.
  }
}

/** Everything waiting of an attempt, oldest first. */
export function waiting(attempt: string): (Entry & { slot: number })[] {
  const found: (Entry & { slot: number })[] = []
  try {
    for (let index = 0; index < localStorage.length; index++) {
      const key = localStorage.key(index)!
      if (!key.startsWith(prefix(attempt))) continue
      const entry = JSON.parse(localStorage.getItem(key)!) as Entry
      if (typeof entry.revision === 'number') found.push({ ...entry, slot: Number(key.slice(prefix(attempt).length)) })
    }
  } catch {
    return []
  }
  return found.sort((a, b) => a.at - b.at)
}
