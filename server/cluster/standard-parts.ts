/** A whole cluster: the real API server, control plane, node agents, processes and network in one set. */
import { admit } from '../apiserver/index.ts'
import { createApi } from './api.ts'
import type { Parts } from './cluster.ts'
import { createControllers } from './controllers/index.ts'
import { createInfrastructure } from './infrastructure.ts'
import { createKubelet } from './kubelet/index.ts'
import { createNetwork } from './network/index.ts'
import { createRuntime } from './runtime/index.ts'

/** The parts every scenario is played with. */
export function standardParts(): Parts {
  return { api: (cluster) => createApi(cluster, (object, options) => admit(object, { ...options, version: cluster.scenario.kubernetes })), runtime: createRuntime, network: createNetwork, controllers: createControllers, kubelet: createKubelet, infrastructure: createInfrastructure }
}
