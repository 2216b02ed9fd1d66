/** What looks like a secret that somebody wrote down. Only what is hard to mistake: a name that says so with a value that could be one, or a value of a known form. */

const secretName = /(^|[_.-])(password|passwd|passphrase|pwd|secret|secret_?key|api_?key|private_?key|access_?key|auth_?key|signing_?key|encryption_?key|auth_?token|access_?token|refresh_?token|bearer_?token|api_?token|bot_?token)$/
const notASecret = /^(|true|false|yes|no|none|null|disabled|enabled|changeme|example|placeholder|todo|unset|<.*>|\{\{.*\}\}|\$\{.*\}|\$\(.*\)|x+|\*+|\d{1,3})$/i
/** A place to find it at, not the thing itself. */
const reference = /^(\.{0,2}\/|[a-z][a-z0-9+.-]*:\/\/(?![^/@\s]+:[^/@\s]+@)|(arn|vault|ref|file|env|secretsmanager|projects)[:/])/i
const knownForms: readonly [RegExp, string][] = [
  [/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/, 'private key'],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, 'AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36}\b/, 'GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20}\b/, 'GitLab token'],
  [/\bxox[abprs]-[A-Za-z0-9-]{20,}/, 'Slack token'],
  [/\bsk_live_[A-Za-z0-9]{20,}/, 'Stripe key'],
  [/\bAIza[A-Za-z0-9_-]{35}\b/, 'Google API key'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/, 'JSON Web Token'],
]
const urlPassword = /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s/@]+)@/i

/** Does a name promise a secret? Both `DB_PASSWORD` and `dbPassword` do; `PASSWORD_FILE` and `TOKEN_TTL` do not. */
export function looksLikeSecretName(name: string): boolean {
  return secretName.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase())
}

/** What a value under this name seems to be, in English words for a message, or undefined. */
export function looksSecret(name: string, value: string): string | undefined {
  const text = value.trim()
  if (notASecret.test(text)) return undefined
  for (const [form, what] of knownForms) if (form.test(text)) return what
  const password = urlPassword.exec(text)?.[1]
  if (password !== undefined && !notASecret.test(password) && !/^[$%<{]/.test(password)) return 'password in a URL'
  return looksLikeSecretName(name) && !reference.test(text) && !/\s/.test(text) && text.length <= 4096 ? 'secret' : undefined
}
