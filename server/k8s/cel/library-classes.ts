/** Classes of values that the CEL library makes but does not export. */
import { evaluate } from '@marcbachmann/cel-js'

type Number64 = { valueOf(): bigint }
/** `valueOf` gives milliseconds. */
type Span = { readonly seconds: bigint; readonly nanos: number; valueOf(): number }

const classOf = <T>(expression: string): new (...values: never[]) => T => (evaluate(expression) as { constructor: new () => T }).constructor

export const UnsignedInt = classOf<Number64>('uint(1)')
export const Duration = classOf<Span>("duration('1s')")
