/** The pod of the object a rule looks at. One rule after the other asks for the pod of the same object, so the last answer is kept. */
import type { Fields, K8sObject } from '../k8s/object.ts'
import { podContainers, podOf as findPod, type ContainerPart, type PodPart } from '../k8s/podspec.ts'

let asked: K8sObject | undefined
let pod: PodPart | undefined
let containers: readonly ContainerPart[] | undefined

/** As podOf of k8s/podspec.ts. Objects of a check never change. */
export function podOf(object: K8sObject): PodPart | undefined {
  if (object !== asked) {
    asked = object
    pod = findPod(object)
    containers = undefined
  }
  return pod
}

/** As containersOf of k8s/podspec.ts. */
export function containersOf(object: K8sObject): readonly ContainerPart[] {
  const found = podOf(object)
  return (containers ??= found ? podContainers(found.spec, [...found.path, 'spec']) : [])
}

/** Containers that run as long as the pod does, with their paths in the object. */
export function runningContainersOf(object: K8sObject): readonly ContainerPart[] {
  return containersOf(object).filter(isRunning)
}

/** The same for a bare pod spec at `path`. */
export function runningContainers(spec: Fields, path: readonly (string | number)[]): readonly ContainerPart[] {
  return podContainers(spec, path).filter(isRunning)
}

function isRunning({ container, list }: ContainerPart): boolean {
  return list === 'containers' || (list === 'initContainers' && container.restartPolicy === 'Always')
}
