/** The numbers of the horizontal pod autoscaler (pkg/controller/podautoscaler/{replica_calculator,horizontal}.go). Pure. */

/** One pod's reading: usage and request in thousandths, or undefined usage when there is no sample. */
export type Reading = { usage: number | undefined; request: number; ready: boolean }
export type Tolerance = { up: number; down: number }

export const defaultTolerance: Tolerance = { up: 0.1, down: 0.1 }

function isWithin(tolerance: Tolerance, ratio: number): boolean {
  return ratio >= 1 - tolerance.down - 1e-9 && ratio <= 1 + tolerance.up + 1e-9
}

/**
 * Wanted replicas for a utilization target in percent, and the utilization seen (GetResourceReplicas). Undefined: no ready pod has a sample.
 * Examples: 2 pods of 150m on 100m at target 80 → 150 %, ratio 1.875 → 4. One at 200 %, one unready, target 80 → 2.5, then with a zero for the unready 1.25 → 3.
 */
export function utilizationReplicas(readings: readonly Reading[], target: number, current: number, tolerance = defaultTolerance): { replicas: number; utilization: number } | undefined {
  const sampled = readings.filter((reading) => reading.ready && reading.usage !== undefined)
  const percent = (list: readonly { usage?: number | undefined; request: number }[]): number => {
    const requests = list.reduce((sum, item) => sum + item.request, 0)
    return Math.trunc((list.reduce((sum, item) => sum + (item.usage ?? 0), 0) * 100) / requests)
  }
  if (sampled.length === 0 || sampled.every((reading) => reading.request === 0)) return undefined
  const utilization = percent(sampled)
  const ratio = utilization / target
  const fill = (missing: Reading): number | undefined => (ratio === 1 ? undefined : ratio > 1 ? 0 : Math.floor((Math.max(100, target) * missing.request) / 100))
  return { replicas: replicasFor(readings, sampled.length, ratio, current, tolerance, (list) => percent(list) / target, fill), utilization }
}

/** Wanted replicas for an average value per pod in thousandths (GetRawResourceReplicas, GetMetricReplicas). */
export function averageReplicas(readings: readonly Reading[], target: number, current: number, tolerance = defaultTolerance): { replicas: number; average: number } | undefined {
  const sampled = readings.filter((reading) => reading.ready && reading.usage !== undefined)
  if (sampled.length === 0) return undefined
  const mean = (list: readonly { usage?: number | undefined }[]): number => Math.trunc(list.reduce((sum, item) => sum + (item.usage ?? 0), 0) / list.length)
  const average = mean(sampled)
  return { replicas: replicasFor(readings, sampled.length, average / target, current, tolerance, (list) => mean(list) / target, () => (average / target >= 1 ? 0 : target)), average }
}

function replicasFor(readings: readonly Reading[], readyCount: number, ratio: number, current: number, tolerance: Tolerance, ratioOf: (list: readonly Reading[]) => number, fill: (missing: Reading) => number | undefined): number {
  const missing = readings.filter((reading) => reading.ready && reading.usage === undefined)
  const unready = readings.filter((reading) => !reading.ready)
  const useUnready = unready.length > 0 && ratio > 1
  if (!useUnready && missing.length === 0) return isWithin(tolerance, ratio) ? current : Math.ceil(ratio * readyCount - 1e-9)
  const filled: Reading[] = readings.filter((reading) => reading.ready && reading.usage !== undefined)
  for (const reading of missing) {
    const usage = fill(reading)
    if (usage !== undefined) filled.push({ ...reading, usage })
  }
  if (useUnready) for (const reading of unready) filled.push({ ...reading, usage: 0 })
  const next = ratioOf(filled)
  if (isWithin(tolerance, next) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1)) return current
  const replicas = Math.ceil(next * filled.length - 1e-9)
  if ((next < 1 && replicas > current) || (next > 1 && replicas < current)) return current
  return replicas
}

/** Wanted replicas for a value that all pods answer for together, by its ratio to the target (getUsageRatioReplicaCount). */
export function ratioReplicas(ratio: number, ready: number, current: number, tolerance: Tolerance): number {
  if (current === 0) return Math.ceil(ratio)
  return isWithin(tolerance, ratio) ? current : Math.ceil(ratio * ready - 1e-9)
}

/** Wanted replicas for a value in thousandths of which every pod is to have `target`, and each pod's part (GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas). */
export function perPodReplicas(usage: number, target: number, counted: number, tolerance: Tolerance): { replicas: number; average: number } {
  const average = counted === 0 ? usage : Math.ceil(usage / counted)
  return { replicas: isWithin(tolerance, usage / (target * counted)) ? counted : Math.ceil(usage / target), average }
}

/** Highest size without a behavior: max(2 × current, 4) (calculateScaleUpLimit). */
export function scaleUpLimit(current: number): number {
  return Math.max(2 * current, 4)
}

export type Rules = { stabilizationWindowSeconds?: number; selectPolicy?: string; policies?: { type: string; value: number; periodSeconds: number }[]; tolerance?: string | number }
export type ScaleEvent = { at: number; change: number }

/** Sum of changes in the last `periodSeconds`. */
function changeWithin(events: readonly ScaleEvent[], periodSeconds: number, now: number): number {
  return events.filter((event) => event.at > now - periodSeconds * 1000).reduce((sum, event) => sum + event.change, 0)
}

/** Highest size the up rules allow (calculateScaleUpLimitWithScalingRules). Example: 1 replica, defaults 4 pods or 100 % per 15 s → 5. */
export function upRulesLimit(current: number, ups: readonly ScaleEvent[], downs: readonly ScaleEvent[], rules: Rules, now: number): number {
  if (rules.selectPolicy === 'Disabled') return current
  const limits = (rules.policies ?? []).map((policy) => {
    const start = current - changeWithin(ups, policy.periodSeconds, now) + changeWithin(downs, policy.periodSeconds, now)
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits)
}

/** Lowest size the down rules allow (calculateScaleDownLimitWithBehaviors). Example: 10 replicas, 10 % per 60 s → 9. */
export function downRulesLimit(current: number, ups: readonly ScaleEvent[], downs: readonly ScaleEvent[], rules: Rules, now: number): number {
  if (rules.selectPolicy === 'Disabled') return current
  const limits = (rules.policies ?? []).map((policy) => {
    const start = current + changeWithin(downs, policy.periodSeconds, now) - changeWithin(ups, policy.periodSeconds, now)
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits)
}
