import type { Fields } from '../../k8s/object.ts'
import { namespaceOf, nearestName, type Inventory } from '../inventory.ts'
import { listed, setTo } from '../naming.ts'
import { containersOf, podOf } from '../pods.ts'
import { keysOf, list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { configMap, deployment, file } from '../samples.ts'

const pod = (subPath: string, source = 'configMap: { name: web }'): string => `containers: [{ name: app, image: "web:1", volumeMounts: [{ name: config, mountPath: /etc/web.conf, subPath: ${subPath} }] }]\nvolumes: [{ name: config, ${source} }]`

/** The files of one ConfigMap or Secret in a volume; undefined when nobody can tell from here. */
function filesOf(kind: 'ConfigMap' | 'Secret', source: Fields, nameField: string, namespace: string, all: Inventory): string[] | undefined {
  const items = list(source.items)
  if (items.length > 0) return items.map((item) => item.path as string)
  const found = all.find(kind, namespace, source[nameField] as string)
  return found && keysOf(found)
}

/** The files of a volume whose contents the manifests tell. */
function filesIn(volume: Fields, namespace: string, all: Inventory): string[] | undefined {
  if (volume.configMap) return filesOf('ConfigMap', volume.configMap as Fields, 'name', namespace, all)
  if (volume.secret) return filesOf('Secret', volume.secret as Fields, 'secretName', namespace, all)
  if (!volume.projected) return undefined
  const parts = list(volume.projected.sources).map((source) => {
    if (source.configMap) return filesOf('ConfigMap', source.configMap as Fields, 'name', namespace, all)
    if (source.secret) return filesOf('Secret', source.secret as Fields, 'name', namespace, all)
    if (source.downwardAPI) return list(source.downwardAPI.items).map((item) => item.path as string)
    return typeof source.serviceAccountToken?.path === 'string' ? [source.serviceAccountToken.path as string] : undefined
  })
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}

export default defineRule({
  id: 'mounted-subpath-exists',
  category: 'references',
  severity: 'error',
  title: { en: 'A subPath of a ConfigMap or Secret volume is one of its files', 'zh-CN': 'ConfigMap 或 Secret 卷的 subPath 是其中的文件' },
  why: { en: 'For a subPath that is not there the kubelet makes a folder. The process then finds a folder where it expects its file, or the runtime refuses to mount a folder over a file of the image.', 'zh-CN': 'subPath 不存在时，kubelet 会创建一个目录。进程在应该是文件的位置看到目录，或者运行时拒绝把目录挂载到镜像里的文件上。' },
  fix: { en: 'Use a key of the object, or the `path` that `items` gives to it.', 'zh-CN': '使用对象中的键；如果写了 `items`，就用其中的 `path`。' },
  links: ['https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath'],
  kinds: ['workloads'],
  mentions: ['subPath'],
  *check(object, all) {
    const volumes = list(podOf(object)?.spec.volumes)
    if (volumes.length === 0) return
    for (const { container, path } of containersOf(object)) {
      for (const [index, mount] of list(container.volumeMounts).entries()) {
        const subPath = mount.subPath as string | undefined
        const volume = subPath ? volumes.find(({ name }) => name === mount.name) : undefined
        const files = volume && filesIn(volume, namespaceOf(object), all)
        if (!subPath || !files || files.some((known) => known === subPath || known.startsWith(`${subPath.replace(/\/+$/, '')}/`))) continue
        const at = [...path, 'volumeMounts', index, 'subPath']
        const near = nearestName(subPath, files) ?? (files.length === 1 ? files[0] : undefined)
        const names = listed(files)
        yield { at, ...(near ? { change: setTo(at, near) } : {}), message: { en: `Container "${container.name}" mounts "${subPath}" of volume "${mount.name}", which holds ${names.en}.`, 'zh-CN': `容器 "${container.name}" 挂载卷 "${mount.name}" 中的 "${subPath}"，而卷里只有 ${names['zh-CN']}。` } }
      }
    }
  },
  examples: {
    good: [file(configMap('web', 'nginx.conf: a'), deployment('web', pod('nginx.conf'))), deployment('web', pod('nginx.conf')), file(configMap('web', 'main: a'), deployment('web', pod('nginx.conf', 'configMap: { name: web, items: [{ key: main, path: nginx.conf }] }'))), deployment('web', pod('any', 'emptyDir: {}'))],
    bad: [
      { yaml: file(configMap('web', 'nginx.conf: a'), deployment('web', pod('nginx.cnf'))), expect: ['spec.template.spec.containers[0].volumeMounts[0].subPath'] },
      { yaml: deployment('web', pod('main', 'configMap: { name: web, items: [{ key: main, path: nginx.conf }] }')), expect: ['spec.template.spec.containers[0].volumeMounts[0].subPath'] },
    ],
  },
})
