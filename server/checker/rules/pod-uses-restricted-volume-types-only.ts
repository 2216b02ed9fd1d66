import { defineRule } from '../rule.ts'
import { running } from '../samples.ts'
import { brokenFields, securityStandards } from '../security.ts'

export default defineRule({
  id: 'pod-uses-restricted-volume-types-only',
  category: 'pod-security',
  severity: 'hint',
  optional: true,
  title: { en: 'A Pod uses only the volume types of the level restricted', 'zh-CN': 'Pod 只使用 restricted 级别允许的卷类型' },
  why: {
    en: 'A volume that names its storage directly, such as nfs or hostPath, goes around the administrator, who decides with PersistentVolumes who may use what.',
    'zh-CN': '像 nfs、hostPath 这样直接指向存储的卷绕过了管理员；谁能用什么存储，本应由 PersistentVolume 决定。',
  },
  fix: {
    en: 'Use configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected or secret.',
    'zh-CN': '使用 configMap、csi、downwardAPI、emptyDir、ephemeral、image、persistentVolumeClaim、projected 或 secret。',
  },
  links: [securityStandards],
  kinds: ['workloads'],
  check: (subject) => brokenFields(subject, 'restrictedVolumes', () => ({ en: `This type of volume is not among those that restricted allows.`, 'zh-CN': `restricted 不允许这种类型的卷。` })),
  examples: {
    good: [running('', 'volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }, { name: tmp, emptyDir: {} }]')],
    bad: [
      { yaml: running('', 'volumes: [{ name: maps, nfs: { server: nfs.example, path: /maps } }]'), expect: ['spec.template.spec.volumes[0].nfs'] },
    ],
  },
})
