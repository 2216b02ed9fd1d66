/** What the editor knows about the place of the cursor, marked `|` in the texts. */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../server/checker/index.ts'
import { parseManifest } from '../../server/k8s/manifest.ts'
import { editOf } from '../../views/client/manifest-edit.ts'
import { describedAt, suggestionsAt } from '../../views/client/manifest-knowledge.ts'

const pod = (inside: string) => `apiVersion: v1\nkind: Pod\nmetadata: { name: login }\nspec:\n  containers:\n    - name: app\n      image: login:1\n${inside}`
const at = (marked: string): [string, number] => [marked.replace('|', ''), marked.indexOf('|')]
const labels = (marked: string) => suggestionsAt(...at(marked), '1.36')?.options.map(({ label }) => label)

describe('suggestions', () => {
  it('are the fields that are not there yet, with what they hold', () => {
    const found = suggestionsAt(...at(pod('      |\n')), '1.36')!
    const byLabel = new Map(found.options.map((option) => [option.label, option]))
    expect(byLabel.get('ports')).toMatchObject({ shape: '[]ContainerPort', insert: 'ports:\n        - ', name: { apiVersion: 'v1', kind: 'Pod', model: 'V1Container', field: 'ports' } })
    expect(byLabel.get('resources')).toMatchObject({ shape: 'ResourceRequirements', insert: 'resources:\n        ' })
    expect(byLabel.get('tty')).toMatchObject({ shape: 'boolean', insert: 'tty: ' })
    expect(byLabel.has('image') || byLabel.has('name')).toBe(false)
  })
  it('replace the whole word, and keep a colon that is there', () => {
    const [text, offset] = at(pod('      resou|: {}\n'))
    const found = suggestionsAt(text, offset, '1.36')!
    expect(text.slice(found.from, found.to)).toBe('resou')
    expect(found.options.find(({ label }) => label === 'resources')!.insert).toBe('resources')
  })
  it.each([
    ['a list item', 'apiVersion: v1\nkind: Pod\nspec:\n  volumes:\n    - na|\n', 'name'],
    ['braces', 'apiVersion: v1\nkind: Service\nspec: { ports: [{ port: 80, tar| }] }\n', 'targetPort'],
    ['the second document', 'apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: ConfigMap\nda|\n', 'data'],
    ['an item of a List', 'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Secret\n    string|\n', 'stringData'],
    ['the top of an empty text', '|', 'apiVersion'],
    ['kinds of an API', 'apiVersion: policy/v1\nkind: |\n', 'PodDisruptionBudget'],
    ['APIs of a kind', 'apiVersion: |\nkind: CronJob\n', 'batch/v1'],
    ['booleans', pod('      tty: |\n'), 'true'],
    ['values that the API server knows', pod('      imagePullPolicy: A|\n'), 'IfNotPresent'],
    ['values in a list', 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: a }\nspec:\n  accessModes:\n    - Read|\n  resources: { requests: { storage: 1Gi } }\n', 'ReadWriteOnce'],
  ])('know %s', (_, marked, label) => expect(labels(marked)).toContain(label))
  it('depend on the object around, as the API server does', () => {
    const template = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\nspec:\n  selector: { matchLabels: { app: a } }\n  template:\n    metadata: { labels: { app: a } }\n    spec:\n      containers: [{ name: a, image: a }]\n      restartPolicy: |\n'
    expect(labels(template)).toEqual(['Always'])
  })
  it.each([
    ['a comment', pod('      # po|\n')], ['a quote', pod('      image: "log|in"\n')], ['labels', 'apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    ap|\n'], ['an unknown kind', 'apiVersion: example.com/v1\nkind: Game\nspec:\n  re|\n'],
    ['free text', pod('      image: log|\n')], ['a broken line', pod('   : : |\n')],
  ])('are silent in %s', (_, marked) => expect(labels(marked)).toBeUndefined())
  it('never throw and end soon, wherever the cursor is', () => {
    const text = pod('      ports: [{ containerPort: 80 }]\n      env:\n        - { name: A, value: "b" }\n---\n- &a [*a, {? x}]\n...\n%TAG\n')
    for (let offset = 0; offset <= text.length; offset++) {
      expect(() => suggestionsAt(text.slice(0, offset), offset, '1.36')).not.toThrow()
      expect(() => describedAt(text, offset, '1.36')).not.toThrow()
    }
  })
})

it('a field is described by its key and by its value', () => {
  for (const marked of [pod('      imagePull|Policy: Always\n'), pod('      imagePullPolicy: Alw|ays\n')]) {
    const [text, offset] = at(marked)
    const found = describedAt(text, offset, '1.36')!
    expect(text.slice(found.from, found.to)).toBe('imagePullPolicy')
    expect(found).toMatchObject({ path: 'spec.containers[0].imagePullPolicy', shape: 'string', name: { model: 'V1Container', field: 'imagePullPolicy' } })
  }
  expect(describedAt(...at('apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    a|pp: b\n'), '1.36')).toBeUndefined()
})

