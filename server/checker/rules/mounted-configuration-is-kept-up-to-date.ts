import { containersOf, podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const pod = (rest: string): string => `containers: [{ name: app, image: "web:1", volumeMounts: [{ name: config, mountPath: /etc/web${rest} }] }]\nvolumes: [{ name: config, configMap: { name: web } }]`

export default defineRule({
  id: 'mounted-configuration-is-kept-up-to-date',
  category: 'configuration',
  severity: 'hint',
  title: { en: 'A ConfigMap or Secret is mounted as a folder, so that changes arrive', 'zh-CN': 'ConfigMap 或 Secret 以目录方式挂载，更新才能生效' },
  why: { en: 'The kubelet renews the files of a mounted ConfigMap within about a minute, but a file mounted by subPath stays as it was when the container started.', 'zh-CN': '挂载的 ConfigMap 更新后，kubelet 大约一分钟内会刷新文件；而用 subPath 挂载的单个文件会一直停留在容器启动时的内容。' },
  fix: { en: 'Mount the whole volume into a folder of its own, or restart the Pods after each change.', 'zh-CN': '把整个卷挂载到独立的目录，或者每次修改后重启 Pod。' },
  links: ['https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#mounted-configmaps-are-updated-automatically'],
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Pod'],
  mentions: ['subPath', 'subPathExpr'],
  *check(object) {
    const volumes = list(podOf(object)?.spec.volumes)
    if (volumes.length === 0) return
    for (const { container, list: part, path } of containersOf(object)) {
      if (part === 'initContainers' && container.restartPolicy !== 'Always') continue
      for (const [index, mount] of list(container.volumeMounts).entries()) {
        const volume = mount.subPath || mount.subPathExpr ? volumes.find(({ name }) => name === mount.name) : undefined
        const kind = volume?.configMap ? 'ConfigMap' : volume?.secret ? 'Secret' : undefined
        if (kind) yield { at: [...path, 'volumeMounts', index, mount.subPath ? 'subPath' : 'subPathExpr'], message: { en: `Container "${container.name}" keeps this file of the ${kind} as it is at its start; later changes do not reach it.`, 'zh-CN': `容器 "${container.name}" 看到的始终是启动时的 ${kind} 文件，之后的修改不会传到这里。` } }
      }
    }
  },
  examples: { good: [deployment('web', pod('')), deployment('web', 'containers: [{ name: app, image: "web:1", volumeMounts: [{ name: data, mountPath: /data, subPath: a }] }]\nvolumes: [{ name: data, emptyDir: {} }]')], bad: [{ yaml: deployment('web', pod(', subPath: web.conf')), expect: ['spec.template.spec.containers[0].volumeMounts[0].subPath'] }] },
})
