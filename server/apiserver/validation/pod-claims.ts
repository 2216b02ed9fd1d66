/** A pod's device claims (core/validation.go: validatePodResourceClaims). */
import { dns1123Label, dns1123Subdomain } from '../../k8s/names.ts'
import type { Fields } from '../../k8s/object.ts'
import type { FieldError, Path } from '../field.ts'
import { duplicate, invalid, invalidEach, required } from '../field.ts'

export function validateResourceClaims(claims: readonly Fields[], list: Path, errors: FieldError[]): void {
  const names = new Set<string>()
  claims.forEach((claim, index) => {
    const at = list.index(index)
    const name = (claim.name ?? '') as string
    const { resourceClaimName, resourceClaimTemplateName } = claim as Record<string, string | undefined>
    if (name === '') errors.push(required(at.child('name')))
    else if (names.has(name)) errors.push(duplicate(at.child('name'), name))
    else {
      errors.push(...invalidEach(at.child('name'), name, dns1123Label(name)))
      names.add(name)
    }
    const printed = { Name: name, ResourceClaimName: resourceClaimName ?? null, ResourceClaimTemplateName: resourceClaimTemplateName ?? null }
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) errors.push(invalid(at, printed, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) errors.push(invalid(at, printed, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    for (const [field, value] of [['resourceClaimName', resourceClaimName], ['resourceClaimTemplateName', resourceClaimTemplateName]] as const) {
      if (value !== undefined) errors.push(...invalidEach(at.child(field), value, dns1123Subdomain(value)))
    }
  })
}
