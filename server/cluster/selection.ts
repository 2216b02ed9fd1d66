/** Label selectors, from the common vocabulary. */
export { holds, selects, selectsAll, type LabelSelector } from '../k8s/selector.ts'
