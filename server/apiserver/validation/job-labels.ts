/** Labels that the server gives the pods of a Job, from its uid and its name. */
export const jobLabels = { uid: ['controller-uid', 'batch.kubernetes.io/controller-uid'], name: ['job-name', 'batch.kubernetes.io/job-name'] } as const

/** Stands for the uid of a Job that has none yet, because it was never stored. */
export const unassignedUid = '00000000-0000-0000-0000-000000000000'
