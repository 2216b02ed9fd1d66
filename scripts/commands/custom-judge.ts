/** The bundled command loads the judge of custom resources, which is large, only when there are definitions. */
import { servesCustomKinds, serveCustomKinds } from '../../server/apiserver/index.ts'

export async function loadCustomJudge(isNeeded: boolean): Promise<void> {
  if (isNeeded && !servesCustomKinds()) serveCustomKinds((await import('../../server/apiserver/custom/judge.ts')).judge)
}
