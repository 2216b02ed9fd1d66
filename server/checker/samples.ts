/** Short manifests for the examples of rules. */

/** Documents of one file. */
export function file(...documents: readonly string[]): string {
  return documents.join('---\n')
}

const plainContainer = 'containers: [{ name: app, image: "registry.example/app:1.0" }]'

/** A Deployment whose pods carry the label `app: <name>`. `pod` is the inside of the pod spec, `spec` further lines of the Deployment's spec; both one field a line. */
export function deployment(name: string, pod: string = plainContainer, spec = '', namespace = ''): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}${inSpace(namespace)} }\nspec:\n${indented(spec, 2)}  selector: { matchLabels: { app: ${name} } }\n  template:\n    metadata: { labels: { app: ${name} } }\n    spec:\n${indented(pod, 6)}`
}

/** Anything with a one-line spec. */
export function object(apiVersion: string, kind: string, name: string, body: string, namespace = ''): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}${inSpace(namespace)} }\n${indented(body, 0)}`
}

export function service(name: string, spec: string, namespace = ''): string {
  return object('v1', 'Service', name, `spec: { ${spec} }`, namespace)
}

export function configMap(name: string, data: string, namespace = ''): string {
  return object('v1', 'ConfigMap', name, `data: { ${data} }`, namespace)
}

export function secret(name: string, data: string, namespace = ''): string {
  return object('v1', 'Secret', name, `stringData: { ${data} }`, namespace)
}

const inSpace = (namespace: string): string => (namespace === '' ? '' : `, namespace: ${namespace}`)

function indented(lines: string, by: number): string {
  return lines === '' ? '' : `${lines.trimEnd().split('\n').map((line) => ' '.repeat(by) + line).join('\n')}\n`
}

/** A Deployment with one container called app, whose further fields are `fields`: `securityContext: { … }`. `pod` are further lines of its pod spec. */
export function running(fields: string, pod = '', name = 'login'): string {
  return deployment(name, `${pod === '' ? '' : `${pod.trimEnd()}\n`}containers: [{ name: app, image: "registry.example/app:1.0"${fields === '' ? '' : `, ${fields}`} }]`)
}
