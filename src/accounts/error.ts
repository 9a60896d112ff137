/** Something about an account that a person can put right. `fields` has one message per field of the form. */
export class AccountError extends Error {
  constructor(
    readonly code: 'invalid' | 'conflict' | 'not_found',
    message: string,
    readonly fields: Readonly<Record<string, string>> | null = null,
  ) {
    super(message)
    this.name = 'AccountError'
  }
}

export const invalid = (field: string, message: string): AccountError =>
  new AccountError('invalid', `${field}: ${message}`, { [field]: message })
