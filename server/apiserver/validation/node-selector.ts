/** Node selectors of volumes and pods (core:ValidateNodeSelector). */
import { dns1123Subdomain, labelValue, qualifiedName } from '../../k8s/names.ts'
import type { Fields } from '../../k8s/object.ts'
import { forbidden, invalid, invalidEach, required, type FieldError, type Path } from '../field.ts'

/** A selector needs at least one term. */
export function nodeSelectorErrors(selector: Fields, path: Path): FieldError[] {
  const terms: Fields[] = selector.nodeSelectorTerms ?? []
  const at = path.child('nodeSelectorTerms')
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')]
  return terms.flatMap((term, index) => nodeSelectorTermErrors(term, at.index(index)))
}

/** One term. A preference may have bad label values: it then just never counts. */
export function nodeSelectorTermErrors(term: Fields, path: Path, isPreference = false): FieldError[] {
  const expressions: Fields[] = term.matchExpressions ?? []
  const fields: Fields[] = term.matchFields ?? []
  return [
    ...expressions.flatMap((requirement, index) => expressionErrors(requirement, path.child('matchExpressions').index(index), isPreference)),
    ...fields.flatMap((requirement, index) => fieldErrors(requirement, path.child('matchFields').index(index))),
  ]
}

function expressionErrors(requirement: Fields, path: Path, isPreference: boolean): FieldError[] {
  const errors: FieldError[] = []
  const values: string[] = requirement.values ?? []
  const operator: string = requirement.operator ?? ''
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbidden(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(required(path.child('values'), "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'))
  errors.push(...invalidEach(path.child('key'), requirement.key ?? '', qualifiedName(requirement.key ?? '')))
  if (!isPreference) values.forEach((value, index) => errors.push(...invalidEach(path.child('values').index(index), value, labelValue(value))))
  return errors
}

/** Of a node's fields only metadata.name can be selected. */
function fieldErrors(requirement: Fields, path: Path): FieldError[] {
  const errors: FieldError[] = []
  const values: string[] = requirement.values ?? []
  const operator: string = requirement.operator ?? ''
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) errors.push(required(path.child('values'), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'))
  if (requirement.key !== 'metadata.name') errors.push(invalid(path.child('key'), requirement.key ?? '', 'not a valid field selector key'))
  else values.forEach((value, index) => errors.push(...invalidEach(path.child('values').index(index), value, dns1123Subdomain(value))))
  return errors
}
