/** Rules for metadata.name that several kinds share (apimachinery/pkg/api/validation/generic.go). */
import { dns1123Label, dns1123Subdomain, pathSegment } from '../k8s/names.ts'

/** Checks a name; `isPrefix` is true for `generateName`. Returns the messages of what is wrong. */
export type NameRule = (name: string, isPrefix: boolean) => string[]

/** A prefix may end in a dash, because five characters follow it. */
export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

/** NameIsDNSSubdomain: the rule of most kinds. */
export const subdomainName: NameRule = (name, isPrefix) => dns1123Subdomain(isPrefix ? maskTrailingDash(name) : name)

/** NameIsDNSLabel. */
export const labelName: NameRule = (name, isPrefix) => dns1123Label(isPrefix ? maskTrailingDash(name) : name)

/** ValidatePathSegmentName: anything a URL path can carry, as for Roles. */
export const pathSegmentName: NameRule = (name, isPrefix) => pathSegment(name, isPrefix)
