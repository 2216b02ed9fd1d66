/** Redirects: a probe follows those that stay on the host, and says so where one leads away; curl and wget follow as they do. */
import { describe, expect, it } from 'vitest'
import type { Fields } from '../../server/k8s/object.ts'
import { pod, world } from './runtime/world.ts'

const hop = (to: string, more: Fields = {}): Fields => ({ redirect: to, latency: '1ms', ...more })
const chain = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`/hop${i}`, i === 11 ? {} : hop(`/hop${i + 1}`)]))
const paths = { '/ok': {}, '/same': hop('/ok'), '/relative': hop('ok'), '/away': hop('https://login.example/'), '/plain': { status: 304, body: '' }, '/tls': hop('https://10.244.0.2:8443/ok'), '/gone': hop('/nowhere'), '/slow': hop('/late'), '/late': { latency: '5s' }, '/old': hop('/ok', { status: 301 }), '/bare': hop('//localhost:8080/ok'), '/loop': hop('/loop'), ...chain }

function probed(path: string, kind = 'readinessProbe') {
  const w = world({ image: { entrypoint: ['/app'], tools: ['curl'] }, listen: [{ port: 8080 }], http: paths }, [pod({ [kind]: { httpGet: { path, port: 8080 }, periodSeconds: 5, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 } })])
  w.to(20_000)
  const said = (reason: string): string[] => w.cluster.timeline.filter((entry) => entry.kind === 'event' && entry.ref?.name === 'web' && entry.data?.reason === reason).map((entry) => entry.data!.message as string)
  return { w, ready: w.cluster.view.get('Pod', 'game', 'web')!.status!.containerStatuses[0].ready as boolean, warnings: said('ProbeWarning'), unhealthy: said('Unhealthy').filter((text) => !text.includes('refused')) }
}

describe('a probe', () => {
  it.each(['/same', '/relative', '/old', '/hop2'])('follows %s on the same host', (path) => expect(probed(path)).toMatchObject({ ready: true, warnings: [], unhealthy: [] }))
  it('does not follow to another host: it passes, with a warning each time', () => {
    const { ready, warnings } = probed('/away')
    expect([ready, warnings[0], warnings.length > 2]).toEqual([true, 'Readiness probe warning: Probe terminated redirects, Response body: <a href="https://login.example/">Found</a>.\n\n', true])
    expect(probed('/away', 'livenessProbe').warnings[0]).toContain('Liveness probe warning: Probe terminated redirects')
  })
  it('passes with a warning on a 3xx that leads nowhere', () => expect(probed('/plain')).toMatchObject({ ready: true, warnings: expect.arrayContaining(['Readiness probe warning: Probe terminated redirects, Response body: ']) }))
  it('gives up after ten', () => {
    expect(probed('/hop1')).toMatchObject({ ready: false, unhealthy: expect.arrayContaining(['Readiness probe failed: Get "/hop11": stopped after 10 redirects']) })
    expect(probed('/loop').unhealthy[0]).toBe('Readiness probe failed: Get "/loop": stopped after 10 redirects')
  })
  it('fails as the page it is sent to does, within one time-out for all', () => {
    expect(probed('/gone').unhealthy[0]).toBe('Readiness probe failed: HTTP probe failed with statuscode: 404')
    expect(probed('/slow').unhealthy[0]).toMatch(/^Readiness probe failed: Get "http:\/\/[\d.]+:8080\/late": context deadline exceeded \(Client\.Timeout exceeded while awaiting headers\)$/)
    expect(probed('/tls').unhealthy.concat(probed('/tls').warnings)[0]).toMatch(/^Readiness probe (failed: Get "https:\/\/10\.244\.0\.2:8443\/ok": dial tcp|warning: Probe terminated)/)
  })
})

it('curl follows only with -L, wget by itself, both not for ever', () => {
  const { w } = probed('/ok')
  const run = (script: string) => w.container().exec(['sh', '-c', script])
  expect(run('curl -s http://localhost:8080/same').stdout).toBe('<a href="/ok">Found</a>.\n\n')
  expect(run('curl -sI http://localhost:8080/old').stdout).toBe('HTTP/1.1 301 Moved Permanently\nLocation: /ok\n\n')
  expect(run('curl -sL http://localhost:8080/same').stdout).toBe('ok')
  expect(run('curl -sL http://localhost:8080/bare').stdout).toBe('ok')
  expect(run('curl -L http://localhost:8080/loop')).toMatchObject({ exitCode: 47, stderr: 'curl: (47) Maximum (50) redirects followed\n' })
  expect(run('wget -qO- http://localhost:8080/same').stdout).toBe('ok')
  expect(run('wget -qO- http://localhost:8080/loop')).toMatchObject({ exitCode: 1, stderr: 'wget: too many redirections\n' })
})
