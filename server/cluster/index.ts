/** The simulated cluster's doors: play a run, or stand a cluster up by hand. The parts (API server, runtime, network, controllers) are given by the caller. */
export { createCluster } from './cluster.ts'
export type { Kubelet, LiveCluster, Parts } from './cluster.ts'
export { createKubelet } from './kubelet/index.ts'
export { readManifests } from './manifests.ts'
export { podsOf, refFrom } from './references.ts'
export { lastingSteps } from './steps.ts'
export { simulateWith } from './simulate.ts'
export type { Simulation, SimulationInput } from './simulate.ts'
