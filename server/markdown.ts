/** Markdown to HTML: one renderer for questions and pages. Raw HTML is off, so its output is safe to put into a page as it is. */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import dockerfile from 'highlight.js/lib/languages/dockerfile'
import go from 'highlight.js/lib/languages/go'
import json from 'highlight.js/lib/languages/json'
import yaml from 'highlight.js/lib/languages/yaml'
import MarkdownIt from 'markdown-it'
import { flowDiagram } from './flow-diagram.ts'

hljs.registerLanguage('bash', bash)
hljs.registerLanguage('dockerfile', dockerfile)
hljs.registerLanguage('go', go)
hljs.registerLanguage('json', json)
hljs.registerLanguage('yaml', yaml)
hljs.registerAliases(['shell', 'sh'], { languageName: 'bash' })

const markdown = new MarkdownIt({
  html: false,
  linkify: false,
  typographer: false,
  highlight: (code, language) => (language !== '' && hljs.getLanguage(language) ? hljs.highlight(code, { language, ignoreIllegals: true }).value : ''),
})

/** `section:` and `question:` lead to pages of the site; nothing but those, http, https and paths is a link. */
markdown.validateLink = (url) => /^(https?:\/\/|\/(?!\/)|#|section:|question:)/i.test(url.trim())
markdown.normalizeLink = ((normalize) => (url: string) => normalize(url.replace(/^section:/, '/sections/').replace(/^question:/, '/practice/')))(markdown.normalizeLink)

const plainLink = markdown.renderer.rules.link_open ?? ((tokens, index, options, _env, self) => self.renderToken(tokens, index, options))
markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
  if (/^https?:/i.test(tokens[index]!.attrGet('href')?.toString() ?? '')) tokens[index]!.attrSet('rel', 'noopener noreferrer nofollow')
  return plainLink(tokens, index, options, env, self)
}

const plainFence = markdown.renderer.rules.fence!
markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
  const token = tokens[index]!
  const diagram = token.info.trim() === 'flow' ? flowDiagram(token.content) : undefined
  // Wide output scrolls inside its box, and a keyboard can scroll it.
  return diagram ?? plainFence(tokens, index, options, env, self).replace(/^<pre>/, '<pre tabindex="0">')
}

/** A whole text with paragraphs, lists and code. */
export function renderMarkdown(text: string): string {
  return markdown.render(text)
}

/** One line without a surrounding paragraph, for choices and titles. */
export function renderInline(text: string): string {
  return markdown.renderInline(text)
}
