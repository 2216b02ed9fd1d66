/** Modules that scripts/client-plugins.mjs makes. */
declare module '*.hbs' {
  const spec: unknown
  export default spec
}
declare module 'rule-words' {
  import type { RuleWords } from '../../server/checker/index.ts'
  export const words: Readonly<Record<string, RuleWords>>
}
declare module 'schemas-workloads' {
  export const part: { kinds: string[]; types: Record<string, string> }
}
declare module 'schemas-usual' {
  export const part: { kinds: string[]; types: Record<string, string> }
}
declare module 'schemas-rest' {
  export const part: { kinds: string[]; types: Record<string, string> }
  export const older: unknown[]
}
declare module 'custom-judge' {
  export { judge } from '../../server/apiserver/custom/judge.ts'
}
