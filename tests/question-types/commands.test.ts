import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meaningOf } from '../../server/question-types/short-answer/command.ts'
import { shellWords } from '../../server/question-types/short-answer/shell-words.ts'

describe('meaningOf', () => {
  it.each([
    ['kubectl logs battle-0 -c app --previous -n game', 'kubectl -n game logs -p --container=app pod/battle-0'],
    ['kubectl get pods -n game -o wide', 'k get po --namespace=game -owide'],
    ['kubectl get pods -A', 'kubectl get pod --all-namespaces'],
    ['kubectl describe deployment login', 'kubectl describe deploy/login'],
    ['kubectl describe node n1', '$ kubectl describe no/n1'],
    ['kubectl rollout undo deployment/login --to-revision=2', 'kubectl rollout undo deploy login --to-revision 2'],
    ['kubectl exec -it battle-0 -c app -- sh -c "ls /data"', "kubectl exec battle-0 -i -t --container app -- sh -c 'ls /data'"],
    ['kubectl get endpointslices -l kubernetes.io/service-name=login,a==b', 'kubectl get endpointslice --selector a=b,kubernetes.io/service-name=login'],
    ['kubectl auth can-i list secrets --as=system:serviceaccount:game:login', 'kubectl auth can-i list secret --as system:serviceaccount:game:login'],
    ['kubectl set image deployment/login app=login:2', 'kubectl set image deploy login app=login:2'],
    ['kubectl drain node-1 --ignore-daemonsets --timeout=60s', 'kubectl drain node-1 --timeout 60s --ignore-daemonsets=true'],
    ['kubectl patch svc login -p \'{"spec": {"type": "NodePort"}}\'', 'kubectl patch service/login --patch=\'{"spec":{"type":"NodePort"}}\''],
    ['kubectl top pods -n game', 'kubectl top po -n game'],
    ['kubectl logs login -f', 'kubectl logs --follow pods/login'],
    ['crictl pull registry.game.example/login:1', 'crictl  pull "registry.game.example/login:1"'],
  ])('%s = %s', (a, b) => {
    expect(meaningOf(a)).toBeDefined()
    expect(meaningOf(b)).toBe(meaningOf(a))
  })

  it.each([
    ['kubectl logs battle-0 -p', 'kubectl logs battle-0'],
    ['kubectl logs login -f', 'kubectl logs login -p'],
    ['kubectl get pods -n game', 'kubectl get pods -n games'],
    ['kubectl get pods', 'kubectl get services'],
    ['kubectl delete pod a', 'kubectl delete pod b'],
    ['kubectl exec a -- ls', 'kubectl exec a -- ls /'],
    ['kubectl get pod a', 'kubectl get pods'],
    ['kubectl rollout undo deploy a', 'kubectl rollout restart deploy a'],
    ['kubectl get pods', 'kubectl get pods; rm -rf /'],
  ])('%s ≠ %s', (a, b) => {
    expect(meaningOf(a)).not.toBe(meaningOf(b))
  })

  it.each(['', '   ', "kubectl get 'pods", 'kubectl', 'kubectl -n', 'kubectl get pods -n', 'kubectl get pods -Z'])('%j is no command', (line) => {
    expect(meaningOf(line)).toBeUndefined()
  })

  it('never throws, and does not depend on spacing', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(fc.constantFrom('kubectl', 'get', 'pods', '-n', '--', '-it', "'", '"', '\\', 'a/b', '=', '-o=', '--x=', 'a=b', 'logs', 'set', 'image')).map((words) => words.join(' '))), (line) => {
      meaningOf(line)
    }))
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z0-9=/.-]{1,8}$/), { minLength: 1 }), (words) => {
      expect(shellWords(words.join('  \t'))).toEqual(words)
    }))
  })
})
