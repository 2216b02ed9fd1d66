/** A saving browser for the crash test: remembers what was acknowledged, sends again what was not. */
import http from 'node:http'

export type Reply = { status: number; headers: http.IncomingHttpHeaders; body: string }

const agent = new http.Agent({ keepAlive: true, maxSockets: 100 })

/** Rejects when the connection breaks before the reply is complete. */
export function send(port: number, method: string, path: string, { cookie = '', type = 'application/json', accept = 'application/json', body = '' } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { accept, 'sec-fetch-site': 'same-origin', cookie, ...(method === 'POST' ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : {}) }
    const request = http.request({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
      response.on('aborted', () => reject(new Error('aborted')))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** What the server has promised about one attempt. */
export type Promised = { attemptId: string; slot: number; revision: number; answer: string | null; pending: string | null; finishAsked: boolean; finished: boolean }

export class Browser {
  readonly promises: Promised[] = []
  /** Replies that break a promise, in words. */
  readonly broken: string[] = []
  acknowledged = 0
  #cookie = ''
  #count = 0
  readonly #name: string
  readonly #random: () => number

  constructor(name: string, random: () => number) {
    this.#name = name
    this.#random = random
  }

  /** Saves and now and then hands in, until the connection breaks. */
  async run(port: number): Promise<void> {
    try {
      for (;;) await this.#step(port)
    } catch {
      // The server is gone; everything acknowledged so far is written down.
    }
  }

  async #step(port: number): Promise<void> {
    const current = this.promises.at(-1)
    if (!current || current.finished) return this.#start(port)
    if (current.finishAsked || (current.pending === null && this.#random() < 0.02)) return this.#finish(port, current)
    await this.#save(port, current)
  }

  async #start(port: number): Promise<void> {
    const { status, headers } = await send(port, 'POST', '/exams/everything/attempts', { cookie: this.#cookie, type: 'application/x-www-form-urlencoded', accept: 'text/html', body: `name=${this.#name}` })
    const attemptId = /^\/attempts\/([\w-]+)/.exec(headers.location ?? '')?.[1]
    const cookie = headers['set-cookie']?.map((one) => one.split(';')[0]).find((one) => one?.startsWith('readyz_session='))
    if (cookie) this.#cookie = cookie
    if (!attemptId) return void this.broken.push(`starting answered ${status} to ${headers.location ?? 'nowhere'}`)
    if (this.promises.some((one) => one.attemptId === attemptId)) return void this.broken.push(`a finished attempt was opened again: ${attemptId}`)
    const page = JSON.parse((await send(port, 'GET', `/attempts/${attemptId}/state`, { cookie: this.#cookie })).body) as { revisions: Record<string, number> }
    // The short answer takes any text; types stand in the order of the blueprint.
    const slot = 6
    this.promises.push({ attemptId, slot, revision: page.revisions[slot]!, answer: null, pending: null, finishAsked: false, finished: false })
  }

  async #save(port: number, current: Promised): Promise<void> {
    current.pending ??= `${this.#name} ${this.#count++}`
    const { status, body } = await send(port, 'POST', `/attempts/${current.attemptId}/${current.slot}/answer`, { cookie: this.#cookie, body: JSON.stringify({ revision: current.revision, answer: current.pending }) })
    if (status !== 200) {
      this.broken.push(`saving answered ${status}: ${body}`)
      throw new Error('stop')
    }
    current.revision = (JSON.parse(body) as { revision: number }).revision
    current.answer = current.pending
    current.pending = null
    this.acknowledged++
  }

  async #finish(port: number, current: Promised): Promise<void> {
    current.finishAsked = true
    const { status } = await send(port, 'POST', `/attempts/${current.attemptId}/finish`, { cookie: this.#cookie, body: '{}' })
    if (status !== 200) this.broken.push(`finishing answered ${status}`)
    current.finished = true
    this.acknowledged++
  }
}
