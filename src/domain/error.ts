/** Every reason for which the domain refuses a command. Codes are part of the API: they never change their meaning. */
export type DomainErrorCode =
  | 'invalid' // a field has an impossible value
  | 'forbidden' // the person may not do this
  | 'not_found' // there is none, or the person may not know that there is one
  | 'conflict' // the state of the thing does not allow it
  | 'roles_missing' // publishing without the columns that the product type needs
  | 'not_a_table' // the product type needs a table, and the main file is none
  | 'gone' // purged for good

/**
 * A refusal that a person can act on. `fields` names what to change, per field of the request, in the form that the Python
 * client prints.
 */
export class DomainError extends Error {
  constructor(
    readonly code: DomainErrorCode,
    message: string,
    readonly fields: Readonly<Record<string, string | readonly string[]>> | null = null,
  ) {
    super(message)
    this.name = 'DomainError'
  }
}

/** One field is wrong. `asList` because the reference server gives some messages as lists, and clients show them as they come. */
export function invalidField(field: string, message: string, asList = false): DomainError {
  return new DomainError('invalid', `${field}: ${message}`, { [field]: asList ? [message] : message })
}

export const forbidden = (message = 'You do not have permission to perform this action.'): DomainError =>
  new DomainError('forbidden', message)

/** The same words whether a thing does not exist or is hidden. */
export const notFound = (): DomainError => new DomainError('not_found', 'Not found.')

/** What was purged does not come back. */
export const destroyed = (): DomainError =>
  new DomainError('gone', 'The files of this product were destroyed for good.')
