/** The functions that jq brings along, by name and number of arguments. */
import type { Json } from './jq-values.ts'
import { add, asText, compared, descendants, index, isObject, items, JqError, kindOf, shown, truthy } from './jq-values.ts'

type Function = (value: Json, args: ((input: Json) => Json[])[]) => Json[]

function list(value: Json, what: string): Json[] {
  if (!Array.isArray(value)) throw new JqError(`${shown(value)} cannot be ${what}, as it is not an array`)
  return value
}

function string(value: Json, what: string): string {
  if (typeof value !== 'string') throw new JqError(`${what} input must be a string`)
  return value
}

const byKey = (value: Json, key: (input: Json) => Json[], what: string): { one: Json; key: Json }[] => list(value, what).map((one) => ({ one, key: key(one) })).sort((a, b) => compared(a.key, b.key))

function grouped(value: Json, key: (input: Json) => Json[]): Json[][] {
  const groups: { key: Json; all: Json[] }[] = []
  for (const { one, key: own } of byKey(value, key, 'grouped')) {
    if (groups.length > 0 && compared(groups.at(-1)!.key, own) === 0) groups.at(-1)!.all.push(one)
    else groups.push({ key: own, all: [one] })
  }
  return groups.map(({ all }) => all)
}

function flattened(value: readonly Json[]): Json[] {
  return value.flatMap((one) => (Array.isArray(one) ? flattened(one) : [one]))
}

const entries = (value: Json): Json[] => Object.entries(isObject(value) ? value : {}).map(([key, one]) => ({ key, value: one }))
const fromEntries = (value: Json): Json => Object.fromEntries(items(value).map((entry) => [asText(index(entry, 'key') ?? index(entry, 'name')), index(entry, 'value')]))

function length(value: Json): number {
  if (value === null) return 0
  if (typeof value === 'boolean') throw new JqError(`${shown(value)} has no length`)
  return typeof value === 'number' ? Math.abs(value) : typeof value === 'string' ? [...value].length : items(value).length
}

function contains(a: Json, b: Json): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b)
  if (Array.isArray(a) && Array.isArray(b)) return b.every((one) => a.some((own) => contains(own, one)))
  if (isObject(a) && isObject(b)) return Object.keys(b).every((key) => Object.hasOwn(a, key) && contains(a[key]!, b[key]!))
  return compared(a, b) === 0
}

