/** `kubectl auth`: can-i and whoami (cmd/auth). */
import type { Fields } from '../../../k8s/object.ts'
import { compareText } from '../../../k8s/object.ts'
import { canI, rulesFor } from '../../rbac.ts'
import type { Subject } from '../../rbac.ts'
import { flagTable } from '../command-line.ts'
import type { Console } from '../console.ts'
import { Refusal } from '../console.ts'
import { goList } from '../print/labels.ts'
import { tabulated } from '../print/tabwriter.ts'
import type { Verb } from './verb.ts'

const admin: Subject = { user: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] }

/** Rules that hold for everyone who is signed in (system:basic-user, system:discovery, system:public-info-viewer). */
const everyone: readonly Fields[] = [{ apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] }, { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] }, { nonResourceURLs: ['/api/*', '/api', '/apis/*', '/apis', '/healthz', '/livez', '/openapi/*', '/openapi', '/readyz', '/version/', '/version'], verbs: ['get'] }]

/** Prints the answer of can-i; a no ends with exit code 1. */
function answer(console: Console, allowed: boolean, reason: string): void {
  if (!console.flags.on('quiet')) console.out(allowed ? 'yes' : `no${reason ? ` - ${reason}` : ''}`)
  if (!allowed) throw new Refusal('', 1)
}

/** Whether a rule lets the subject open a path (apis/rbac/v1/evaluation_helpers.go:NonResourceURLMatches). */
function mayOpen(console: Console, verb: string, path: string): boolean {
  if (!console.as) return true
  const matches = (rule: string): boolean => rule === '*' || rule === path || (rule.endsWith('*') && path.startsWith(rule.slice(0, -1)))
  const signedIn = console.as.groups.includes('system:authenticated') ? everyone : [{ nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] }]
  return [...rulesFor(console.as, '', console.view).rules, ...signedIn].some((rule) => ((rule.nonResourceURLs ?? []) as string[]).some(matches) && (rule.verbs as string[]).some((one) => one === '*' || one === verb))
}

function listRules(console: Console): void {
  const rules = console.as ? [...rulesFor(console.as, console.namespace, console.view).rules, ...everyone] : [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { nonResourceURLs: ['*'], verbs: ['*'] }, ...everyone]
  const rows = rules.flatMap((rule) => [
    ...((rule.apiGroups ?? []) as string[]).flatMap((group) => ((rule.resources ?? []) as string[]).map((resource) => {
      const [base = '', subresource] = resource.split('/')
      return { name: `${base}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`, urls: [] as string[], names: (rule.resourceNames ?? []) as string[], verbs: rule.verbs as string[] }
    })),
    ...((rule.nonResourceURLs ?? []) as string[]).map((url) => ({ name: '', urls: [url], names: [] as string[], verbs: rule.verbs as string[] })),
  ])
  const merged = new Map<string, (typeof rows)[number]>()
  for (const row of rows) {
    const key = JSON.stringify([row.name, row.urls, row.names])
    const old = merged.get(key)
    merged.set(key, old ? { ...old, verbs: [...new Set([...old.verbs, ...row.verbs])] } : row)
  }
  const sorted = [...merged.values()].sort((a, b) => compareText(a.name === '' ? '~' : a.name, b.name === '' ? '~' : b.name) || compareText(a.urls.join(), b.urls.join()))
  const header = console.flags.on('no-headers') ? [] : ['Resources\tNon-Resource URLs\tResource Names\tVerbs']
  console.out(tabulated([...header, ...sorted.map((row) => [row.name, goList(row.urls), goList(row.names), goList(row.verbs)].join('\t'))].join('\n')))
}

export const authVerb: Verb = {
  name: 'auth',
  about: 'Inspect authorization',
  usage: 'auth SUBCOMMAND',
  verbs: [
    {
      name: 'can-i', about: 'Check whether an action is allowed', usage: 'auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]', completes: 'none',
      flags: flagTable('all-namespaces:A list quiet:q subresource=s no-headers'),
      run(console) {
        const { args, flags } = console
        if (flags.on('list') && args.length > 0) throw new Refusal('error: list option must be specified with no arguments')
        if (flags.on('no-headers') && !flags.on('list')) throw new Refusal('error: --no-headers cannot be set without --list specified')
        if (flags.on('list')) return listRules(console)
        if (args.length < 2 || args.length > 3) throw new Refusal('error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee \'kubectl auth can-i -h\' for help and examples')
        const [verb, typed, extra] = args as [string, string, string?]
        if (typed.startsWith('/')) return answer(console, mayOpen(console, verb, typed), '')
        const slash = typed.indexOf('/')
        const [resource, name] = slash >= 0 ? [typed.slice(0, slash), typed.slice(slash + 1)] : [typed, extra]
        const full = flags.text('subresource') ? `${resource}/${flags.text('subresource')}` : resource
        const result = canI(console.as ?? admin, verb, full, flags.on('all-namespaces') ? '' : console.namespace, console.view, name)
        for (const warning of result.warnings) console.err(`Warning: ${warning}\n`)
        answer(console, console.as === undefined || result.answer === 'yes', result.reason)
      },
    },
    {
      name: 'whoami', about: 'Experimental: Check self subject attributes', usage: 'auth whoami', completes: 'none', flags: flagTable('output:o=s'),
      run(console) {
        const { user, groups } = console.as ?? admin
        console.out(tabulated([`ATTRIBUTE\tVALUE`, `Username\t${user}`, `Groups\t${goList(groups)}`].join('\n')))
      },
    },
  ],
}
