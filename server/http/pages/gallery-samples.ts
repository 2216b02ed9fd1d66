/** A repair as the gallery shows it: what the cluster answered before, and what a half-right and a right answer bring. PURE. */
import type { Fact } from '../pod-lanes.ts'
import type { TrafficOverTime } from '../../cluster/index.ts'
import type { RepairEvidence } from './repair.ts'

const original = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: battle
  namespace: game
spec:
  replicas: 3
  selector:
    matchLabels:
      app: battle
  template:
    metadata:
      labels:
        app: battle
    spec:
      containers:
        - name: app
          image: registry.game.example/battle:2.4.1
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /readyz
              port: 8081
            periodSeconds: 5
          livenessProbe:
            httpGet:
              path: /livez
              port: 8081
            periodSeconds: 5
`
const repaired = original.replaceAll('port: 8081', 'port: http')
const service = `apiVersion: v1
kind: Service
metadata:
  name: battle
  namespace: game
spec:
  selector:
    app: battle
  ports:
    - port: 80
      targetPort: http
`
const pods = ['battle-6f8c5d7b9-2xk4v', 'battle-6f8c5d7b9-hq7mz', 'battle-6f8c5d7b9-w9tfn']

function factsOf(pod: string, delay: number, isRepaired: boolean): Fact[] {
  const ref = { kind: 'Pod', namespace: 'game', name: pod }
  const fact = (at: number, kind: string, text: string, data: Record<string, unknown> = {}): Fact => ({ at: at + delay, kind, ref, text, data: { uid: pod, ...data } })
  const start = [fact(0, 'pod-created', 'created'), fact(10, 'pod-placed', 'node-1'), { ...fact(1500, 'container-state', 'running', { restarts: 0 }), container: 'app' }]
  if (isRepaired) return [...start, fact(6500, 'ready', 'ready', { ready: true })]
  const probe = (at: number) => fact(at, 'event', 'Warning Unhealthy Liveness probe failed: Get "http://10.244.1.7:8081/livez": dial tcp 10.244.1.7:8081: connect: connection refused')
  return [...start, probe(5000), probe(10_000), probe(15_000), { ...fact(15_500, 'container-state', 'running', { restarts: 1 }), container: 'app' }, probe(25_000), { ...fact(30_500, 'container-state', 'CrashLoopBackOff', { restarts: 1 }), container: 'app' }, { ...fact(40_500, 'container-state', 'running', { restarts: 2 }), container: 'app' }, { ...fact(56_000, 'container-state', 'CrashLoopBackOff', { restarts: 2 }), container: 'app' }]
}

/** Players who knock twice a second: nobody answers before a pod is ready. */
function trafficOf(isRepaired: boolean): TrafficOverTime[] {
  const every = 500
  const lossy = isRepaired ? 13 : 240
  return [{ name: 'players', counts: 'requests', starts: 0, ends: 120_000, perSecond: 2, sent: 240, lost: lossy, every, losses: Array.from({ length: lossy }, (_, slice) => [slice, 0, 1]), errors: [{ text: 'dial tcp …: connect: connection refused', count: lossy }] }]
}

function timeline(isRepaired: boolean): { endedAt: number; timeline: Fact[]; traffic: TrafficOverTime[] } {
  return { endedAt: 120_000, traffic: trafficOf(isRepaired), timeline: pods.flatMap((pod, index) => factsOf(pod, index * 400, isRepaired)).sort((a, b) => a.at - b.at) }
}

const says = {
  ready: { en: 'Three pods of `battle` are ready within 60 s.', 'zh-CN': '`battle` 的三个 Pod 在 60 秒内就绪。' },
  quiet: { en: 'No container of `battle` restarts.', 'zh-CN': '`battle` 的容器不重启。' },
  restarts: { en: 'A process that hangs is restarted within 60 s.', 'zh-CN': '挂起的进程在 60 秒内被重启。' },
}

const halfEvidence: RepairEvidence = {
  problems: [{ file: 'deployment.yaml', line: 25, column: 19, message: 'The probe asks port 8081, and no container port has this number.', severity: 'warning' }],
  goals: [
    { id: 'ready', run: 'main', points: 2, verdict: 'met', at: 7300, says: says.ready, because: { en: '3 of 3 were ready at 7.3 s.', 'zh-CN': '7.3 秒时 3 个全部就绪。' } },
    { id: 'quiet', run: 'main', points: 1, verdict: 'missed', at: 15_500, says: says.quiet, because: { en: 'The liveness probe failed three times in a row and `app` was killed.', 'zh-CN': '存活探针连续失败三次，`app` 被终止。' } },
    { id: 'restarts', run: 'main', points: 1, verdict: 'undecided', at: 0, says: says.restarts, because: { en: 'The answer depends on `hostPID`, which is not modelled.', 'zh-CN': '结果取决于未建模的 `hostPID`。' } },
  ],
  constraints: [{ id: 'K4', broken: true, because: { en: 'The startup probe was removed.', 'zh-CN': '启动探针被删除。' }, path: 'spec.template.spec.containers[0].startupProbe' }],
  runs: [{ run: 'main', before: timeline(false), after: timeline(true), notes: [{ text: 'spec.template.spec.hostPID is not modelled.' }] }],
}

const evidence = [
  { command: 'kubectl get pods -n game', at: '90 s', output: `NAME                     READY   STATUS             RESTARTS      AGE\n${pods.map((pod) => `${pod}   0/1     CrashLoopBackOff   2 (34s ago)   90s`).join('\n')}\n` },
  { command: `kubectl describe pod ${pods[0]} -n game`, at: '90 s', output: 'Events:\n  Type     Reason     Age                From               Message\n  ----     ------     ----               ----               -------\n  Normal   Scheduled  90s                default-scheduler  Successfully assigned game/battle-6f8c5d7b9-2xk4v to node-1\n  Warning  Unhealthy  65s (x6 over 85s)  kubelet            Liveness probe failed: Get "http://10.244.1.7:8081/livez": dial tcp 10.244.1.7:8081: connect: connection refused\n' },
]

export const sampleRepair = {
  type: 'fix-manifest',
  title: { en: 'Ready for nobody', 'zh-CN': '谁也等不到就绪' },
  prompt: { en: 'Players cannot join a battle. Nothing was deployed but a new probe. Make all three pods ready, and keep a check that finds a hung process.', 'zh-CN': '玩家无法进入战斗。最近只新增了探针。请让三个 Pod 全部就绪，并保留能发现进程挂起的检查。' },
  view: { files: [{ path: 'deployment.yaml', original, text: original.replace('port: 8081', 'port: http') }], given: [{ path: 'platform.yaml', text: service }], evidence },
  answer: { 'deployment.yaml': original.replace('port: 8081', 'port: http') },
  review: {
    files: [{ path: 'deployment.yaml', original, text: original.replace('port: 8081', 'port: http') }],
    repairs: [{ name: 'named-port', files: [{ path: 'deployment.yaml', text: repaired }] }, { name: 'number', files: [{ path: 'deployment.yaml', text: original.replaceAll('8081', '8080') }] }],
    evidence: halfEvidence,
  },
  grade: { score: 0.5, parts: [], evidence: halfEvidence },
}