describe('a quick fix', () => {
  const fixed = (text: string, path: Change['path'], value?: unknown, index = 0): string | undefined => {
    const edit = editOf(text, parseManifest(text).documents[index]!, { title: { en: '', 'zh-CN': '' }, path, value })
    return edit && text.slice(0, edit.from) + edit.insert + text.slice(edit.to)
  }
  const service = '# ours\napiVersion: v1\nkind: Service # a Service\nmetadata:\n  name:   login\nspec:\n  selector:\n    app: logn   # typo\n  ports:\n  - port: 80\n    targetPort: "http"\n  - port: 81\n'
  it.each([
    ['a plain value', service, ['spec', 'selector', 'app'], 'login', service.replace('logn', 'login')],
    ['a quoted value', service, ['spec', 'ports', 0, 'targetPort'], 8080, service.replace('"http"', '8080')],
    ['a text that looks like a number', service, ['spec', 'selector', 'app'], '1', service.replace('logn', '"1"')],
    ['a missing field', service, ['spec', 'type'], 'ClusterIP', `${service}  type: ClusterIP\n`.replace('81\n  type', '81\n  type')],
    ['a field missing with its parents', service, ['metadata', 'labels', 'a/b'], 'x', service.replace('name:   login', 'name:   login\n  labels:\n    a/b: x')],
    ['a list item', service, ['spec', 'ports', 2], { port: 82 }, `${service}  - port: 82\n`],
    ['a value in braces', 'apiVersion: v1\nkind: Service\nmetadata: { name: a } # x\n', ['metadata', 'namespace'], 'game', 'apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: game } # x\n'],
    ['a field without a value', 'apiVersion: v1\nkind: Pod\nspec:\n  securityContext:\n  hostPID: true\n', ['spec', 'securityContext', 'runAsNonRoot'], true, 'apiVersion: v1\nkind: Pod\nspec:\n  securityContext:\n    runAsNonRoot: true\n  hostPID: true\n'],
    ['JSON', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}', ['metadata', 'namespace'], 'game', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a", "namespace":"game"}}'],
    ['a block of text', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    x\n    y\n  b: z\n', ['data', 'a'], 'q', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: q\n  b: z\n'],
    ['a structure', service, ['spec', 'selector'], { app: 'x', tier: 'y' }, service.replace('    app: logn   # typo', '    app: x\n    tier: "y"')],
  ] as [string, string, Change['path'], unknown, string][])('sets %s', (_, text, path, value, wanted) => expect(fixed(text, path, value)).toBe(wanted))
  it.each([
    ['a field', service, ['spec', 'ports', 0, 'targetPort'], service.replace('    targetPort: "http"\n', '')],
    ['the first field of an item', service, ['spec', 'ports', 0, 'port'], service.replace('port: 80\n    target', 'target')],
    ['an item', service, ['spec', 'ports', 1], service.replace('  - port: 81\n', '')],
    ['the only field', service, ['spec', 'selector', 'app'], service.replace('selector:\n    app: logn', 'selector: {}')],
    ['a field in braces', 'apiVersion: v1\nkind: Pod\nspec: { hostPID: true, hostIPC: true }\n', ['spec', 'hostPID'], 'apiVersion: v1\nkind: Pod\nspec: { hostIPC: true }\n'],
    ['the last item in brackets', 'apiVersion: v1\nkind: Pod\nspec: { a: [x, y] }\n', ['spec', 'a', 1], 'apiVersion: v1\nkind: Pod\nspec: { a: [x] }\n'],
  ] as [string, string, Change['path'], string][])('removes %s', (_, text, path, wanted) => expect(fixed(text, path)).toBe(wanted))
  it('goes to the right document and the right item of a List', () => {
    const list = 'kind: Pod\napiVersion: v1\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- apiVersion: v1\n  kind: Secret\n  type: x\n'
    expect(fixed(list, ['type'], 'y', 2)).toBe(list.replace('type: x', 'type: "y"'))
    expect(fixed(list, ['metadata', 'name'], 'y', 1)).toBe(list.replace('kind: Pod\n-', 'kind: Pod\n  metadata:\n    name: "y"\n-'))
  })
  it('is not offered where it would touch something shared', () => {
    const shared = 'apiVersion: v1\nkind: Pod\nmetadata: &m { name: a }\nspec: *m\n'
    expect(fixed(shared, ['spec', 'name'], 'b')).toBeUndefined()
    expect(fixed(shared, ['metadata', 'name'], 'b')).toBeUndefined()
  })
})
