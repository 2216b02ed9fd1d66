/** English that is left in a Chinese sentence. What a program prints stands in quotation marks, commands in backticks; names hold digits, signs or capitals. */

/** Words of the API and of kubectl, and states as they are printed; and the names of the exercises. */
const allowed = new Set([
  'namespace', 'kubelet', 'waiting', 'running', 'rate', 'server', 'profile', 'exec',
  'get', 'list', 'create', 'update', 'patch', 'delete', 'pods', 'secrets', 'configmaps', 'deployments', 'scale', 'log',
  'gateway', 'main', 'other', 'wait', 'default', 'login', 'app', 'password', 'clients', 'game', 'migrate', 'reconcile', 'r',
])

export function englishIn(sentence: string): string[] {
  const bare = sentence.replace(/“[^”]*”/gs, ' ').replace(/`[^`]*`/g, ' ')
  const tokens = bare.match(/[A-Za-z0-9_./:=-]+/g) ?? []
  return tokens.filter((token) => /^[a-z]{1,}$/i.test(token) && !/^[A-Z]{2,}$|^[A-Z][a-z]*([A-Z]|$)/.test(token)).filter((token) => !allowed.has(token))
}
