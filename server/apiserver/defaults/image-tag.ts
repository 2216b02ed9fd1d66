/** The tag of an image reference, for the default pull policy (pkg/util/parsers:ParseImageName, distribution/reference). */

const alphanumeric = '[a-z0-9]+'
const component = `${alphanumeric}(?:(?:\\.|_|__|-+)${alphanumeric})*`
const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}'
const reference = new RegExp(`^(?:${domain}/)?${component}(?:/${component})*(?::(\\w[\\w.-]{0,127}))?(?:@(${digest}))?$`)
const bareIdentifier = /^[a-f0-9]{64}$/

/** Whether the kubelet would always pull this image by default: its tag is `latest`, or it names neither tag nor digest. A reference that can't be parsed is not. */
export function isLatestTag(image: string): boolean {
  if (image.length > 4096 || bareIdentifier.test(image)) return false
  const found = reference.exec(image)
  if (!found) return false
  return found[1] === undefined ? found[2] === undefined : found[1] === 'latest'
}
