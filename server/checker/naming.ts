/** How messages call things. */
import type { K8sObject } from '../k8s/object.ts'
import type { Change, Report, Text } from './rule.ts'

/** `ConfigMap game/login`; without a namespace `ConfigMap login`. */
export function called(object: K8sObject): string {
  const { namespace, name, generateName } = object.metadata
  return `${object.kind} ${namespace ? `${namespace}/` : ''}${name ?? generateName ?? ''}`
}

/** `a, b, c`; of many the first eight and how many more. */
export function listed(names: readonly string[]): Text {
  const shown = names.slice(0, 8).join(', ')
  const more = names.length - 8
  return more > 0 ? { en: `${shown} and ${more} more`, 'zh-CN': `${shown} 等 ${names.length} 个` } : { en: shown, 'zh-CN': shown }
}

/** Two sentences after each other in both languages. Chinese ones stand without a space. */
export function sentences(...texts: readonly Text[]): Text {
  return { en: texts.map(({ en }) => en).join(' '), 'zh-CN': texts.map((text) => text['zh-CN']).join('') }
}

/** The quick fix that writes another value. */
export function setTo(path: Report['at'], value: unknown): Change {
  const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value)
  return { title: { en: `Change it to ${shown}`, 'zh-CN': `改为 ${shown}` }, path, value }
}

/** The quick fix that removes a field. */
export function remove(path: Report['at'], name: string): Change {
  return { title: { en: `Remove ${name}`, 'zh-CN': `删除 ${name}` }, path }
}
