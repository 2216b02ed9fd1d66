/** The part of autocannon that the benchmarks use; the package brings no types. */
declare module 'autocannon' {
  type Request = { method: string; setupRequest: (request: object) => object; onResponse: (status: number, body: string) => void }
  type Client = { setRequests: (requests: Request[]) => void }
  type Result = { duration: number; '2xx': number; non2xx: number; errors: number; latency: { p50: number; p99: number } }
  export default function autocannon(options: { url: string; connections: number; duration: number; setupClient: (client: Client) => void }): Promise<Result>
}
