/** Describers of configuration, accounts, roles, limits, budgets and autoscalers (describe.go). */
import type { Fields, K8sObject } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { decodeBase64 } from '../../kubelet/env.ts'
import type { Console } from '../console.ts'
import { quantity } from '../print/columns-cluster.ts'
import { formatSelector, goList, quoted } from '../print/labels.ts'
import { rfc1123 } from '../print/time.ts'
import { begin, end } from './workload.ts'
import type { Page } from './writer.ts'

export function describeConfigMap(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.raw('\nData\n====\n')
  for (const key of Object.keys(object.data ?? {}).sort()) page.raw(`${key}:\n----\n${object.data[key]}\n\n`)
  page.raw('\nBinaryData\n====\n')
  for (const key of Object.keys(object.binaryData ?? {}).sort()) page.raw(`${key}: ${atob(object.binaryData[key]).length} bytes\n`)
  page.raw('\n')
  return end(page, console, object, showEvents)
}

export function describeSecret(_console: Console, object: K8sObject): string {
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.raw(`\nType:\t${object.type ?? 'Opaque'}\n\nData\n====\n`)
  const data: Record<string, string> = object.data ?? {}
  const plain: Record<string, string> = object.stringData ?? {}
  for (const key of [...new Set([...Object.keys(data), ...Object.keys(plain)])].sort()) {
    const bytes = plain[key] !== undefined ? new TextEncoder().encode(plain[key]).length : atob(data[key]!.replaceAll(/\s/g, '')).length
    page.line(0, key === 'token' && object.type === 'kubernetes.io/service-account-token' ? `${key}:\t${decodeBase64(data[key]!)}` : `${key}:\t${bytes} bytes`)
  }
  return page.toString()
}

export function describeServiceAccount(console: Console, object: K8sObject, showEvents: boolean): string {
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  const pull = ((object.imagePullSecrets ?? []) as Fields[]).map((secret) => secret.name as string)
  if (pull.length === 0) page.line(0, 'Image pull secrets:\t<none>')
  pull.forEach((secret, i) => page.line(0, `${i === 0 ? 'Image pull secrets:' : ' '.repeat(19)}\t${secret}`))
  return end(page, console, object, showEvents)
}

type Rule = { group: string; resource: string; url: string; names: string[]; verbs: string[] }

/** One row per resource, as BreakdownRule and CompactRules leave them, in the order of their Go text: by verbs first (SortableRuleSlice). */
function rulesOf(role: K8sObject): Rule[] {
  const rows = new Map<string, Rule>()
  const add = (rule: Omit<Rule, 'verbs'>, verbs: string[]): void => {
    const key = JSON.stringify([rule.group, rule.resource, rule.url, rule.names])
    const row = rows.get(key)
    if (row) row.verbs.push(...verbs.filter((verb) => !row.verbs.includes(verb)))
    else rows.set(key, { ...rule, verbs: [...verbs] })
  }
  for (const rule of (role.rules ?? []) as Fields[]) {
    for (const group of (rule.apiGroups ?? []) as string[]) for (const resource of (rule.resources ?? []) as string[]) {
      const names = (rule.resourceNames ?? []) as string[]
      if (names.length === 0) add({ group, resource, url: '', names: [] }, rule.verbs ?? [])
      for (const name of names) add({ group, resource, url: '', names: [name] }, rule.verbs ?? [])
    }
    for (const url of (rule.nonResourceURLs ?? []) as string[]) add({ group: '', resource: '', url, names: [] }, rule.verbs ?? [])
  }
  return [...rows.values()].sort((a, b) => compareText(sortKey(a), sortKey(b)))
}

function sortKey(rule: Rule): string {
  return `Verbs:${goList(rule.verbs)},APIGroups:${goList(rule.url ? [] : [rule.group])},Resources:${goList(rule.resource ? [rule.resource] : [])},ResourceNames:${goList(rule.names)},NonResourceURLs:${goList(rule.url ? [rule.url] : [])}`
}

