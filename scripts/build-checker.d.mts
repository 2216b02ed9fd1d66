export function buildChecker(options?: { out?: string }): Promise<void>
