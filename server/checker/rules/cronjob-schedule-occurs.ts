import { defineRule } from '../rule.ts'

const cron = (schedule: string): string => `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: backup }\nspec:\n  schedule: "${schedule}"\n  jobTemplate:\n    spec:\n      template: { spec: { restartPolicy: Never, containers: [{ name: app, image: "backup:1" }] } }\n`
const daysMax = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** First numbers of a list of cron ranges: the least value of each; undefined for anything but plain numbers, names and ranges. */
function values(field: string, names: readonly string[]): { from: number; to: number }[] | undefined {
  const found = field.split(',').map((part) => {
    const match = /^(\w+)(?:-(\w+))?(?:\/\d+)?$/.exec(part)
    const read = (text: string | undefined): number => (text === undefined ? NaN : names.includes(text.toLowerCase()) ? names.indexOf(text.toLowerCase()) + 1 : Number(text))
    if (!match) return undefined
    const from = read(match[1])
    return { from, to: match[2] === undefined ? (part.includes('/') ? 12 : from) : read(match[2]) }
  })
  return found.every((range) => range !== undefined && Number.isInteger(range.from) && Number.isInteger(range.to)) ? (found as { from: number; to: number }[]) : undefined
}

export default defineRule({
  id: 'cronjob-schedule-occurs',
  category: 'availability',
  severity: 'error',
  title: { en: 'The schedule of a CronJob names a date that exists', 'zh-CN': 'CronJob 的 schedule 对应真实存在的日期' },
  why: { en: 'A schedule such as the 31st of April is well formed, so the API server accepts it. It never comes, and no Job is ever made.', 'zh-CN': '像 4 月 31 日这样的 schedule 格式正确，API server 会接受，但这一天永远不会到来，也就永远不会创建 Job。' },
  fix: { en: 'Choose a day that each of the months has; the 28th is in all of them.', 'zh-CN': '选择这些月份都有的日期，例如每个月都有 28 日。' },
  links: ['https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax'],
  kinds: ['CronJob'],
  *check({ spec }) {
    const fields = String(spec?.schedule ?? '').replace(/^(CRON_)?TZ=\S+\s+/, '').trim().split(/\s+/)
    // With a day of the week too, either of the two is enough.
    if (fields.length !== 5 || (fields[4] !== '*' && fields[4] !== '?')) return
    const days = values(fields[2]!, [])
    const months = values(fields[3]!, monthNames)
    if (!days || !months) return
    const least = Math.min(...days.map(({ from }) => from))
    const most = Math.max(...months.flatMap(({ from, to }) => daysMax.slice(from - 1, to)))
    if (least > most) yield { at: ['spec', 'schedule'], message: { en: `Day ${least} is in none of these months.`, 'zh-CN': `这些月份都没有 ${least} 日。` } }
  },
  examples: { good: [cron('0 3 29 2 *'), cron('0 3 31 * *'), cron('0 3 31 4 1'), cron('0 3 31 4,5 *')], bad: [{ yaml: cron('0 3 31 4 *'), expect: ['spec.schedule'] }, { yaml: cron('0 3 30 FEB *'), expect: ['spec.schedule'] }] },
})
