/** Goals decided by looking at rules instead of behaviour: can (RBAC), policy (CEL). */
import { compilePolicy } from '../../k8s/cel/policy.ts'
import type { K8sObject } from '../../k8s/object.ts'
import { keyOf } from '../../k8s/object.ts'
import type { AccessRequest } from '../rbac.ts'
import { evaluate, serviceAccountSubject } from '../rbac.ts'
import { refFrom } from '../references.ts'
import type { Goal } from '../scenario.ts'
import { grantInChinese, quoted } from './chinese.ts'
import type { Predicate } from './predicate.ts'
import { absent, endOf, lookAt, met, missed, words } from './predicate.ts'

type Spec<Name extends keyof Goal> = NonNullable<Goal[Name]>

/** `game/login` or `login` (in the scenario's namespace). */
function accountOf(text: string, namespace: string): { namespace: string; name: string } {
  const [first = '', second] = text.split('/')
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second }
}

/** `namespace: '*'` asks for the whole cluster. */
function requestOf(spec: Spec<'can'>, namespace: string): AccessRequest {
  const [resource = '', subresource] = spec.resource.split('/')
  const asked = spec.namespace ?? namespace
  return { verb: spec.verb, group: spec.group, resource, namespace: asked === '*' ? '' : asked, ...(subresource === undefined ? {} : { subresource }), ...(spec.name === undefined ? {} : { name: spec.name }) }
}

export const can: Predicate<Spec<'can'>> = {
  says(spec) {
    const what = `${spec.verb} ${spec.group === '' ? spec.resource : `${spec.resource}.${spec.group}`}${spec.name === undefined ? '' : `/${spec.name}`}`
    const where = spec.namespace === '*' ? words('in all namespaces', '在所有 namespace 中') : spec.namespace === undefined ? words('in its namespace', '在本 namespace 中') : words(`in ${spec.namespace}`, `在 ${spec.namespace} 中`)
    return spec.expect === 'yes' ? words(`ServiceAccount ${spec.serviceAccount} can ${what} ${where.en}.`, `ServiceAccount ${spec.serviceAccount} ${where['zh-CN']}可以 ${what}。`) : words(`ServiceAccount ${spec.serviceAccount} cannot ${what} ${where.en}.`, `ServiceAccount ${spec.serviceAccount} ${where['zh-CN']}不可以 ${what}。`)
  },
  about: () => [],
  watch(cluster, spec) {
    const { namespace } = cluster.scenario
    const account = accountOf(spec.serviceAccount, namespace)
    const at = endOf(cluster)
    let decision: ReturnType<typeof evaluate> | undefined
    lookAt(cluster, at, `can ${spec.verb} ${spec.resource}`, () => { decision = evaluate(serviceAccountSubject(account.namespace, account.name), requestOf(spec, namespace), cluster.view) })
    return () => {
      if (!decision) return { verdict: 'undecided', at, because: words('The run ended before this could be asked.', '还没来得及询问，运行就结束了。') }
      const allowed = decision.allowed
      const because = allowed ? words(decision.reason, grantInChinese(decision.reason)) : words('No rule allows it.', '没有规则允许。')
      return allowed === (spec.expect === 'yes') ? met(at, because) : missed(at, because)
    }
  },
}

export const policy: Predicate<Spec<'policy'>> = {
  says: ({ message, expression, object }) => message ?? (object ? words(`${object} fulfils \`${expression}\`.`, `${object} 满足 \`${expression}\`。`) : words(`The objects fulfil \`${expression}\`.`, `对象满足 \`${expression}\`。`)),
  about: () => [],
  watch: (cluster, { object, expression }) => () => {
    const view = cluster.store.at(cluster.appliedAt)
    const seen = new Set<string>()
    const objects = cluster.timeline.filter((entry) => entry.kind === 'applied' && entry.text !== 'rejected' && entry.at <= cluster.appliedAt && entry.ref).flatMap((entry): K8sObject[] => {
      const key = keyOf(entry.ref!)
      const live = view.get(entry.ref!.kind, entry.ref!.namespace, entry.ref!.name)
      if (!live || seen.has(key)) return []
      seen.add(key)
      return [live]
    })
    const ref = object === undefined ? undefined : refFrom(object, cluster.scenario.namespace)
    const named = ref && view.get(ref.kind, ref.namespace, ref.name)
    if (ref && !named) return absent(object!)
    const assertion = compilePolicy(expression)
    const result = assertion.ok ? assertion.evaluate({ object: named ?? null, objects }) : { error: { kind: 'wrong', message: assertion.problem.message } }
    if (typeof result === 'boolean') return result ? met(0, words('The assertion holds.', '断言成立。')) : missed(0, words('The assertion does not hold.', '断言不成立。'))
    return result.error.kind === 'missing' ? missed(0, words(`The assertion does not hold: ${result.error.message}`, `断言不成立：${quoted(result.error.message)}。`)) : { verdict: 'undecided', at: 0, because: words(`The assertion could not be evaluated: ${result.error.message}`, `断言无法求值：${quoted(result.error.message)}。`) }
  },
}
