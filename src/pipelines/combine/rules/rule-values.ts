import { quoted } from '../../names.ts'

/** Values of `z_flag_homogenized`: 0 none, 1 < 70 %, 2 70-90 %, 3 90-99 %, 4 > 99 % sure, 6 a star. */
export const HOMOGENIZED_FLAGS: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 6])
/** Values of `instrument_type_homogenized`: spectroscopic, grism, photometric. */
export const HOMOGENIZED_TYPES: ReadonlySet<string> = new Set(['s', 'g', 'p'])

/** What may stand on either side of a rule. */
export interface RuleValues<T> {
  /** The value that a key of a direct map means; null when it means none. */
  key(text: string): T | null
  /** A result; undefined when it is not allowed. */
  result(value: unknown): T | null | undefined
  readonly keys: string
  readonly results: string
}

/** Of `z_flag_translation`. */
export const FLAG_VALUES: RuleValues<number> = {
  key(text) {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    return Number.isNaN(value) ? null : value
  },
  result(value) {
    const flag = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    return typeof flag === 'number' && HOMOGENIZED_FLAGS.has(flag) ? flag : undefined
  },
  keys: 'numbers (values of z_flag)',
  results: `${[...HOMOGENIZED_FLAGS].join(', ')} or null`,
}

/** Of `instrument_type_translation`. */
export const TYPE_VALUES: RuleValues<string> = {
  key: (text) => text.trim().toLowerCase(),
  result(value) {
    if (typeof value !== 'string') return undefined
    const type = value.trim().toLowerCase()
    if (type === '' || type === 'none') return null
    return HOMOGENIZED_TYPES.has(type) ? type : undefined
  },
  keys: 'values of instrument_type',
  results: `${quoted(HOMOGENIZED_TYPES)} or null`,
}
