export const bundledVerbs: readonly string[]
export function buildCli(options?: { out?: string }): Promise<void>
