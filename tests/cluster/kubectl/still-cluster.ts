/** A cluster in which nothing moves by itself: objects are put by hand, so that printers meet exactly what a test says. */
import type { K8sObject } from '../../../server/k8s/object.ts'
import { createApi } from '../../../server/cluster/api.ts'
import { createCluster } from '../../../server/cluster/cluster.ts'
import type { LiveCluster } from '../../../server/cluster/cluster.ts'
import { runKubectl } from '../../../server/cluster/kubectl/index.ts'
import type { Session } from '../../../server/cluster/kubectl/index.ts'
import type { Network, Runtime } from '../../../server/cluster/types.ts'
import { scenarioOf } from '../../support/pod-cluster.ts'

type Logs = Record<string, { at: number; line: string }[][]>

/** Starts at virtual second `seconds`; `logs` holds, per container, the lines of the newest instance and of the one before. */
export function stillCluster(objects: readonly K8sObject[], seconds = 0, logs: Logs = {}): LiveCluster {
  const scenario = scenarioOf()
  const runtime = { logs: (_pod: unknown, container: string, previous: boolean) => logs[container]?.[previous ? 1 : 0], container: () => undefined, containers: () => [] } as unknown as Runtime
  const cluster = createCluster(scenario, scenario.runs[0]!, {
    api: (one) => createApi(one, (object) => ({ stage: 'admitted', object, errors: [], warnings: [] })),
    runtime: () => runtime,
    network: () => ({}) as Network,
    controllers: () => [],
    kubelet: () => ({ observe() {}, failNode() {}, recoverNode() {}, take() {}, putFiles() {} }),
    infrastructure() {},
  })
  for (const object of objects) cluster.put({ ...object, metadata: { creationTimestamp: '2026-01-05T10:00:00Z', ...object.metadata } })
  cluster.advance(seconds * 1000)
  return cluster
}

/** What a command prints on both streams, with its exit code when it failed. */
export function told(cluster: LiveCluster, line: string, session: Partial<Session> = {}): string {
  const { stdout, stderr, exitCode } = runKubectl(cluster, line, { namespace: 'game', ...session })
  return `${stdout}${stderr}${exitCode === 0 ? '' : `exit ${exitCode}\n`}`
}

/** A moment of the simulated calendar. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 5, 10, 0, seconds)).toISOString().replace('.000', '')
}
