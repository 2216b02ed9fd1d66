/** The source of a rule without its words. */
export function withoutWords(source: string): string