export function describeRole(_console: Console, object: K8sObject): string {
  const page = begin(object, false)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, 'PolicyRule:')
  page.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs')
  page.line(1, '---------\t-----------------\t--------------\t-----')
  for (const { group, resource, url, names, verbs } of rulesOf(object)) {
    const [base = '', subresource] = resource.split('/')
    page.line(1, [`${base}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`, goList(url ? [url] : []), goList(names), goList(verbs)].join('\t'))
  }
  return page.toString()
}

export function describeRoleBinding(_console: Console, object: K8sObject): string {
  const page = begin(object, false)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, 'Role:')
  page.line(1, `Kind:\t${object.roleRef?.kind}`)
  page.line(1, `Name:\t${object.roleRef?.name}`)
  page.line(0, 'Subjects:')
  page.line(1, 'Kind\tName\tNamespace')
  page.line(1, '----\t----\t---------')
  for (const subject of (object.subjects ?? []) as Fields[]) page.line(1, `${subject.kind}\t${subject.name}\t${subject.namespace ?? ''}`)
  return page.toString()
}

const scopeHelp: Record<string, string> = {
  Terminating: 'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating: 'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort: 'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort: 'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
}

/** Scopes and the table of used and hard; `inside`: as part of a namespace. */
function quotaBody(page: Page, object: K8sObject, level: number, inside: boolean): void {
  const scopes = [...((object.spec?.scopes ?? []) as string[])].sort()
  if (scopes.length > 0) {
    page.line(level, `Scopes:\t${scopes.join(', ')}`)
    for (const scope of scopes) if (scopeHelp[scope]) page.line(level, `${inside ? '' : ' '}* ${scopeHelp[scope]}`)
  }
  page.line(level, 'Resource\tUsed\tHard')
  page.line(level, inside ? '--------\t---\t---' : '--------\t----\t----')
  for (const resource of Object.keys(object.status?.hard ?? {}).sort()) page.line(level, `${resource}\t${quantity(object.status.used?.[resource])}\t${quantity(object.status.hard[resource])}`)
}

export function describeQuota(_console: Console, object: K8sObject): string {
  const page = begin(object)
  quotaBody(page, object, 0, false)
  return page.toString()
}

function limitRows(page: Page, object: K8sObject, prefix: string): void {
  for (const item of (object.spec?.limits ?? []) as Fields[]) {
    const lists = [item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio] as (Record<string, string> | undefined)[]
    const names = [...new Set(lists.flatMap((list) => Object.keys(list ?? {})))].sort()
    for (const name of names) page.line(0, `${prefix}${[item.type, name, ...lists.map((list) => (list?.[name] === undefined ? '-' : quantity(list[name])))].join('\t')}`)
  }
}

