/** What a verdict shows as its grounds when it rests on a look rather than on one fact. */
import { expect, it } from 'vitest'
import { deploymentOf, judge } from '../support/exercise.ts'

const evidenceOf = (container: Record<string, unknown>): string[] => judge({ objects: [deploymentOf(container)], goal: { ready: { workload: 'deployment/login', within: '60s' } } }).goal.evidence.map(({ kind, text }) => `${kind} ${text}`)

it('a workload that did not become ready: the last warning of each reason about its pods, and how they stood', () => {
  const evidence = evidenceOf({ readinessProbe: { httpGet: { path: '/nowhere', port: 8080 } } })
  expect(evidence).toContain('event Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404')
  expect(evidence).toContain('container-state running')
  expect(evidence).toHaveLength(6)
})

it('one that is ready: how its pods stood, without the chatter of their events', () => {
  expect(evidenceOf({}).filter((line) => line.startsWith('event Normal Pull'))).toEqual([])
})
