/** What an image reference says (distribution/reference: `[registry/]path[:tag][@digest]`). */

export type ImageParts = { name: string; tag?: string; digest?: string }

/** The parts of a reference. A tag stands after the last slash only: a colon before it belongs to the port of a registry. */
export function imageOf(reference: string): ImageParts {
  const [rest, digest] = split(reference, reference.indexOf('@'))
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  const [name, tag] = split(rest, colon)
  return { name, ...(tag !== undefined ? { tag } : {}), ...(digest !== undefined ? { digest } : {}) }
}

function split(text: string, at: number): [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
