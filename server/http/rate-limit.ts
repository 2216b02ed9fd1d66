import type { Request, RequestHandler } from 'express'
import { AppError } from '../errors.ts'

const windowMs = 60_000
/** So many strangers in one minute that counting them each is no longer worth the memory. */
const keysMax = 100_000

/** At most `max` requests a minute for each key, counted in memory. `now` in milliseconds. Others get `too-many`. */
export function rateLimit({ max, keyOf, now = Date.now }: { max: number; keyOf: (req: Request) => string; now?: () => number }): RequestHandler {
  let counts = new Map<string, number>()
  let windowEndsAt = 0
  return (req, res, next) => {
    const at = now()
    if (at >= windowEndsAt || counts.size > keysMax) {
      counts = new Map()
      windowEndsAt = at + windowMs
    }
    const key = keyOf(req)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count <= max) return next()
    const seconds = Math.ceil((windowEndsAt - at) / 1000)
    res.set('Retry-After', String(seconds))
    next(new AppError('too-many', `Too many requests. Try again in ${seconds} seconds.`))
  }
}