export function describeLimitRange(_console: Console, object: K8sObject): string {
  const page = begin(object)
  page.line(0, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio')
  page.line(0, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------')
  limitRows(page, object, '')
  return page.toString()
}

export function describeNamespace(console: Console, object: K8sObject): string {
  const page = begin(object, false)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `Status:\t${object.status?.phase ?? ''}`)
  const conditions = (object.status?.conditions ?? []) as Fields[]
  if (conditions.length > 0) {
    page.line(0, 'Conditions:')
    page.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
    page.line(1, '----\t------\t------------------\t------\t-------')
    for (const condition of conditions) page.line(1, [condition.type, condition.status, rfc1123(condition.lastTransitionTime), condition.reason ?? '', condition.message ?? ''].join('\t'))
  }
  const quotas = console.view.list('ResourceQuota', object.metadata.name)
  page.raw(quotas.length === 0 ? '\nNo resource quota.\n' : '\nResource Quotas\n')
  for (const quota of quotas) {
    page.line(1, `Name:\t${quota.metadata.name}`)
    quotaBody(page, quota, 1, true)
  }
  const ranges = console.view.list('LimitRange', object.metadata.name)
  if (ranges.length === 0) page.raw('\nNo LimitRange resource.\n')
  else {
    page.raw('\nResource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n')
    page.line(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------')
    for (const range of ranges) limitRows(page, range, ' ')
  }
  return page.toString()
}

export function describeBudget(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  if (spec.minAvailable !== undefined) page.line(0, `Min available:\t${spec.minAvailable}`)
  else if (spec.maxUnavailable !== undefined) page.line(0, `Max unavailable:\t${spec.maxUnavailable}`)
  page.line(0, `Selector:\t${spec.selector ? formatSelector(spec.selector) : '<unset>'}`)
  page.line(0, 'Status:')
  page.line(2, `Allowed disruptions:\t${status.disruptionsAllowed ?? 0}`)
  page.line(2, `Current:\t${status.currentHealthy ?? 0}`)
  page.line(2, `Desired:\t${status.desiredHealthy ?? 0}`)
  page.line(2, `Total:\t${status.expectedPods ?? 0}`)
  return end(page, console, object, showEvents)
}

/** `resource cpu on pods  (as a percentage of request):  45% (90m) / 80%`. */
function metricLine(metric: Fields, status: Fields | undefined): string {
  const field = `${metric.type?.[0]?.toLowerCase()}${metric.type?.slice(1)}`
  const target = metric[field]?.target ?? {}
  const current = status?.[field]?.current
  if (metric.type === 'Resource' || metric.type === 'ContainerResource') {
    const subject = metric.type === 'Resource' ? `resource ${metric[field].name} on pods` : `resource ${metric[field].name} of container "${metric[field].container}" on pods`
    if (target.averageValue !== undefined) return `${subject}:\t${current?.averageValue ?? '<unknown>'} / ${target.averageValue}`
    const used = current?.averageUtilization
    return `${subject}  (as a percentage of request):\t${used === undefined || used === null ? '<unknown>' : `${used}% (${current.averageValue})`} / ${target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`
  }
  if (metric.type === 'Pods') return `${quoted(metric.pods.metric.name)} on pods:\t${current?.averageValue ?? '<unknown>'} / ${target.averageValue}`
  const average = target.averageValue !== undefined
  const subject = metric.type === 'Object' ? `"${metric.object.metric.name}" on ${metric.object.describedObject?.kind}/${metric.object.describedObject?.name}` : quoted(metric[field]?.metric?.name ?? '')
  return `${subject} (target ${average ? 'average value' : 'value'}):\t${(average ? current?.averageValue : current?.value) ?? '<unknown>'} / ${average ? target.averageValue : target.value}`
}

export function describeAutoscaler(console: Console, object: K8sObject, showEvents: boolean): string {
  const { spec = {}, status = {} } = object as K8sObject & { spec: Fields; status: Fields }
  const page = begin(object)
  page.labels('Labels', object.metadata.labels)
  page.annotations('Annotations', object.metadata.annotations)
  page.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  page.line(0, `Reference:\t${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}`)
  page.line(0, 'Metrics:\t( current / target )')
  for (const [i, metric] of ((spec.metrics ?? []) as Fields[]).entries()) page.line(1, metricLine(metric, status.currentMetrics?.[i]))
  page.line(0, `Min replicas:\t${spec.minReplicas ?? '<unset>'}`)
  page.line(0, `Max replicas:\t${spec.maxReplicas ?? 0}`)
  if (spec.behavior) {
    page.line(0, 'Behavior:')
    behavior(page, 'Scale Up', spec.behavior.scaleUp)
    behavior(page, 'Scale Down', spec.behavior.scaleDown)
  }
  page.line(0, `${spec.scaleTargetRef?.kind} pods:\t${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`)
  const conditions = (status.conditions ?? []) as Fields[]
  if (conditions.length > 0) {
    page.line(0, 'Conditions:')
    page.line(1, 'Type\tStatus\tReason\tMessage')
    page.line(1, '----\t------\t------\t-------')
    for (const condition of conditions) page.line(1, [condition.type, condition.status, condition.reason ?? '', condition.message ?? ''].join('\t'))
  }
  return end(page, console, object, showEvents)
}

function behavior(page: Page, title: string, rules: Fields | undefined): void {
  if (!rules) return
  page.line(1, `${title}:`)
  if (rules.stabilizationWindowSeconds !== undefined) page.line(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds`)
  const policies = (rules.policies ?? []) as Fields[]
  if (policies.length === 0) return
  page.line(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}`)
  page.line(2, 'Policies:')
  for (const policy of policies) page.line(3, `- Type: ${policy.type}\tValue: ${policy.value}\tPeriod: ${policy.periodSeconds} seconds`)
}
