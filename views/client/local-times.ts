/** Times stand in UTC in the page; a browser knows the zone of whoever reads them. */
const styles: Record<string, Intl.DateTimeFormatOptions> = {
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  date: { year: 'numeric', month: 'short', day: 'numeric' },
  both: { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' },
}

export function localTime(instant: string | Date, style: 'time' | 'date' | 'both' = 'time'): string {
  return new Intl.DateTimeFormat(document.documentElement.lang === 'en' ? undefined : document.documentElement.lang, styles[style]).format(new Date(instant))
}

export function localiseTimes(): void {
  for (const tag of document.querySelectorAll<HTMLTimeElement>('time[data-local]')) tag.textContent = localTime(tag.dateTime, tag.dataset.local as 'time')
}
