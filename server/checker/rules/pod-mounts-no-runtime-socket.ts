import type { Fields } from '../../k8s/object.ts'
import { podOf } from '../pods.ts'
import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'

const sockets = ['/run/docker.sock', '/run/containerd/containerd.sock', '/run/crio/crio.sock', '/run/cri-dockerd.sock', '/run/dockershim.sock', '/run/k3s/containerd/containerd.sock']

export default defineRule({
  id: 'pod-mounts-no-runtime-socket',
  category: 'pod-security',
  severity: 'warning',
  title: { en: 'A Pod does not hold the socket of the container runtime', 'zh-CN': 'Pod 不持有容器运行时的 socket' },
  why: {
    en: 'Whoever can write to the socket of Docker, containerd or CRI-O starts privileged containers at will: it is root on the node, without any trace in the API.',
    'zh-CN': '能写 Docker、containerd 或 CRI-O 的 socket，就能随意启动特权容器：等同于节点 root，而且在 API 里不留痕迹。',
  },
  fix: {
    en: 'Build images with a tool that needs no daemon; read container data from the kubelet.',
    'zh-CN': '用不依赖守护进程的工具构建镜像；需要容器数据时，从 kubelet 的 API 读取。',
  },
  links: ['https://kubernetes.io/docs/concepts/storage/volumes/#hostpath'],
  kinds: ['workloads'],
  mentions: ['hostPath'],
  *check(subject) {
    const pod = podOf(subject)
    for (const [index, volume] of ((pod?.spec['volumes'] ?? []) as Fields[]).entries()) {
      const hostPath = String(volume['hostPath']?.path ?? '').replace(/\/+$/, '')
      if (!sockets.includes(hostPath.replace(/^\/var\/run\//, '/run/'))) continue
      yield { at: [...pod!.path, 'spec', 'volumes', index, 'hostPath', 'path'], message: { en: `${hostPath} is the socket of the container runtime.`, 'zh-CN': `${hostPath} 是容器运行时的 socket。` } }
    }
  },
  examples: {
    good: [
      running('', 'volumes: [{ name: logs, hostPath: { path: /var/log } }]'),
    ],
    bad: [
      { yaml: running('', 'volumes: [{ name: docker, hostPath: { path: /var/run/docker.sock } }]'), expect: ['spec.template.spec.volumes[0].hostPath.path'] },
    ],
  },
})
