import { describe, expect, it } from 'vitest'
import { renderMarkdown } from '../server/markdown.ts'

describe('renderMarkdown', () => {
  it.each(['<script>alert(1)</script>', '[x](javascript:alert(1))', '![x](data:text/html,hi)', '```flow\n<img> -> "b": <i>\n```', '<a href="x" onclick="y">', '[x](//evil.example)'])('lets no markup through: %s', (text) => {
    const html = renderMarkdown(text)
    expect(html).not.toMatch(/<script|<img|<i>|href="javascript|href="data|<a href="x"|href="\/\/|style=/)
  })
  it('highlights YAML and shell, marks outside links', () => {
    expect(renderMarkdown('```yaml\na: 1\n```')).toContain('hljs-attr')
    expect(renderMarkdown('```shell\nkubectl get pods # x\n```')).toContain('hljs-comment')
    expect(renderMarkdown('[x](https://example.com)')).toContain('rel="noopener noreferrer nofollow"')
    expect(renderMarkdown('[x](section:s31-service)')).toContain('href="/sections/s31-service"')
  })
  it('draws flows that can be read aloud', () => {
    const html = renderMarkdown('```flow\nService -> EndpointSlice: selector\nEndpointSlice -> Pod\n```')
    expect(html).toContain('aria-label="Service → EndpointSlice (selector); EndpointSlice → Pod"')
    expect(html).toContain('<svg role="img"')
    expect(renderMarkdown('```flow\nnot an arrow\n```')).toContain('<code')
  })
})
