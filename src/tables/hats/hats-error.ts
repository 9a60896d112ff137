/** Why a HATS catalog cannot be read or written. `code` is stable; the message says what to do. */
export class HatsError extends Error {
  constructor(
    readonly code: 'not_hats' | 'malformed' | 'outside' | 'missing_partition',
    message: string,
  ) {
    super(message)
    this.name = 'HatsError'
  }
}
