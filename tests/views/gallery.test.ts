import { expect, test } from 'vitest'
import { readBank } from '../../server/bank/index.ts'
import { galleryEntries } from '../../server/http/pages/gallery.ts'
import { createViews } from '../../server/http/views.ts'
import { languages, questionTypes } from '../../server/question-types/index.ts'

const bank = readBank('questions')
const views = createViews()

for (const language of languages) {
  const entries = galleryEntries(bank, language)
  for (const { name, page, model } of entries) {
    test(`${name} in ${language}`, () => {
      const html = views.page(page, model, { language, theme: 'auto', path: '/' })
      expect(html).toContain(`<html lang="${language}"`)
      expect(html.match(/<h1[ >]/g)).toHaveLength(1)
      expect(html.match(/<main /g)).toHaveLength(1)
      // A value that was forgotten, a key without a text, or a model printed as it is.
      expect(html.replace(/<pre[\s\S]*?<\/pre>|<textarea[\s\S]*?<\/textarea>/g, '')).not.toMatch(/\[object Object\]|>undefined<|"undefined"|NaN/)
      expect(html).not.toMatch(/<script(?![^>]*src=)|style="|on(click|load|error)=/)
      const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
      for (const [, target] of html.matchAll(/ (?:for|aria-labelledby|aria-describedby)="([^"]+)"/g)) for (const id of target!.split(' ')) expect(ids).toContain(id)
    })
  }
}

test('the gallery shows every page and both faces of every type', () => {
  const entries = galleryEntries(bank, 'en')
  const shown = new Set(entries.map(({ page }) => page))
  expect(views.names.filter((name) => !shown.has(name) && name !== 'gallery')).toEqual([])
  for (const { name } of questionTypes) expect(entries.map((entry) => entry.name)).toEqual(expect.arrayContaining([`exam-${name}`, `practice-${name}`]))
})

test('headings go down one step at a time', () => {
  for (const { name, page, model } of galleryEntries(bank, 'en')) {
    const html = views.page(page, model, { language: 'en', theme: 'auto', path: '/' })
    const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level))
    for (const [index, level] of levels.entries()) expect(level, `${name}: h${level} after h${levels[index - 1]}`).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1)
  }
})

test('text of people and questions is escaped', () => {
  const html = views.page('error', { title: '<script>', code: 'conflict', status: 409, sent: [{ name: 'answer', value: '<img src=x onerror=alert(1)>' }] }, { language: 'en', theme: 'auto', path: '/"><script>' })
  expect(html).not.toMatch(/<img|<script>/)
})
