/** On every page: says that scripts run, shows times in the reader's zone, and lets runs be looked at moment by moment. Nothing on these pages needs a script. */
import { localiseTimes } from './local-times.ts'
import { startTimelines } from './timeline.ts'

document.documentElement.classList.add('script')
localiseTimes()
startTimelines()

// A link to a question of a result opens it.
const open = () => {
  const target = location.hash === '' ? null : document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
}
addEventListener('hashchange', open)
open()
document.querySelector<HTMLElement>('#problem')?.focus()
