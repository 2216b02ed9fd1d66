import type { Plugin } from 'esbuild'

export const bundledVerbs: readonly string[]
export function buildForNode(options: { entryPoints: readonly string[]; out: string; plugins?: readonly Plugin[] }): Promise<void>
export function buildCli(options?: { out?: string }): Promise<void>
