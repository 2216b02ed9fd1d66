/** How the files of a fix-manifest folder belong together. */
import { compareText } from '../../k8s/object.ts'
import type { Files } from '../question-type.ts'

/** The files below `folder/`, by the path inside it, sorted. */
export function filesIn(files: Files, folder: string): Record<string, string> {
  const prefix = `${folder}/`
  return Object.fromEntries(Object.keys(files).filter((path) => path.startsWith(prefix)).sort(compareText).map((path) => [path.slice(prefix.length), files[path]!]))
}

/** `repairs/<name>/a.yaml` → name → whole answer, with the files it leaves as they are. */
export function variantsIn(files: Files, folder: 'repairs' | 'near-misses'): { name: string; answer: Record<string, string>; own: string[] }[] {
  const own = filesIn(files, folder)
  const names = [...new Set(Object.keys(own).filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/'))))].sort(compareText)
  return names.map((name) => {
    const changed = filesIn(files, `${folder}/${name}`)
    return { name, answer: { ...filesIn(files, 'broken'), ...changed }, own: Object.keys(changed) }
  })
}
