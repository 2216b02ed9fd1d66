/** Requests to the server as values: a reply, a problem it named, or nothing because it could not be reached. */
export type Talk<Reply> = { kind: 'ok'; reply: Reply } | { kind: 'problem'; status: number; code: string; detail: string; stored?: { answer: unknown; revision: number; savedAt: string | null } } | { kind: 'unreachable' }

/** Browsers refuse larger bodies of requests that outlive their page. */
const keepaliveMax = 60_000

export async function talk<Reply>(url: string, body?: unknown, { keepalive = false }: { keepalive?: boolean } = {}): Promise<Talk<Reply>> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  try {
    const response = await fetch(url, {
      method: text === undefined ? 'GET' : 'POST',
      headers: { Accept: 'application/json', ...(text === undefined ? {} : { 'Content-Type': 'application/json' }) },
      credentials: 'same-origin',
      cache: 'no-store',
      keepalive: keepalive && (text?.length ?? 0) < keepaliveMax,
      ...(text === undefined ? {} : { body: text }),
    })
    const json = (await response.json()) as Record<string, unknown>
    if (response.ok) return { kind: 'ok', reply: json as Reply }
    // Being told to wait is no verdict on what was sent.
    if (response.status === 429 || response.status >= 500) return { kind: 'unreachable' }
    return { kind: 'problem', status: response.status, code: String(json.code ?? ''), detail: String(json.detail ?? ''), ...(json.stored ? { stored: json.stored as never } : {}) }
  } catch {
    return { kind: 'unreachable' }
  }
}
