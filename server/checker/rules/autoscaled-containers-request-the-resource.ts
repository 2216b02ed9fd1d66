import type { Fields, K8sObject } from '../../k8s/object.ts'
import { targetOf, utilizationMetrics } from '../availability.ts'
import { namespaceOf, type Inventory } from '../inventory.ts'
import { called } from '../naming.ts'
import { podOf, runningContainers } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment, file, object } from '../samples.ts'

const autoscaler = (metrics: string): string => object('autoscaling/v2', 'HorizontalPodAutoscaler', 'login', `spec:\n  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: login }\n  maxReplicas: 5\n  metrics: [${metrics}]`)
const cpu = '{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }'
const sidecar = (resources: string): string => `containers:\n- { name: app, image: "login:1", resources: { requests: { cpu: 100m } } }\n- { name: logs, image: "logs:1"${resources} }`

/** A limit becomes the request when the Pod is created, and so does a default of the namespace. */
function requests(part: Fields | undefined, resource: string): boolean {
  return part?.requests?.[resource] !== undefined || part?.limits?.[resource] !== undefined
}

function namespaceGives(subject: K8sObject, resource: string, all: Inventory): boolean {
  return all.list('LimitRange', namespaceOf(subject)).some((range) => list(range.spec?.limits).some((limit) => limit.type === 'Container' && (limit.defaultRequest?.[resource] ?? limit.default?.[resource]) !== undefined))
}

export default defineRule({
  id: 'autoscaled-containers-request-the-resource',
  category: 'availability',
  severity: 'error',
  title: { en: 'Every container that an autoscaler counts requests the resource', 'zh-CN': 'HPA 统计的每个容器都设置了该资源的 request' },
  why: { en: 'Utilization is usage divided by the requests of the whole Pod. When one container requests nothing, there is no result: FailedGetResourceMetric, missing request for cpu, and the number of Pods stays as it is. Sidecars count.', 'zh-CN': '利用率等于用量除以整个 Pod 的 request。只要有一个容器没有设置，就算不出结果：FailedGetResourceMetric，missing request for cpu，Pod 数量不再变化。sidecar 也算在内。' },
  fix: { en: 'Set the request in every container, or measure one container with a ContainerResource metric.', 'zh-CN': '为每个容器设置该资源的 request，或者用 ContainerResource 指标只统计其中一个容器。' },
  links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work'],
  kinds: ['HorizontalPodAutoscaler'],
  *check(subject, all) {
    const target = targetOf(subject, all)
    const pod = target && podOf(target)
    if (!target || !pod) return
    const containers = runningContainers(pod.spec, [])
    for (const { resource, container: only, at } of utilizationMetrics(subject)) {
      if (only !== undefined && !containers.some(({ container }) => container.name === only)) {
        yield { at: [...at, 'container'], message: { en: `${called(target)} has no container "${only}"; it has ${containers.map(({ container }) => container.name).join(', ')}.`, 'zh-CN': `${called(target)} 没有容器 "${only}"；它的容器是 ${containers.map(({ container }) => container.name).join(', ')}。` } }
        continue
      }
      // Requests of the Pod as a whole take the place of those of its containers.
      if (only === undefined && requests(pod.spec.resources as Fields | undefined, resource)) continue
      if (only !== undefined && subject.spec?.metrics?.[at[2] as number]?.containerResource?.target?.type !== 'Utilization') continue
      if (namespaceGives(subject, resource, all)) continue
      const without = containers.filter(({ container }) => (only === undefined || container.name === only) && !requests(container.resources as Fields | undefined, resource)).map(({ container }) => container.name as string)
      if (without.length > 0) yield { at, message: { en: `Utilization of ${resource} can't be computed: in ${called(target)}, ${without.join(', ')} requests none.`, 'zh-CN': `无法计算 ${resource} 的利用率：${called(target)} 中的 ${without.join('、')} 没有设置 request。` } }
    }
  },
  examples: {
    good: [
      file(deployment('login', sidecar(', resources: { requests: { cpu: 10m } }')), autoscaler(cpu)),
      file(deployment('login', sidecar(', resources: { limits: { cpu: 10m } }')), autoscaler(cpu)),
      file(deployment('login', sidecar('')), autoscaler('{ type: ContainerResource, containerResource: { name: cpu, container: app, target: { type: Utilization, averageUtilization: 70 } } }')),
      file(deployment('login', sidecar('')), autoscaler(cpu), object('v1', 'LimitRange', 'defaults', 'spec: { limits: [{ type: Container, defaultRequest: { cpu: 50m } }] }')),
    ],
    bad: [
      { yaml: file(deployment('login', sidecar('')), autoscaler(cpu)), expect: ['spec.metrics[0].resource'] },
      { yaml: file(deployment('login', sidecar('')), autoscaler('{ type: ContainerResource, containerResource: { name: cpu, container: apps, target: { type: Utilization, averageUtilization: 70 } } }')), expect: ['spec.metrics[0].containerResource.container'] },
    ],
  },
})
