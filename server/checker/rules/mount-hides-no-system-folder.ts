import { containersOf, podOf } from '../pods.ts'
import { list } from '../references.ts'
import { defineRule } from '../rule.ts'
import { deployment } from '../samples.ts'

const pod = (path: string, rest = ''): string => deployment('web', `containers: [{ name: app, image: "web:1", volumeMounts: [{ name: config, mountPath: ${path}${rest} }] }]\nvolumes: [{ name: config, configMap: { name: web } }]`)
const folders = ['/', '/bin', '/sbin', '/lib', '/lib64', '/usr', '/usr/bin', '/usr/sbin', '/usr/lib', '/etc']

export default defineRule({
  id: 'mount-hides-no-system-folder',
  category: 'configuration',
  severity: 'warning',
  title: { en: 'A volume is not mounted over a folder that the image needs', 'zh-CN': '卷不会盖住镜像所需的目录' },
  why: { en: 'A mount hides all files that the image has at this path: programs, libraries, certificates and the list of users are gone, and the container often does not even start.', 'zh-CN': '挂载会遮住镜像在该路径下的所有文件：程序、动态库、证书、用户列表都不见了，容器往往根本启动不了。' },
  fix: { en: 'Mount into a folder of your own, or a single file with `subPath`.', 'zh-CN': '挂载到专用的子目录，或者用 `subPath` 只挂载单个文件。' },
  links: ['https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath'],
  kinds: ['workloads'],
  mentions: ['volumeMounts'],
  *check(object) {
    const part = podOf(object)!
    const given = new Map(list(part.spec.volumes).map((volume) => [volume.name as string, volume]))
    for (const { container, list: containers, path } of containersOf(object)) {
      if (containers === 'initContainers') continue
      for (const [index, mount] of list(container.volumeMounts).entries()) {
        const place = String(mount.mountPath ?? '').replace(/(.)\/+$/, '$1')
        const volume = given.get(mount.name as string)
        if (!folders.includes(place) || mount.subPath || mount.subPathExpr || !(volume?.configMap || volume?.secret || volume?.projected || volume?.downwardAPI)) continue
        yield { at: [...path, 'volumeMounts', index, 'mountPath'], message: { en: `Volume "${mount.name}" replaces everything in ${place} of container "${container.name}".`, 'zh-CN': `卷 "${mount.name}" 会替换容器 "${container.name}" 中 ${place} 下的全部内容。` } }
      }
    }
  },
  examples: { good: [pod('/etc/web'), pod('/etc', ', subPath: web.conf')], bad: [{ yaml: pod('/etc'), expect: ['spec.template.spec.containers[0].volumeMounts[0].mountPath'] }] },
})
