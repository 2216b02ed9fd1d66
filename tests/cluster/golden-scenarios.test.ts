import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { folder, playGolden } from '../support/golden-scenario.ts'

const names = readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -5)).sort()

describe('the golden scenarios', () => {
  it('are thirty', () => expect(names).toHaveLength(30))
  it.each(names)('%s looks as before', (name) => {
    const play = playGolden(name)
    expect(play.simulation.result.completed).toBe(true)
    for (const [text, suffix] of [[play.timeline, 'timeline'], [play.kubectl, 'kubectl']] as const) {
      const file = new URL(`${name}.${suffix}.txt`, folder)
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text)
      expect(existsSync(file)).toBe(true)
      expect(text).toBe(readFileSync(file, 'utf8'))
    }
  })
})
