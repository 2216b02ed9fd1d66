/** Every page and both faces of every question type on one list, for those who work on them. Mounted in development only. */
import { Router } from 'express'
import { readBank } from '../../bank/index.ts'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../errors.ts'
import { galleryEntries } from '../pages/gallery.ts'
import type { GalleryEntry } from '../pages/gallery.ts'
import type { Language } from '../../question-types/index.ts'
import { languageOf, plainShellOf } from '../shell.ts'
import type { Views } from '../views.ts'

export function galleryRoutes(deps: Deps, views: Views): Router {
  const router = Router()
  const made = new Map<Language, GalleryEntry[]>()
  /** Made once: reading the whole bank for every page would be slow. */
  const entriesFor = (language: Language): GalleryEntry[] => {
    const entries = made.get(language) ?? galleryEntries(readBank(deps.config.questionsDir), language)
    made.set(language, entries)
    return entries
  }
  router.get('/dev/gallery', (req, res) => {
    const entries = entriesFor(languageOf(req)).map(({ name }) => ({ name }))
    res.set('Cache-Control', 'no-store').type('html').send(views.page('gallery', { title: 'Gallery', entries }, plainShellOf(req)))
  })
  router.get('/dev/gallery/:name', (req, res) => {
    const entry = entriesFor(languageOf(req)).find(({ name }) => name === req.params.name)
    if (!entry) throw notFound()
    res.set('Cache-Control', 'no-store').type('html').send(views.page(entry.page, entry.model, plainShellOf(req)))
  })
  return router
}
