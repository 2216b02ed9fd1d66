/** `$(( ))`: integers with C's operators and precedence, variables by name. */

const levels: string[][] = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<=', '>=', '<', '>'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']]

/** Value of an expression; `lookup` gives the text of a variable. Throws an Error in the shell's words. */
export function evaluateArithmetic(text: string, lookup: (name: string) => string): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|\|\||&&|==|!=|<=|>=|<<|>>|[-+*/%()<>!~&|^?:]|\S/g) ?? []
  let at = 0
  const fail = (): never => {
    throw new Error('arithmetic syntax error')
  }
  const primary = (): number => {
    const token = tokens[at++]
    if (token === undefined) return fail()
    if (token === '(') {
      const value = ternary()
      if (tokens[at++] !== ')') fail()
      return value
    }
    if (token === '-') return -primary()
    if (token === '+') return primary()
    if (token === '!') return primary() === 0 ? 1 : 0
    if (token === '~') return ~primary()
    if (token === '$') return primary()
    if (/^\d+$/.test(token)) return Number(token)
    if (!/^[A-Za-z_]/.test(token)) return fail()
    const value = lookup(token)
    return value === '' ? 0 : /^-?\d+$/.test(value) ? Number(value) : fail()
  }
  const binary = (level: number): number => {
    if (level === levels.length) return primary()
    let left = binary(level + 1)
    while (tokens[at] !== undefined && levels[level]!.includes(tokens[at]!)) left = apply(tokens[at++]!, left, binary(level + 1))
    return left
  }
  const ternary = (): number => {
    const condition = binary(0)
    if (tokens[at] !== '?') return condition
    at++
    const yes = ternary()
    if (tokens[at++] !== ':') fail()
    const no = ternary()
    return condition !== 0 ? yes : no
  }
  if (tokens.length === 0) return 0
  const value = ternary()
  return at === tokens.length ? value : fail()
}

function apply(operator: string, a: number, b: number): number {
  if ((operator === '/' || operator === '%') && b === 0) throw new Error('divide by zero')
  const is = (truth: boolean): number => (truth ? 1 : 0)
  switch (operator) {
    case '+': return a + b
    case '-': return a - b
    case '*': return a * b
    case '/': return Math.trunc(a / b)
    case '%': return a % b
    case '<<': return a << b
    case '>>': return a >> b
    case '<': return is(a < b)
    case '>': return is(a > b)
    case '<=': return is(a <= b)
    case '>=': return is(a >= b)
    case '==': return is(a === b)
    case '!=': return is(a !== b)
    case '&': return a & b
    case '^': return a ^ b
    case '|': return a | b
    case '&&': return is(a !== 0 && b !== 0)
    default: return is(a !== 0 || b !== 0)
  }
}
