/** Why a match cannot be made. `code` is stable; the message says what to do. */
export class SkyError extends Error {
  constructor(
    readonly code:
      | 'too_many_pairs'
      | 'bad_radius'
      | 'bad_coordinates'
      | 'bad_index'
      | 'bad_order'
      | 'bad_request'
      | 'no_memory'
      | 'no_workers',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'SkyError'
  }
}

/** More pairs lie within the radius than may be kept. */
export class TooManyPairs extends SkyError {
  constructor(
    readonly limit: number,
    readonly radiusArcsec: number,
  ) {
    super(
      'too_many_pairs',
      `More than ${limit.toLocaleString('en')} pairs lie within ${radiusArcsec} arcsec. Use a smaller radius, keep only ` +
        'the nearest rows, remove rows that share a placeholder position (0, 0), or raise the limit of pairs.',
    )
    this.name = 'TooManyPairs'
  }
}
