/** Name in the source → name on disk. */
export function buildClient(options?: { out?: string; minify?: boolean }): Promise<Record<string, string>>
