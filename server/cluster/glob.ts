/** Patterns of kubectl and of registries' credentials. */

/** Does the text match a pattern in which `*` stands for anything? Each `*` takes as little as it can, so the time grows with the product of the lengths and no more. */
export function globMatches(pattern: string, text: string): boolean {
  let [at, star, resume] = [0, -1, 0]
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') [star, resume] = [at++, i]
    else if (pattern[at] === text[i]) [at, i] = [at + 1, i + 1]
    else if (star < 0) return false
    else [at, i] = [star + 1, ++resume]
  }
  return /^\**$/.test(pattern.slice(at))
}
