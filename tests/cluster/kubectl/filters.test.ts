import { describe, expect, it } from 'vitest'
import { stillCluster, told } from './still-cluster.ts'
import { everyKind } from './objects.ts'

const cluster = stillCluster(everyKind, 100)
const run = (line: string): string => told(cluster, line)

describe('pipes as people type them', () => {
  it.each([
    ['kubectl get pods -A --no-headers | wc -l', /^\d+\n$/],
    ['kubectl get nodes --no-headers | awk \'{print $1}\' | sort -r', 'node-2\nnode-1\n'],
    ['kubectl get nodes -o json | jq -r \'.items[] | select(.metadata.name=="node-1") | .metadata.name\'', 'node-1\n'],
    ['kubectl get nodes -o json | jq \'.items | length\'', '2\n'],
    ['kubectl get nodes --no-headers | cut -d" " -f1 | tr a-z A-Z', 'NODE-1\nNODE-2\n'],
    ['kubectl get nodes | grep -v NotReady | tail -n +2 | wc -l', '1\n'],
    ['echo aGk= | base64 -d', 'hi'],
    ['echo b a | tr " " "\\n" | sort | head -n1', 'a\n'],
    ['kubectl get nodes -o name | sed s,node/,, | tac', 'node-2\nnode-1\n'],
    ['kubectl get nodes -o name | xargs -n1 echo', 'node/node-1\nnode/node-2\n'],
  ])('%s', (line, printed) => expect(run(line)).toMatch(printed instanceof RegExp ? printed : new RegExp(`^${printed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)))

  it('what stands in $(…) is typed for one', () => expect(run('kubectl get $(kubectl get nodes -o name | head -1) --no-headers -o name')).toBe('node/node-1\n'))
  it('&& stops at the first failure and || goes on', () => {
    expect(run('kubectl get pod nope -n void && echo next')).not.toContain('next')
    expect(run('kubectl get pod nope -n void || echo next')).toContain('next')
    expect(run('kubectl get pod nope -n void; echo next')).toContain('next')
  })
  it('errors do not go through the pipe', () => expect(run('kubectl get pod nope -n void | wc -l')).toMatch(/Error from server[^\n]*\n/))
  it('a loop is refused once, in words', () => expect(run('for p in a b; do echo $p; done')).toBe('for: this console runs commands joined by |, ;, && and ||; it has no loops, conditions or variables\nexit 2\n'))
  it('a jq filter that cannot be read is jq\'s error', () => expect(run('kubectl get nodes -o json | jq ".items["')).toMatch(/jq: error/))
})
