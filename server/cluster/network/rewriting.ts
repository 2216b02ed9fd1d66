/**
 * Paths as ingress-nginx takes them on a host where some Ingress rewrites: every path becomes a regular expression without regard to case, and the path that is passed on
 * may be another one (internal/ingress/controller/template/template.go: buildLocation, enforceRegexModifier, buildProxyPass). PURE.
 */

/** What expressions are worked with: letters, `(/|$)`, and rests like `(.*)` or `.*`; no more than a few, so that none takes long. */
const safe = /^(?:[A-Za-z0-9/_.-]\??|\(\/\|\$\)|\(\.[*+]\)|\.[*+]|\(\[\^\/\]\+\)|\$)*$/
const restsMax = 3

/** Can the path be worked with as an expression? */
function isSafePath(path: string): boolean {
  return safe.test(path) && (path.match(/[*+]/g) ?? []).length <= restsMax
}

const hasExpression = /[^A-Za-z0-9/_-]/

/** Only ImplementationSpecific paths may be expressions (strict-validate-path-type); others are refused by the controller's webhook, which is not there. */
export function isPlainOrAllowed(type: string, path: string): boolean {
  return isSafePath(path) && (type === 'ImplementationSpecific' || !hasExpression.test(path))
}

/** Does the expression match from the beginning of a path? */
export function expressionMatches(rule: string, path: string): boolean {
  return isSafePath(rule) && new RegExp(`^${rule}`, 'i').test(path)
}

/** The path that is passed on: all of it is replaced, with what the groups matched; a query stays. */
export function rewritten(rule: string, target: string, url: string): string {
  const [path = '', ...query] = url.split('?')
  const found = isSafePath(rule) ? new RegExp(rule, 'i').exec(path) : null
  if (!found) return url
  const made = target.replace(/\$(\d)/g, (_all, group: string) => found[Number(group)] ?? '')
  return query.length > 0 && !made.includes('?') ? `${made}?${query.join('?')}` : made
}
