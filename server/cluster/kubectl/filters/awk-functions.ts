/** The functions that awk brings along. */
import { expression } from './filter.ts'
import { ProgramError } from './tokens.ts'
import type { Expression, Value, World } from './awk-world.ts'
import { numeric, printfText, textual } from './awk-world.ts'

type Called = (world: World, args: readonly Expression[], names: readonly string[]) => Value

const text = (world: World, value: Expression | undefined, instead = ''): string => (value ? textual(value(world)) : instead)

/** sub and gsub change a field, the line or a variable. */
const substitute = (all: boolean): Called => (world, args, names) => {
  const [pattern, by] = args
  if (args.length > 2 && !names[2]) throw new ProgramError('this console changes the whole line or a variable with sub and gsub, not one field')
  const search = expression(text(world, pattern), true, all ? 'g' : '')
  const target = names[2]
  const old = target ? textual(world.variables.get(target) ?? '') : world.line
  let count = 0
  const changed = old.replace(search, (found: string) => {
    count++
    return text(world, by).replaceAll(/(?<!\\)&/g, found)
  })
  if (target) world.variables.set(target, changed)
  else world.read(changed)
  return count
}

export const functions: Record<string, Called> = {
  length: (world, [value], names) => (names[0] && world.arrays.has(names[0]) ? world.array(names[0]).size : text(world, value, world.line).length),
  substr: (world, [value, from, count]) => {
    const start = Math.max(0, numeric(from!(world)) - 1)
    return text(world, value).slice(start, count ? start + numeric(count(world)) : undefined)
  },
  index: (world, [value, part]) => text(world, value).indexOf(text(world, part)) + 1,
  toupper: (world, [value]) => text(world, value).toUpperCase(),
  tolower: (world, [value]) => text(world, value).toLowerCase(),
  int: (world, [value]) => Math.trunc(numeric(value!(world))),
  sub: substitute(false),
  gsub: substitute(true),
  match: (world, [value, pattern]) => text(world, value).search(expression(text(world, pattern), true)) + 1,
  sprintf: (world, [format, ...list]) => printfText(text(world, format), list.map((one) => textual(one(world)))),
  split: (world, [value, , by], names) => {
    const parts = text(world, value).split(by ? text(world, by) : /\s+/).filter((part) => by !== undefined || part !== '')
    const array = world.array(names[1]!)
    array.clear()
    for (const [i, part] of parts.entries()) array.set(String(i + 1), part)
    return parts.length
  },
}
