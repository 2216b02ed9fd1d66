import { describe, expect, it } from 'vitest'
import { documentationFrom, kindToExplain, runKubectl } from '../../../server/cluster/kubectl/index.ts'
import { loadDocumentation } from '../../../server/k8s/schemas/documentation.ts'
import { schemasOf } from '../../../server/k8s/schemas/schema.ts'
import { stillCluster } from './still-cluster.ts'

async function explain(line: string): Promise<{ stdout: string; stderr: string }> {
  const wanted = kindToExplain(line)
  const texts = wanted && (await loadDocumentation(wanted.apiVersion, wanted.kind))
  return runKubectl(stillCluster([]), line, { namespace: 'game' }, { documentation: documentationFrom(schemasOf('1.36'), () => texts) })
}

describe('explain', () => {
  it('describes a kind and its fields', async () => {
    const { stdout } = await explain('kubectl explain deploy')
    expect(stdout).toMatch(/^GROUP: {6}apps\nKIND: {7}Deployment\nVERSION: {4}v1\n\nDESCRIPTION:\n {4}Deployment enables declarative updates/)
    expect(stdout).toMatch(/\n {2}spec\t<DeploymentSpec>\n {4}DeploymentSpec is the specification of the desired behavior/)
  })

  it('follows a path through lists, wraps text at 80 columns', async () => {
    const { stdout } = await explain('kubectl explain pod.spec.containers.livenessProbe.httpGet.port')
    expect(stdout).toMatch(/^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: port <IntOrString>\n\nDESCRIPTION:\n/)
    const { stdout: containers } = await explain('k explain po.spec.containers')
    expect(containers).toContain('FIELD: containers <[]Container>')
    expect(Math.max(...containers.split('\n').filter((line) => line.includes(' ') && !line.includes('http')).map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('lists nested fields with --recursive', async () => expect((await explain('kubectl explain cm --recursive')).stdout).toMatch(/\n {2}metadata\t<ObjectMeta>\n {4}annotations\t<map\[string\]string>\n/))

  it('refuses what is not there', async () => {
    expect((await explain('kubectl explain pod.spec.container')).stderr).toBe('error: field "container" does not exist\n')
    expect((await explain('kubectl explain foo')).stderr).toBe('error: the server doesn\'t have a resource type "foo"\n')
    expect(kindToExplain('kubectl get pods')).toBeUndefined()
  })
})
