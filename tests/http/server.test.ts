import { createServer as createPlainServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WrongSettings, loadConfig } from '../../server/config.ts'
import { startServer } from '../../server/main.ts'
import { testBankFiles, writeTestBank } from '../support/bank.ts'
import { temporaryFolder } from '../support/database.ts'

const folder = temporaryFolder()
const env = (more: Record<string, string> = {}) => ({ NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', HOST: '127.0.0.1', DATABASE_URL: `file:${join(folder.path, 'server.db')}`, QUESTIONS_DIR: join(folder.path, 'bank'), ...more })
beforeAll(() => writeTestBank(join(folder.path, 'bank')))
afterAll(() => folder.remove())

describe('the server', () => {
  it('starts on an empty folder, answers, stops, and starts again on what it left', async () => {
    for (let round = 0; round < 2; round++) {
      const running = await startServer(loadConfig(env()))
      expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
      const schema = await fetch(`${running.url}/schemas/scenario.json`)
      expect([schema.status, schema.headers.get('content-type')?.split(';')[0], (await schema.json() as { title: string }).title]).toEqual([200, 'application/schema+json', 'scenario.yaml'])
      expect((await fetch(`${running.url}/schemas/simulate.json`)).status).toBe(200)
      expect((await fetch(running.url)).headers.get('content-type')).toContain('text/html')
      await running.stop()
      await expect(fetch(`${running.url}/healthz`)).rejects.toThrow()
    }
  })
  it('says what to do when the port is taken', async () => {
    const other = createPlainServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await expect(startServer(loadConfig(env({ PORT: String(port) })))).rejects.toThrow(`Port ${port} is in use.`)
    other.close()
  })
  it.each([
    [{ HOST: '203.0.113.1' }, 'HOST=203.0.113.1 is not an address of this machine'],
    [{ QUESTIONS_DIR: '/nowhere/questions' }, 'QUESTIONS_DIR=/nowhere/questions: there is no such folder.'],
  ])('says what is wrong with %j', async (more, message) => {
    await expect(startServer(loadConfig(env(more)))).rejects.toThrow(message)
  })
  it('a broken question stops the start with file and line', async () => {
    const file = '01-first/01-only/pick-one/question.md'
    writeTestBank(join(folder.path, 'broken'), { [file]: testBankFiles()[file]!.replace('difficulty: 1', 'difficulty: 9') })
    await expect(startServer(loadConfig(env({ QUESTIONS_DIR: join(folder.path, 'broken') })))).rejects.toThrow(`${file}:4:13: difficulty`)
  })
})

describe('settings', () => {
  it('have defaults that work on a laptop', () => {
    expect(loadConfig({})).toMatchObject({ port: 3000, baseUrl: 'http://localhost:3000', databaseUrl: 'file:./data/readyz.db', nodeEnv: 'local' })
    expect(loadConfig({ PORT: '8080', HOST: '' })).toMatchObject({ port: 8080, baseUrl: 'http://localhost:8080', host: undefined })
  })
  it('name everything that is wrong at once, with what would be right', () => {
    const read = () => loadConfig({ PORT: '99999', LOG_LEVEL: 'loud', DATABASE_URL: 'postgresql://x', BASE_URL: 'quiz.example.com', NODE_ENV: 'production' })
    expect(read).toThrow(WrongSettings)
    for (const part of ['PORT=99999: write a whole number from 0 to 65535', 'LOG_LEVEL=loud: one of silent, error, warn, info, debug', 'DATABASE_URL=postgresql://x: write file:', 'BASE_URL=quiz.example.com: write http://']) expect(read).toThrow(part)
    expect(() => loadConfig({ NODE_ENV: 'production' })).toThrow('BASE_URL is not set')
  })
})
