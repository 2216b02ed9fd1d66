/** The pod a controller makes from a template (controller_utils.go:GetPodFromTemplate). */
import type { K8sObject } from '../../k8s/object.ts'
import { ownedBy } from '../pods.ts'

/** Gives a pod named after `name`, or with a generated suffix when it ends in `-`; labels, annotations and finalizers come from the template. */
export function podFromTemplate(owner: K8sObject, template: K8sObject, name: string): K8sObject {
  const generated = name.endsWith('-')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(generated ? { name: '', generateName: name } : { name }),
      namespace: owner.metadata.namespace,
      labels: { ...template.metadata?.labels },
      ...(template.metadata?.annotations ? { annotations: { ...template.metadata.annotations } } : {}),
      ...(template.metadata?.finalizers ? { finalizers: [...template.metadata.finalizers] } : {}),
      ownerReferences: [ownedBy(owner)],
    },
    spec: { ...template.spec },
  }
}
