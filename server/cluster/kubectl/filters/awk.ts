/** The awk that one-liners need: patterns, BEGIN and END, print and printf, fields, variables, arrays, if, for-in and the common functions. */
import type { Filter } from './filter.ts'
import { isFiltered, linesOf, readOptions, refused, textOf } from './filter.ts'
import { Parser, unescaped } from './awk-parser.ts'
import type { Rule } from './awk-world.ts'
import { Leave, World, numeric, truthy } from './awk-world.ts'
import { ProgramError } from './tokens.ts'

/** Runs a rule; true when the program says that it is over. */
function leaves(world: World, { meets, act }: Rule): 'next' | 'exit' | undefined {
  try {
    if (meets && !truthy(meets(world))) return undefined
    if (act) act(world)
    else world.out += `${world.line}\n`
  } catch (error) {
    if (!(error instanceof Leave)) throw error
    return error.how
  }
  return undefined
}

export const awk: Filter = (words, input) => {
  const read = readOptions('awk', words, '', 'Fv')
  if (isFiltered(read)) return read
  const program = read.rest.shift()
  if (program === undefined) return refused('usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]', 2)
  try {
    const rules = new Parser(program).rules()
    const world = new World()
    if (read.values.has('F')) world.variables.set('FS', unescaped(read.values.get('F')!))
    const [name = '', value = ''] = (read.values.get('v') ?? '').split(/=(.*)/s)
    if (name !== '') world.variables.set(name, value)
    const over = rules.filter((rule) => rule.when === 'BEGIN').some((rule) => leaves(world, rule) === 'exit')
    const needsLines = rules.some((rule) => rule.when !== 'BEGIN')
    if (needsLines && !over) {
      const text = textOf('awk', read.rest, input)
      if (isFiltered(text)) return text
      lines: for (const line of linesOf(text)) {
        world.count()
        world.variables.set('NR', numeric(world.variables.get('NR')!) + 1)
        world.read(line)
        for (const rule of rules.filter((one) => one.when === 'line')) {
          const how = leaves(world, rule)
          if (how === 'exit') break lines
          if (how === 'next') break
        }
      }
      for (const rule of rules.filter((one) => one.when === 'END')) if (leaves(world, rule) === 'exit') break
    }
    return { stdout: world.out, stderr: '', exitCode: 0 }
  } catch (error) {
    if (!(error instanceof ProgramError || error instanceof SyntaxError)) throw error
    return refused(`awk: ${error.message}`, 2)
  }
}