export const functions: Record<string, Function> = {
  'select/1': (value, [meets]) => meets!(value).filter(truthy).map(() => value),
  'map/1': (value, [each]) => [items(value).flatMap((one) => each!(one))],
  'map_values/1': (value, [each]) => [Array.isArray(value) ? value.flatMap((one) => each!(one).slice(0, 1)) : Object.fromEntries(Object.entries(isObject(value) ? value : {}).flatMap(([key, one]) => each!(one).slice(0, 1).map((made) => [key, made] as const)))],
  'length/0': (value) => [length(value)],
  'keys/0': (value) => [Array.isArray(value) ? value.map((_, i) => i) : Object.keys(isObject(value) ? value : {}).sort()],
  'keys_unsorted/0': (value) => [Object.keys(isObject(value) ? value : {})],
  'values/0': (value) => (value === null ? [] : [value]),
  'has/1': (value, [key]) => key!(value).map((name) => (Array.isArray(value) ? Number(name) < value.length : isObject(value) && Object.hasOwn(value, String(name)))),
  'in/1': (value, [of]) => of!(value).map((one) => isObject(one) && Object.hasOwn(one, String(value))),
  'contains/1': (value, [part]) => part!(value).map((one) => contains(value, one)),
  'inside/1': (value, [whole]) => whole!(value).map((one) => contains(one, value)),
  'test/1': (value, [pattern]) => pattern!(value).map((one) => new RegExp(String(one)).test(string(value, 'test'))),
  'test/2': (value, [pattern, flags]) => pattern!(value).map((one) => new RegExp(String(one), String(flags!(value)[0]).replaceAll(/[^i]/g, '')).test(string(value, 'test'))),
  'startswith/1': (value, [part]) => part!(value).map((one) => string(value, 'startswith()').startsWith(String(one))),
  'endswith/1': (value, [part]) => part!(value).map((one) => string(value, 'endswith()').endsWith(String(one))),
  'ltrimstr/1': (value, [part]) => part!(value).map((one) => (typeof value === 'string' && value.startsWith(String(one)) ? value.slice(String(one).length) : value)),
  'rtrimstr/1': (value, [part]) => part!(value).map((one) => (typeof value === 'string' && value.endsWith(String(one)) ? value.slice(0, value.length - String(one).length) : value)),
  'split/1': (value, [by]) => by!(value).map((one) => string(value, 'split').split(String(one))),
  'join/1': (value, [by]) => by!(value).map((one) => items(value).map((item) => (item === null ? '' : asText(item))).join(String(one))),
  'sub/2': (value, [pattern, by]) => [string(value, 'sub').replace(new RegExp(String(pattern!(value)[0])), String(by!(value)[0]))],
  'gsub/2': (value, [pattern, by]) => [string(value, 'gsub').replace(new RegExp(String(pattern!(value)[0]), 'g'), String(by!(value)[0]))],
  'ascii_downcase/0': (value) => [string(value, 'ascii_downcase').toLowerCase()],
  'ascii_upcase/0': (value) => [string(value, 'ascii_upcase').toUpperCase()],
  'tostring/0': (value) => [asText(value)],
  'tojson/0': (value) => [JSON.stringify(value)],
  'fromjson/0': (value) => [JSON.parse(string(value, 'fromjson')) as Json],
  'tonumber/0': (value) => {
    if (Number.isNaN(Number(value))) throw new JqError(`${shown(value)} cannot be parsed as a number`)
    return [Number(value)]
  },
  'type/0': (value) => [kindOf(value)],
  'add/0': (value) => [items(value).reduce(add, null)],
  'any/0': (value) => [items(value).some(truthy)],
  'all/0': (value) => [items(value).every(truthy)],
  'any/1': (value, [meets]) => [items(value).some((one) => meets!(one).some(truthy))],
  'all/1': (value, [meets]) => [items(value).every((one) => meets!(one).every(truthy))],
  'first/0': (value) => [index(value, 0)],
  'last/0': (value) => [index(value, -1)],
  'first/1': (value, [of]) => of!(value).slice(0, 1),
  'reverse/0': (value) => [typeof value === 'string' ? [...value].reverse().join('') : [...list(value, 'reversed')].reverse()],
  'sort/0': (value) => [[...list(value, 'sorted')].sort(compared)],
  'sort_by/1': (value, [key]) => [byKey(value, key!, 'sorted').map(({ one }) => one)],
  'group_by/1': (value, [key]) => [grouped(value, key!)],
  'unique/0': (value) => [grouped(value, (one) => [one]).map(([one]) => one!)],
  'unique_by/1': (value, [key]) => [grouped(value, key!).map(([one]) => one!)],
  'min_by/1': (value, [key]) => [byKey(value, key!, 'compared')[0]?.one ?? null],
  'max_by/1': (value, [key]) => [byKey(value, key!, 'compared').at(-1)?.one ?? null],
  'min/0': (value) => [[...list(value, 'compared')].sort(compared)[0] ?? null],
  'max/0': (value) => [[...list(value, 'compared')].sort(compared).at(-1) ?? null],
  'flatten/0': (value) => [flattened(list(value, 'flattened'))],
  'to_entries/0': (value) => [entries(value)],
  'from_entries/0': (value) => [fromEntries(value)],
  'with_entries/1': (value, [each]) => [fromEntries(entries(value).flatMap((entry) => each!(entry)))],
  'recurse/0': (value) => descendants(value),
}
