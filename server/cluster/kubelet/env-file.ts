/** Files of variables, in the strict part of the shell's syntax that fileKeyRef understands since 1.35 (pkg/kubelet/util/env/env_util.go:ParseEnv). */

/**
 * The value of a variable, '' when the file does not set it, undefined when the file cannot be parsed up to there. Values stand in single quotes, may go over several
 * lines and are taken as they are; a comment may follow the closing quote. A blank before `=` is an error, and one after it means that the variable is empty.
 * Example: `A='x' # note` sets A to x; `A=x` and `A = 'x'` are errors.
 */
export function variableIn(text: string, key: string): { value: string } | undefined {
  const lines = text.split(/\r?\n/)
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    const name = line.slice(0, Math.max(0, equals))
    if (equals <= 0 || /[ \t]$/.test(name)) return undefined
    const value = line.slice(equals + 1)
    if (/^[ \t]/.test(value)) {
      if (name === key) return { value: '' }
      continue
    }
    if (!value.startsWith("'")) return undefined
    let content = ''
    let rest = value.slice(1)
    for (let end = rest.indexOf("'"); end < 0; end = rest.indexOf("'")) {
      content += `${rest}\n`
      i++
      if (i >= lines.length) return undefined
      rest = lines[i]!
    }
    const end = rest.indexOf("'")
    content += rest.slice(0, end)
    if (!/^[ \t]*(#|$)/.test(rest.slice(end + 1))) return undefined
    if (name === key) return { value: content }
  }
  return { value: '' }
}
