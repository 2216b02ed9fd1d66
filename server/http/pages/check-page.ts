/** The page on which anyone checks a manifest of their own. PURE. */
import { findRule } from '../../checker/index.ts'
import type { PageReport } from '../../checker/index.ts'
import { textsUnder, translatorOf } from '../../i18n/index.ts'
import type { Language } from '../../question-types/index.ts'
import { iconSvg } from '../icons.ts'
import type { PageModel } from '../views.ts'

export const checkVersions = ['1.36', '1.35', '1.34'] as const
export type CheckVersion = (typeof checkVersions)[number]

/** What the form says. */
export type CheckWish = { text: string; version: CheckVersion; closed: boolean }

/** Why there is no report: too long, too slow, or nobody free to check. */
export type CheckFailure = 'too-large' | 'too-slow' | 'busy'

/** Model of pages/check/index.hbs. Without a report the page says what it would show. */
export function checkPage({ text, version, closed }: CheckWish, language: Language, { report, failure }: { report?: PageReport | undefined; failure?: CheckFailure | undefined } = {}): PageModel {
  return {
    title: translatorOf(language)('check.title'),
    area: 'check',
    scripts: 'check-page',
    text,
    closed,
    versions: checkVersions.map((one) => ({ version: one, chosen: one === version })),
    report,
    failure,
    // For the script, which shows the same report from the same template.
    kit: JSON.stringify({ texts: textsUnder(language, 'check'), icons: Object.fromEntries(reportIcons.map((name) => [name, iconSvg(name)])), example: exampleText }),
  }
}

/** The icons of partials/check-report.hbs. */
const reportIcons = ['check', 'cross', 'question', 'warning']

/** The manifest of an example link: that of a rule by its id, or the one that shows a little of everything. Undefined when there is no such rule. */
export function exampleOf(id: string): Pick<CheckWish, 'text' | 'closed'> | undefined {
  if (id === '1') return { text: exampleText, closed: false }
  const bad = findRule(id)?.examples.bad[0]
  return bad && { text: bad.yaml, closed: bad.closed ?? false }
}

const exampleText = `# A field that does not exist, a request above its limit, a Service that
# selects nobody, a text that YAML reads as a boolean, an API that is gone.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: lobby
  namespace: game
spec:
  replicas: 3
  selector:
    matchLabels:
      app: lobby
  template:
    metadata:
      labels:
        app: lobby
    spec:
      containers:
        - name: lobby
          image: registry.example/lobby:1.8.2
          envFrom:
            - configMapRef:
                name: lobby
          ports:
            - name: grpc
              containerPort: 9000
          readinessProbe:
            grpc:
              port: 9000
            periodSecond: 5
          resources:
            requests:
              memory: 512Mi
            limits:
              memory: 256Mi
---
apiVersion: v1
kind: Service
metadata:
  name: lobby
  namespace: game
spec:
  selector:
    app: loby
  ports:
    - name: grpc
      port: 9000
      targetPort: grpc
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: lobby
  namespace: game
data:
  MATCHMAKING: on
---
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata:
  name: lobby
  namespace: game
spec:
  minAvailable: 2
  selector:
    matchLabels:
      app: lobby
`
